/**
 * Random markets and accounts: three risk factors with their own weights, schedules, shocks and
 * ages, each held as collateral or loan, as a perpetual, and as a second perpetual with its own
 * mark. Numbers have few digits, so that sums of products are exact.
 */
import fc from 'fast-check';
import {
  add,
  ratio,
  roundUp,
  subtract,
  textOf,
  times,
} from '../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { type AccountRows, assessed, bounded, type MarketRows, NOW, snapshotOf } from './build.ts';

export interface RandomBook {
  readonly market: MarketRows;
  readonly account: AccountRows;
}

export interface Kind {
  readonly isFlat?: boolean;
  readonly isFilled?: boolean;
  /** The position of the account between the lines, in hundredths: from and to. */
  readonly shares?: readonly [from: number, to: number];
}

const HOUR_MS = 3_600_000;
const HELD = ['BTC', 'ETH', 'SOL'] as const;
/** A price, and the decimal places that make the last digit of a quantity worth about 10. */
const SCALES = { BTC: ['60000.5', 4], ETH: ['3000', 3], SOL: ['0.25', -1] } as const;

const whole = (min: number, max: number) => fc.integer({ min, max });
const scaled = (min: number, max: number, places: number) =>
  whole(min, max).map((digits) => `${digits}e${-places}`);
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });

const rates = fc.record({
  maintenance: whole(1, 8),
  above: whole(0, 6),
  furtherAbove: whole(0, 10),
  initial: whole(0, 5),
  floors: fc.tuple(whole(1, 200), whole(1, 400)),
});

const marginOf = (isFlat: boolean) =>
  rates.map(({ maintenance, above, furtherAbove, initial, floors: [first, second] }): RawRow => {
    const tier = (floor: number, rate: number) => ({
      floor: `${floor}e3`,
      initial: `${rate + initial}e-2`,
      maintenance: `${rate}e-2`,
    });
    const { floor: _, ...flat } = tier(0, maintenance);
    if (isFlat) return { type: 'flat', ...flat };
    const tiers = [
      tier(0, maintenance),
      tier(first, maintenance + above),
      tier(first + second, maintenance + above + furtherAbove),
    ];
    return { type: 'tiered', tiers };
  });

const riskOf = (isFlat: boolean) =>
  fc.record({
    margin: marginOf(isFlat),
    volatility: scaled(1, 20, 1),
    jumpFloor: scaled(0, 80, 3),
    // Above every shock, so that buffers of all sizes occur.
    shockMax: fc.constant('1'),
    liquidity: fc.record({ fee: scaled(0, 20, 4), slippage: scaled(0, 300, 4) }),
    radiusScale: fc.constantFrom('0.5', '1', '1.7', '3'),
    oracle: fc.record({ deviation: fc.constantFrom('0', '0.001', '0.02') }),
  });

const quoteOf = (name: (typeof HELD)[number]) =>
  fc.record({
    price: fc.constant(SCALES[name][0]),
    ageMs: whole(0, 200_000),
    confidence: fc.constantFrom('0', '0.0005', '0.01'),
    fundingRatePerHour: scaled(-30, 30, 5),
  });

const quantityOf = (name: (typeof HELD)[number]) => scaled(-30_000, 30_000, SCALES[name][1]);

const positionOf = (name: (typeof HELD)[number], isFilled: boolean) => {
  const open = isFilled ? fc.constant('0') : fc.constantFrom('0', '0', '0', '1', '40');
  return fc.record({
    quantity: quantityOf(name),
    entryPrice: fc.constant(SCALES[name][0]),
    openBuyQuantity: open,
    openSellQuantity: open,
    hours: whole(0, 8),
  });
};

const factorOf = (name: (typeof HELD)[number], { isFlat = false, isFilled = false }: Kind) =>
  fc.record({
    risk: riskOf(isFlat),
    weights: fc.tuple(scaled(50, 100, 2), scaled(100, 150, 2), scaled(0, 9, 4)),
    spot: quoteOf(name),
    mark: quoteOf(name),
    balance: sometimes(fc.record({ amount: quantityOf(name), hours: whole(0, 8) })),
    perpetual: sometimes(positionOf(name, isFilled)),
    marked: sometimes(positionOf(name, isFilled)),
  });

type Factor = (ReturnType<typeof factorOf> extends fc.Arbitrary<infer F> ? F : never) & {
  readonly name: string;
};

const since = (hours: number) => String(NOW - hours * HOUR_MS);

function quoteRow({ ageMs, confidence, ...quote }: Factor['spot']): RawRow {
  const halfWidth = Number(quote.price) * Number(confidence);
  return { ...quote, confidence: halfWidth.toFixed(6), publishedAt: String(NOW - ageMs) };
}

function positionRow(instrument: string, position: Factor['perpetual']): RawRow[] {
  if (position === undefined) return [];
  const { hours, ...row } = position;
  return [{ instrument, ...row, fundingSettledAt: since(hours) }];
}

function balanceRow(asset: string, balance: Factor['balance']): RawRow[] {
  if (balance === undefined) return [];
  return [{ asset, amount: balance.amount, interestSettledAt: since(balance.hours) }];
}

function marketOf(factors: readonly Factor[], policy: RawRow): MarketRows {
  const byId = (rows: (factor: Factor) => readonly (readonly [string, RawRow])[]) =>
    Object.fromEntries(factors.flatMap(rows));
  return {
    policy,
    risk: byId(({ name, risk }) => [[name, risk]]),
    assets: byId(({ name, weights: [collateralWeight, liabilityWeight, borrowRatePerHour] }) => [
      [name, { feed: `${name}-USD`, collateralWeight, liabilityWeight, borrowRatePerHour }],
    ]),
    instruments: byId(({ name }) => {
      const terms = { underlying: `${name}-USD`, settlementAsset: 'USD', riskClass: name };
      return [
        [`${name}-PERP`, { type: 'perpetual', ...terms }],
        [`${name}-MARKED`, { type: 'perpetual', ...terms, markFeed: `${name}-MARK` }],
      ];
    }),
    quotes: byId(({ name, spot, mark }) => [
      [`${name}-USD#a`, quoteRow(spot)],
      [`${name}-MARK#a`, quoteRow(mark)],
    ]),
  };
}

const accountOf = (factors: readonly Factor[], cash: string): AccountRows => ({
  balances: [
    { asset: 'USD', amount: cash },
    ...factors.flatMap(({ name, balance }) => balanceRow(name, balance)),
  ],
  positions: factors.flatMap(({ name, perpetual, marked }) => [
    ...positionRow(`${name}-PERP`, perpetual),
    ...positionRow(`${name}-MARKED`, marked),
  ]),
});

/**
 * The same account with exactly the cash that puts its surplus over the liquidation line at a share
 * of the distance between the lines: 0 is at the liquidation line, 1 beyond the restore line.
 */
function atShare({ market, account }: RandomBook, share: string): RandomBook {
  const { surplus, lines, latencyBuffer } = assessed(account, snapshotOf(market));
  const { low, point, high } = surplus.liquidation;
  const reach = add(add(lines.restore, latencyBuffer), subtract(bounded(high), bounded(low)));
  const missing = subtract(times(reach, ratio(share)), point);
  const balances = (account.balances ?? []).map((row) =>
    row.asset === 'USD' ? { ...row, amount: textOf(roundUp(missing, 2)) } : row,
  );
  return { market, account: { ...account, balances } };
}

export const anyBook = (kind: Kind = {}): fc.Arbitrary<RandomBook> =>
  fc
    .record({
      factors: fc.tuple(
        ...HELD.map((name) => factorOf(name, kind).map((factor) => ({ name, ...factor }))),
      ),
      count: whole(1, 3),
      share: scaled(...(kind.shares ?? [-100, 100]), 2),
      policy: fc.record({
        latencyBuffer: fc.constantFrom('standard', 'none'),
        uncertainty: fc.constantFrom('standard', 'none'),
        jointShockWeight: fc.constantFrom('0', '0', '0.3', '1'),
        liquidationMultiplier: fc.constantFrom('1', '1.2'),
        callMultiplier: fc.constantFrom('1.2', '1.5'),
        liquidationTargetMultiplier: fc.constantFrom('1.5', '1.8'),
        executionSeconds: fc.constantFrom('0', '30'),
      }),
    })
    .map(({ factors, count, share, policy }) => {
      const held = factors.slice(0, count);
      return atShare({ market: marketOf(held, policy), account: accountOf(held, '0') }, share);
    });
