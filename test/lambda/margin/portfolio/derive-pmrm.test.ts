import { describe, expect, it } from 'vitest';
import { bookFigures } from '../../../../lambda/margin/assess/assess.ts';
import { approximately } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { randomStream } from '../../../../local/analysis/random.ts';
import { type AccountRows, bookOf, type MarketRows, NOW, snapshotOf } from '../build.ts';
import {
  type PmrmBook,
  type PmrmCoin,
  type PmrmExpiry,
  type PmrmParameters,
  type PmrmScenario,
  pmrm,
} from './derive-pmrm.ts';

const BOOKS = Number(process.env.DERIVE_BOOKS ?? 2000);

type Random = ReturnType<typeof randomStream>;

/** To so many places, so that both readings see the same digits. */
const number = (random: Random, low: number, high: number, places = 4): number =>
  Number((low + (high - low) * random.uniform()).toFixed(places));

const chance = (random: Random, share: number): boolean => random.uniform() < share;

function parametersFor(random: Random): PmrmParameters {
  const some = (low: number, high: number) => number(random, low, high);
  const up = some(1.01, 1.2);
  const moves = [some(1.05, 1.3), up, some(1.001, 1.05), 1, some(0.9, 0.99), some(0.7, 0.9)];
  const grid = [...new Set(moves)].flatMap((spot) =>
    (['up', 'none', 'down'] as const).map((vol): PmrmScenario => ({ spot, vol, weight: 1 })),
  );
  const tails = [some(0.2, 0.65), some(1.4, 2), some(2.5, 6)].map((spot): PmrmScenario => {
    return { spot, vol: 'up', weight: chance(random, 0.2) ? some(1, 5) : some(0, 0.5) };
  });
  const mmFactor = some(0.5, 1);
  return {
    scenarios: [
      ...grid,
      ...tails,
      { spot: 1, vol: 'linear', weight: chance(random, 0.2) ? some(1, 5) : 1 },
      { spot: some(0.8, 1.25), vol: 'absolute', weight: 1 },
    ],
    ...{
      volUp: some(0, 1),
      volDown: some(0, 0.8),
      shortPower: some(0, 0.6),
      longPower: some(0, 0.3),
    },
    ...{ floorDays: some(0.5, 3), volFloor: some(0, 0.6) },
    rateFloor: chance(random, 0.5) ? 0 : Number.NEGATIVE_INFINITY,
    skew: {
      ...{ linearCap: some(0.5, chance(random, 0.2) ? 3 : 0.8), linearPerRoot: some(-0.3, 0.3) },
      ...{ absoluteCap: some(0.5, 1.5), absolutePerRoot: some(-0.3, 0.3) },
      ...{
        minimum: chance(random, 0.1) ? 0 : some(0.005, 0.1),
        width: some(0, 5),
        vol: some(0.2, 1),
        volPerRoot: some(-1, 0.5),
      },
    },
    long: { base: some(0.8, 1), mult: some(0, 2), add: some(0, 0.2) },
    short: { base: some(0.98, 1.1), mult: some(0, 2), add: some(0, 0.2) },
    basis: { up: some(1.01, 1.1), down: some(0.9, 0.99), add: some(0, 1.5), mult: some(0, 3) },
    ...{ imFactor: mmFactor + some(-0.3, 0.5), mmFactor },
    peg: { threshold: 0.99, factor: some(0, 4) },
    perpetual: { mm: some(0, 0.04), im: some(0, 0.02) },
    option: { mm: some(0, 0.005), im: some(0, 0.005) },
    confidence: { threshold: 0.55, factor: some(0, 1) },
  };
}

const SPOT = 60_000;

function expiryFor(random: Random, days: number): PmrmExpiry {
  const isExpired = days < 0;
  const seconds = isExpired ? 0 : Math.round(days * 86_400);
  const forward = number(random, 0.95, 1.05) * SPOT;
  const isFixing = seconds < 1800;
  const fixed = isExpired ? forward : isFixing ? number(random, 0, forward, 2) : 0;
  const strikes = [0.7, 0.9, 1, 1.1, 1.4].map((share) => share * SPOT);
  const options = strikes.flatMap((strike) =>
    [true, false].flatMap((isCall) =>
      chance(random, 0.35)
        ? [{ isCall, strike, vol: number(random, 0.3, 1.2), amount: number(random, -5, 5, 2) }]
        : [],
    ),
  );
  return {
    ...{ seconds, fixed, variable: forward - fixed },
    rate: isExpired ? 0 : number(random, -0.05, 0.2),
    score: isExpired ? 1 : number(random, 0.3, 1),
    options: options.filter(({ amount }) => amount !== 0),
  };
}

const DAYS = [-1, 0.01, 0.6, 7, 29.9, 60, 300];

function bookFor(random: Random): PmrmBook {
  const coin = (share: number, isRiskCancelling: boolean): PmrmCoin[] =>
    chance(random, share)
      ? [
          {
            value: number(random, 0, 200_000, 2),
            isRiskCancelling,
            ...{ mmHaircut: number(random, 0, 0.4), imHaircut: number(random, 0, 0.3) },
            score: number(random, 0.3, 1),
          },
        ]
      : [];
  const hasPerpetual = chance(random, 0.5);
  return {
    cash: number(random, -50_000, 200_000, 2),
    spot: SPOT,
    spotScore: chance(random, 0.7) ? 1 : number(random, 0.3, 1),
    stable: chance(random, 0.5) ? 1 : number(random, 0.93, 1),
    perpetual: {
      amount: hasPerpetual ? number(random, -5, 5, 2) : 0,
      ...{ price: number(random, 0.98, 1.02) * SPOT, profit: 0, score: number(random, 0.3, 1) },
    },
    expiries: DAYS.filter(() => chance(random, 0.5))
      .map((days) => expiryFor(random, days))
      .filter(({ options }) => options.length > 0),
    coins: [...coin(0.4, true), ...coin(0.3, true), ...coin(0.3, false)],
  };
}

const discountRow = ({ base, mult, add }: PmrmParameters['long']): RawRow => ({
  ...{ base: `${base}`, rateMultiplier: `${mult}`, add: `${add}`, rateFloor: '0' },
});

function scenarioRow({ spot, vol, weight }: PmrmScenario, { skew }: PmrmParameters): RawRow {
  const row = { priceMultiplier: `${spot}`, weight: `${weight}` };
  if (vol !== 'linear' && vol !== 'absolute') return { ...row, vol };
  const isLinear = vol === 'linear';
  return {
    ...row,
    skew: {
      of: isLinear ? 'signed' : 'absolute',
      cap: `${isLinear ? skew.linearCap : skew.absoluteCap}`,
      capPerRootYear: `${isLinear ? skew.linearPerRoot : skew.absolutePerRoot}`,
      flatAt: {
        ...{ minimum: `${skew.minimum}`, width: `${skew.width}` },
        ...{ volatility: `${skew.vol}`, volatilityPerRootYear: `${skew.volPerRoot}` },
      },
    },
  };
}

function riskRow(parameters: PmrmParameters): RawRow {
  const { basis, peg, perpetual, option, confidence } = parameters;
  const both = ({ mm, im }: { mm: number; im: number }) => ({
    ...{ initial: (mm + im).toFixed(4), maintenance: `${mm}` },
  });
  const charge = { threshold: `${confidence.threshold}`, factor: `${confidence.factor}` };
  return {
    volatility: '0.6',
    ...(parameters.rateFloor === 0 ? { rateFloor: '0' } : {}),
    portfolio: {
      scenarios: parameters.scenarios.map((scenario) => scenarioRow(scenario, parameters)),
      volShock: {
        ...{ up: `${parameters.volUp}`, down: `${parameters.volDown}` },
        ...{ power: `${parameters.shortPower}`, longPower: `${parameters.longPower}` },
        ...{ floorDays: `${parameters.floorDays}`, minimum: `${parameters.volFloor}` },
      },
      initialFactor: parameters.imFactor.toFixed(4),
      maintenanceFactor: `${parameters.mmFactor}`,
      depegFactor: { feed: 'USDC-USD', threshold: `${peg.threshold}`, factor: `${peg.factor}` },
      gainDiscount: discountRow(parameters.long),
      lossDiscount: discountRow(parameters.short),
      collateral: 'all',
      expiredOptions: 'scanned',
      perpetualCharge: { ...both(perpetual), on: 'index' },
      nakedShortCharge: both(option),
      expiryCharges: [
        {
          scenarios: [basis.up, basis.down].map((spot) => ({ priceMultiplier: `${spot}` })),
          ...{ base: `${basis.add}`, perYear: `${basis.mult}`, as: 'loss' },
        },
      ],
    },
    confidenceCharges: [
      { of: 'perpetuals', on: 'index', ...charge },
      { of: 'options', scores: 'expiryAndPerpetuals', ...charge },
      { of: 'collateral', scoreFeed: 'BTC-USD', ...charge },
    ],
  };
}

/** The coins' names in the order of the book; the third does not cancel risk. */
function coinRows(
  book: PmrmBook,
): Pick<MarketRows, 'assets' | 'quotes'> & Pick<AccountRows, 'balances'> {
  const assets: Record<string, RawRow> = {};
  const quotes: Record<string, RawRow> = {};
  const balances: RawRow[] = [];
  for (const [index, coin] of book.coins.entries()) {
    const name = `COIN${index}`;
    assets[name] = {
      ...{ feed: `${name}-USD`, riskClass: 'BTC' },
      ...(coin.isRiskCancelling ? { hedges: 'BTC-USD' } : { riskCancelling: false }),
      collateralWeight: (1 - coin.mmHaircut).toFixed(4),
      initialCollateralWeight: (1 - coin.mmHaircut - coin.imHaircut).toFixed(4),
    };
    quotes[`${name}-USD#a`] = { price: '50000', confidenceScore: `${coin.score}` };
    balances.push({ asset: name, amount: (coin.value / 50_000).toFixed(12) });
  }
  return { assets, quotes, balances };
}

type Listed = Required<Pick<MarketRows, 'instruments' | 'quotes'>> & {
  readonly positions: readonly RawRow[];
};

const COMMON = { underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' };

function perpetualRows({ perpetual: { amount, price, score } }: PmrmBook): Listed {
  const position = { instrument: 'PERP', quantity: `${amount}`, entryPrice: `${price}` };
  return {
    instruments: { PERP: { type: 'perpetual', markFeed: 'PERP', ...COMMON } },
    quotes: { 'PERP#a': { price: `${price}`, confidenceScore: `${score}` } },
    positions: amount === 0 ? [] : [position],
  };
}

/** The rate is quoted with the forward, or it is of the instrument. */
function expiryRows(expiry: PmrmExpiry, index: number): Listed {
  const { seconds, fixed, variable, rate, score, options } = expiry;
  const feed = `F${index}`;
  const isQuoted = index % 2 === 0;
  const forward = { price: `${fixed + variable}`, confidenceScore: `${score}` };
  const terms =
    seconds === 0
      ? { expiresAt: String(NOW - 1), settlementFeed: feed }
      : {
          ...{ expiresAt: String(NOW + seconds * 1000), forwardFeed: feed },
          ...(isQuoted ? {} : { rate: `${rate}` }),
          ...(fixed > 0 ? { fixedForward: `${fixed}` } : {}),
        };
  const named = options.map((option, place) => [`O${index}-${place}`, option] as const);
  return {
    instruments: Object.fromEntries(
      named.map(([name, { isCall, strike }]) => [
        name,
        {
          ...{ type: 'option', ...COMMON, markFeed: name, ...terms },
          ...{ optionType: isCall ? 'call' : 'put', strike: `${strike}` },
        },
      ]),
    ),
    quotes: {
      [`${feed}#a`]: isQuoted ? { ...forward, interestRate: `${rate}` } : forward,
      ...Object.fromEntries(
        named.map(([name, { vol }]) => [
          `${name}#a`,
          { impliedVolatility: `${vol}`, confidenceScore: `${Math.max(score, 0.9)}` },
        ]),
      ),
    },
    positions: named.map(([instrument, { amount }]) => {
      return { instrument, quantity: `${amount}`, entryPrice: '1' };
    }),
  };
}

function rowsOf(
  book: PmrmBook,
  parameters: PmrmParameters,
): { market: MarketRows; account: AccountRows } {
  const coins = coinRows(book);
  const listed = [perpetualRows(book), ...book.expiries.map(expiryRows)];
  return {
    market: {
      ...(coins.assets ? { assets: coins.assets } : {}),
      instruments: Object.assign({}, ...listed.map(({ instruments }) => instruments)),
      quotes: Object.assign({}, coins.quotes, ...listed.map(({ quotes }) => quotes), {
        'BTC-USD#a': { price: `${book.spot}`, confidenceScore: `${book.spotScore}` },
        'USDC-USD#a': { price: `${book.stable}` },
      }),
      risk: { BTC: riskRow(parameters) },
    },
    account: {
      profile: { marginModel: 'portfolio' },
      balances: [{ asset: 'USD', amount: `${book.cash}` }, ...(coins.balances ?? [])],
      positions: listed.flatMap(({ positions }) => positions),
    },
  };
}

/** An option is paid for when it is bought, so its value counts, and a perpetual begins at its price. */
function coreFigures(book: PmrmBook, parameters: PmrmParameters): { im: number; mm: number } {
  const { market, account } = rowsOf(book, parameters);
  const snapshot = snapshotOf(market);
  const { marginBalance, initialRequirement, maintenanceRequirement } = bookFigures(
    bookOf(account, snapshot),
    snapshot.policy,
  );
  const balance = approximately(marginBalance.point);
  return {
    im: balance - approximately(initialRequirement),
    mm: balance - approximately(maintenanceRequirement),
  };
}

describe('the second portfolio model of Derive', () => {
  it(`is what an independent reading of it gives, on ${BOOKS} random books`, {
    timeout: 600_000,
  }, () => {
    let furthest = 0;
    for (let index = 0; index < BOOKS; index++) {
      const random = randomStream(index, 'derive-pmrm');
      const parameters = parametersFor(random);
      const book = bookFor(random);
      const [expected, found] = [pmrm(book, parameters), coreFigures(book, parameters)];
      for (const kind of ['im', 'mm'] as const) {
        const off = Math.abs(found[kind] - expected[kind]) / Math.max(1, Math.abs(expected[kind]));
        if (off > 1e-9) expect({ index, kind, ...found }).toEqual({ index, kind, ...expected });
        furthest = Math.max(furthest, off);
      }
    }
    expect(furthest).toBeLessThan(1e-9);
  });
});
