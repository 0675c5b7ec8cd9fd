/**
 * The bounds of a requirement with every rule, against the requirement itself at other prices. A skew
 * keeps its moneyness of now at other prices, so that no row has one here.
 */
import { describe, expect, it } from 'vitest';
import { overMaintenance } from '../../../../lambda/margin/assess/formulas.ts';
import {
  approximately,
  asRatio,
  isNegative,
  ONE,
  textOf,
} from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { liquidationMultiples } from '../../../../local/analysis/liquidation-price.ts';
import { type RandomStream, randomStream } from '../../../../local/analysis/random.ts';
import { safeRadius } from '../../../../local/analysis/safe-radius.ts';
import { type AccountRows, assessed, bookOf, type MarketRows, NOW, snapshotOf } from '../build.ts';

const DAY_MS = 86_400_000;
const SPOT = 60_000;
const COMMON = { underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' };

const cells = ['1.15', '1.05', '1', '0.95', '0.85'].flatMap((priceMultiplier) =>
  ['up', 'none', 'down'].map((vol) => ({ priceMultiplier, vol })),
);

const RULES: RawRow = {
  scenarios: [
    ...cells,
    { priceMultiplier: '0.4', vol: 'up', weight: '0.2' },
    { priceMultiplier: '1.02', vol: 'up', weight: '3' },
  ],
  volShock: { up: '0.5', down: '0.3', power: '0.3', longPower: '0.13', minimum: '0.4' },
  maintenanceFactor: '0.8',
  gainDiscount: { base: '0.95', rateMultiplier: '1', add: '0.08', rateFloor: '0' },
  lossDiscount: { base: '1.02', rateMultiplier: '0.5', add: '0.08', rateFloor: '0' },
  perpetualCharge: { initial: '0.04', maintenance: '0.03', on: 'index' },
  nakedShortCharge: { initial: '0.005', maintenance: '0.003' },
  expiredOptions: 'scanned',
  expiryCharges: [
    {
      scenarios: [{ priceMultiplier: '0.955' }, { priceMultiplier: '1.045' }],
      ...{ base: '0.5', perYear: '2', as: 'loss' },
    },
  ],
};

const VARIANTS: readonly RawRow[] = [
  { ...RULES, collateral: 'all' },
  { ...RULES, collateral: 'hedge' },
  { ...RULES, collateral: 'all', deltaFloor: { net: '0.02', hedged: '0.01', as: 'charge' } },
  { ...RULES, collateral: 'all', deltaFloor: { net: '0.2', hedged: '0.1', as: 'floor' } },
  {
    ...RULES,
    collateral: 'hedge',
    minimum: {
      tiers: [
        { floor: '0', initial: '0.06', maintenance: '0.05' },
        { floor: '330000', initial: '0.3', maintenance: '0.2' },
      ],
      perContract: { initial: '50', maintenance: '40' },
      options: 'all',
    },
  },
  { ...RULES, collateral: 'all', lossesIn: 'coin' },
  {
    ...RULES,
    collateral: 'all',
    volShock: { unit: 'points', up: '0.3', down: '0.2', power: '0.3' },
  },
];

const optionRow = (index: number): RawRow => ({
  ...{ type: 'option', ...COMMON, optionType: index % 2 === 0 ? 'call' : 'put' },
  strike: String([50_000, 60_000, 70_000][index % 3]),
  expiresAt: String(NOW + ([0.01, 7, 60, 300][index % 4] ?? 0) * DAY_MS),
  ...{ markFeed: `O${index}`, rate: String([0.05, 0.1, -0.03, 0.12][index % 4]) },
  ...(index % 4 === 0 ? { fixedForwardShare: '0.5' } : {}),
});

function marketAt(
  portfolio: RawRow,
  of: { price: number; coin?: number; policy: RawRow },
): MarketRows {
  const { price, coin = 50_000, policy } = of;
  const indices = Array.from({ length: 12 }, (_, index) => index);
  const old = { expiresAt: String(NOW - DAY_MS), settlementFeed: 'DELIVERY', strike: '58000' };
  return {
    policy,
    assets: {
      BTC: { feed: 'BTC-USD', collateralWeight: '0.9' },
      LBTC: { feed: 'LBTC-USD', riskClass: 'BTC', hedges: 'BTC-USD', collateralWeight: '0.8' },
    },
    risk: { BTC: { volatility: '0.6', portfolio } },
    instruments: {
      PERP: { type: 'perpetual', ...COMMON },
      OLD: { type: 'option', ...COMMON, optionType: 'call', markFeed: 'OLD', ...old },
      ...Object.fromEntries(indices.map((index) => [`O${index}`, optionRow(index)])),
    },
    quotes: {
      'BTC-USD#a': { price: String(price), confidence: '400' },
      'LBTC-USD#a': { price: String(coin) },
      'DELIVERY#a': { price: '59000', publishedAt: String(NOW - DAY_MS) },
      ...Object.fromEntries(
        indices.map((index) => [`O${index}#a`, { impliedVolatility: `${0.5 + index / 50}` }]),
      ),
    },
  };
}

function accountOf(random: RandomStream): AccountRows {
  const quantity = () => (random.between(-3, 3) || 1).toFixed(2);
  const names = ['PERP', 'OLD', ...Array.from({ length: 12 }, (_, index) => `O${index}`)];
  const held = names.filter(() => random.uniform() < 0.5);
  return {
    profile: { marginModel: 'portfolio' },
    balances: [
      { asset: 'USD', amount: random.between(0, 300_000).toFixed(2) },
      ...(random.uniform() < 0.5 ? [{ asset: 'BTC', amount: quantity() }] : []),
      ...(random.uniform() < 0.5
        ? [{ asset: 'LBTC', amount: random.between(0, 3).toFixed(2) }]
        : []),
    ],
    positions: held.map((instrument) => {
      return { instrument, quantity: quantity(), entryPrice: '60000' };
    }),
  };
}

const EXACT = { latencyBuffer: 'none', uncertainty: 'none' };
const SHOCKED = { uncertainty: 'standard', confidenceMultiplier: '1' };
const UNSURE = { latencyBuffer: 'none', uncertainty: 'standard', confidenceMultiplier: '1' };

describe.each(VARIANTS.map((rules, index) => [index, rules] as const))('rules %i', (_, rules) => {
  const surplusAt = (account: AccountRows, price: number): number => {
    const snapshot = snapshotOf(marketAt(rules, { price, policy: EXACT }));
    return approximately(assessed(account, snapshot).surplus.liquidation.point);
  };

  it('bound the surplus at each price within the uncertainty', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = randomStream(seed, 'bounds');
      const account = accountOf(random);
      const unsure = snapshotOf(marketAt(rules, { price: SPOT, policy: UNSURE }));
      const { low, high } = assessed(account, unsure).surplus.liquidation;
      if (low === 'unbounded' || high === 'unbounded') throw new Error('there is a bound');
      for (const off of [-400, -250, -60, 0, 100, 399]) {
        const surplus = surplusAt(account, SPOT + off);
        expect(approximately(low)).toBeLessThanOrEqual(surplus + 1e-6);
        expect(approximately(high)).toBeGreaterThanOrEqual(surplus - 1e-6);
      }
    }
  });

  /** Between the ends of a wide doubt a minimum bends, and a delta floor turns. */
  it.each(['0.03', '0.25'])('bound it where the price may be off by %s', (deviation) => {
    const policy = { ...UNSURE, confidenceMultiplier: '0', deviation };
    const unsure = snapshotOf(marketAt(rules, { price: SPOT, policy }));
    for (let seed = 0; seed < 15; seed++) {
      const account = accountOf(randomStream(seed, 'wide'));
      const { low, high } = assessed(account, unsure).surplus.liquidation;
      if (low === 'unbounded' || high === 'unbounded') throw new Error('there is a bound');
      for (const share of [-1, -0.7, -0.45, -0.2, -0.05, 0.05, 0.2, 0.45, 0.7, 1]) {
        const surplus = surplusAt(account, SPOT * (1 + Number(deviation) * share));
        expect(approximately(low)).toBeLessThanOrEqual(surplus + 1e-6);
        expect(approximately(high)).toBeGreaterThanOrEqual(surplus - 1e-6);
      }
    }
  });

  const solventAt = (random: RandomStream) => {
    const account = accountOf(random);
    const snapshot = snapshotOf(marketAt(rules, { price: SPOT, policy: EXACT }));
    const { point } = assessed(account, snapshot).surplus.liquidation;
    return isNegative(point) ? undefined : { account, point, book: bookOf(account, snapshot) };
  };
  const solvent = Array.from({ length: 20 }, (_, seed) => solventAt(randomStream(seed, 'radius')));
  const cases = solvent.flatMap((each, seed) => (each === undefined ? [] : [{ seed, ...each }]));

  /** Coins with a price of their own move with the others in the safe radius. */
  it.each(cases)('are breached nowhere within the safe radius: $seed', ({ account, book }) => {
    const radius = Number(textOf(safeRadius(book, overMaintenance(ONE))));
    for (const share of [-1, -0.5, 0.3, 1]) {
      const move = Math.max(-1 + 1e-6, radius * share * 0.999_999);
      for (const coin of [-radius, radius]) {
        const at = { price: SPOT * (1 + move), coin: 50_000 * Math.max(1e-6, 1 + coin) };
        const moved = snapshotOf(marketAt(rules, { ...at, policy: EXACT }));
        const left = approximately(assessed(account, moved).surplus.liquidation.point);
        expect(left, `${radius}, ${move}`).toBeGreaterThan(-1e-6);
      }
    }
  });

  /** One price alone moves, is uncertain and is shocked: the low surplus, from exact surpluses. */
  it.each(solvent.map((_each, seed) => seed))(
    'leave a low surplus wherever the price is within the safe radius: %i',
    (seed) => {
      const random = randomStream(seed, 'shocked');
      const { balances = [], ...others } = accountOf(random);
      const account = { ...others, balances: balances.filter(({ asset }) => asset !== 'LBTC') };
      const book = bookOf(account, snapshotOf(marketAt(rules, { price: SPOT, policy: SHOCKED })));
      const radius = approximately(safeRadius(book, overMaintenance(ONE)));
      const curve = book.curves.find(({ factor }) => factor === 'BTC-USD');
      if (radius === 0 || curve === undefined) return;
      const [off, down, up] = [curve.uncertainty, curve.shockDown, curve.shockUp].map(
        approximately,
      );
      const least = (price: number, fall = 0, rise = 0) =>
        Math.min(surplusAt(account, price * (1 - fall)), surplusAt(account, price * (1 + rise)));
      for (const share of [-1, -0.7, -0.2, 0, 0.4, 0.9, 1]) {
        const price = SPOT * Math.max(1e-6, 1 + radius * share * 0.999_999);
        const low = least(price, off, off) + least(price, down, up) - surplusAt(account, price);
        expect(low, `${radius}, ${price}`).toBeGreaterThan(-1e-6);
      }
    },
  );

  it.each(cases)('are breached nowhere before the liquidation prices: $seed', (of) => {
    const { account, book, point } = of;
    const found = liquidationMultiples(book, point, overMaintenance(ONE)).find(
      ({ factor }) => factor === 'BTC-USD',
    );
    const { below = asRatio(0.01), above = asRatio(3) } = found ?? {};
    for (const share of [0.2, 0.7, 0.999]) {
      for (const end of [below, above]) {
        const price = SPOT * (1 + (approximately(end) - 1) * share);
        expect(surplusAt(account, price), `${price}`).toBeGreaterThan(-1e-6);
      }
    }
  });
});
