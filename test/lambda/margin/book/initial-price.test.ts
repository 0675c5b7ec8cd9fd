import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess } from '../../../../lambda/margin/assess/assess.ts';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import {
  type AccountRows,
  assessed,
  crossOf,
  fiveOf,
  type MarketRows,
  NOW,
  reasonsOf,
  snapshotOf,
  tableRowsOf,
} from '../build.ts';

const WEIGHTS = {
  collateralWeight: '0.9',
  initialCollateralWeight: '0.8',
  liabilityWeight: '1.1',
  initialLiabilityWeight: '1.2',
};

interface Given {
  readonly price?: string;
  readonly mean?: string;
  readonly asset?: RawRow;
  readonly meanAgeSeconds?: number;
  readonly policy?: RawRow;
}

const marketOf = ({
  price = '100',
  mean = '90',
  asset = {},
  meanAgeSeconds = 0,
  policy = {},
}: Given): MarketRows => ({
  policy,
  assets: { SOL: { feed: 'SOL-USD', initialPriceFeed: 'SOL-MEAN', ...WEIGHTS, ...asset } },
  quotes: {
    'SOL-USD#a': { price },
    'SOL-MEAN#a': { price: mean, publishedAt: String(NOW - 1000 * meanAgeSeconds) },
  },
});

const holding = (amount: string): AccountRows => ({
  balances: [
    { asset: 'USD', amount: '10000' },
    { asset: 'SOL', amount },
  ],
});

const figures = (amount: string, given: Given = {}) => {
  const found = assessed(holding(amount), snapshotOf(marketOf(given)));
  return [found.marginBalance.point, found.initialRequirement, found.maintenanceRequirement].map(
    textOf,
  );
};

describe('initially, of two prices', () => {
  it.each<[string, string, Given, string[]]>([
    /** 10·100·0.9 in the balance; initially 10·90·0.8 = 720. */
    ['a deposit counts at the lesser, the second', '10', {}, ['10900', '180', '0']],
    /** Initially 10·100·0.8 = 800. */
    ['a deposit counts at the lesser, the first', '10', { mean: '110' }, ['10900', '100', '0']],
    ['a deposit at equal prices', '10', { mean: '100' }, ['10900', '100', '0']],
    /** −10·100·1.1 in the balance; initially −10·110·1.2 = −1,320. */
    ['a loan counts at the greater, the second', '-10', { mean: '110' }, ['8900', '220', '0']],
    ['a loan counts at the greater, the first', '-10', {}, ['8900', '100', '0']],
  ])('%s', (_, amount, given, expected) => expect(figures(amount, given)).toEqual(expected));

  it('takes size-scaled weights', () => {
    // 1.1/(1 + 0.1·√100) = 0.55 in both: 5,500 in the balance, initially 100·90·0.55 = 4,950.
    expect(figures('100', { asset: { sizeScaling: '0.1' } })).toEqual(['15500', '550', '0']);
  });

  it('never requires less than one price alone, and the same where they agree', () => {
    const cents = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(cents, cents, fc.integer({ min: -500, max: 500 }), (one, other, units) => {
        const [price, mean] = [`${one}e-2`, `${other}e-2`];
        const initial = (given: Given) => Number(figures(String(units), given)[1]);
        const alone = initial({ price, asset: { initialPriceFeed: null } });
        expect(initial({ price, mean })).toBeGreaterThanOrEqual(alone);
        expect(initial({ price, mean: price })).toBe(alone);
      }),
      { numRuns: 60 },
    );
  });
});

const ordered = (amount: string, orders: RawRow, cash = '10000'): AccountRows => ({
  balances: [
    { asset: 'USD', amount: cash },
    { asset: 'SOL', amount, ...orders },
  ],
});

/** Beside 10,000. */
const countedInitially = (amount: string, orders: RawRow, given: Given) => {
  const found = assessed(ordered(amount, orders), snapshotOf(marketOf(given)));
  return Number(textOf(found.marginBalance.point)) - Number(textOf(found.initialRequirement)) - 1e4;
};

const buys = (openBuyQuantity: string) => ({ openBuyQuantity });
const sells = (openSellQuantity: string) => ({ openSellQuantity });

describe('open orders at two prices, initially', () => {
  it.each<[string, string, RawRow, number, number]>([
    /** (2·100 + 110)·0.8 − 110 = 138; (2·90 + 100)·0.8 − 100 = 124. */
    ['buys on a deposit', '2', buys('1'), 138, 124],
    /** 110·0.8 − 110; at a lower mean the price is the greater. */
    ['buys alone', '0', buys('1'), -22, -20],
    ['sells alone', '0', sells('1'), -22, -20],
    /** The deposit at the lesser, and no sell: 200·0.8 and 180·0.8. */
    ['sells within a deposit', '2', sells('1'), 160, 144],
    /** (100 − 220)·1.2 + 220 = 76; (90 − 200)·1.2 + 200 = 68. */
    ['sells beyond a deposit', '1', sells('2'), 76, 68],
    /** All is owed at the greater: −2·1.2. */
    ['buys within a loan', '-2', buys('1'), -264, -240],
    /** 3·110·0.8 − 5·110 = −286. */
    ['buys beyond a loan', '-2', buys('5'), -286, -260],
    /** −3·110·1.2 + 110 = −286. */
    ['sells on a loan', '-2', sells('1'), -286, -260],
    /** (1,000 − 1,100)·1.2 + 1,100 = 980 is more than the deposit alone. */
    ['sells of all of a deposit', '10', sells('10'), 800, 720],
    /** The lesser of (10·100 + 550)·0.8 − 550 = 690 and (1,000 − 1,320)·1.2 + 1,320 = 936. */
    ['both sides', '10', { ...buys('5'), ...sells('12') }, 690, 620],
  ])('%s', (_, amount, orders, atHigher, atLower) => {
    expect(countedInitially(amount, orders, { mean: '110' })).toBeCloseTo(atHigher, 9);
    expect(countedInitially(amount, orders, { mean: '90' })).toBeCloseTo(atLower, 9);
  });

  /** A reading of its own: each outcome by its value, weighed as what it is, with the size after it. */
  const outcome = (
    filled: number,
    of: { amount: number; price: number; mean: number; k: number },
  ) => {
    const { amount, price, mean, k } = of;
    const [lesser, greater] = [Math.min(price, mean), Math.max(price, mean)];
    const value = amount * (amount < 0 ? greater : lesser) + filled * greater;
    const root = k * Math.sqrt(Math.abs(amount + filled));
    const weight = value < 0 ? Math.max(1.2, 0.96 + root) : Math.min(0.8, 1.1 / (1 + root));
    return value * weight - filled * greater;
  };

  it('are the worse outcome of the two, by an independent reading', () => {
    const cents = fc.integer({ min: 5000, max: 20_000 });
    const [units, side] = [fc.integer({ min: -300, max: 300 }), fc.nat(300)];
    fc.assert(
      fc.property(cents, cents, units, side, side, fc.nat(50), (one, other, amount, b, s, k) => {
        const of = { amount, price: one / 100, mean: other / 100, k: k / 1000 };
        const given = {
          price: String(of.price),
          mean: String(of.mean),
          asset: { initialSizeScaling: String(of.k) },
        };
        const counted = countedInitially(
          String(amount),
          { ...buys(String(b)), ...sells(String(s)) },
          given,
        );
        expect(counted).toBeCloseTo(Math.min(outcome(b, of), outcome(-s, of)), 6);
      }),
      { numRuns: 300 },
    );
  });

  /** 33.77 to 239.87 as the mean: at most 5·239.87·0.2 is taken off for the buys, not 5·100·0.2. */
  it('lie within the range of a mean in doubt', () => {
    const given = { meanAgeSeconds: 7200 };
    const outcome = assess(crossOf(ordered('0', buys('5'))), snapshotOf(marketOf(given)));
    if (outcome.certainty === 'indeterminate') throw new Error('it is not');
    const [low, , point, , high] = fiveOf(outcome.surplus.restore).map(Number);
    expect(point).toBe(9900);
    expect(low).toBeLessThanOrEqual(10_000 - 90 * 2 ** Math.SQRT2);
    expect(high).toBeGreaterThanOrEqual(9900);
  });
});

describe('a second price in doubt', () => {
  /**
   * Two hours old, so that the mean lies between 90/2^√2 and 90·2^√2 (33.77 to 239.87): initially
   * between 10·33.77·0.8 and 10·100·0.8 count. Maintenance asks neither.
   */
  it('widens the initial surplus alone', () => {
    const given = { meanAgeSeconds: 7200 };
    const outcome = assess(crossOf(holding('10')), snapshotOf(marketOf(given)));
    if (outcome.certainty === 'indeterminate') throw new Error('it is not');
    const { call, restore, liquidation } = outcome.surplus;
    expect(fiveOf(call)).toEqual(Array.from({ length: 5 }, () => '10900'));
    expect(fiveOf(liquidation)).toEqual(Array.from({ length: 5 }, () => '10900'));
    const [low, least, point, most, high] = fiveOf(restore).map(Number);
    expect(point).toBe(10720);
    expect(least).toBeCloseTo(10000 + 8 * (90 / 2 ** Math.SQRT2), 3);
    expect(low).toBe(least);
    expect(most).toBeGreaterThanOrEqual(10800);
    expect(high).toBe(most);
  });

  /** Called at the initial requirement: it is below at some of the means, and not at others. */
  it('leaves an account open that only a call at the initial requirement could name', () => {
    const rows = marketOf({ meanAgeSeconds: 7200, policy: { callAt: 'initial' } });
    const account = {
      balances: [
        { asset: 'USD', amount: '-500' },
        { asset: 'SOL', amount: '10' },
      ],
    };
    expect(reasonsOf(account, snapshotOf(rows))).toEqual(['price-stale SOL-MEAN']);
  });

  it('is no more than a note of age for a liquidation', () => {
    const rows = marketOf({ meanAgeSeconds: 200 });
    const account = {
      balances: [
        { asset: 'USD', amount: '-2000' },
        { asset: 'SOL', amount: '10' },
      ],
    };
    expect(assessed(account, snapshotOf(rows)).level).toBe('deficit');
  });
});

it('a feed without a quote leaves the asset unknown', () => {
  const rows = marketOf({ asset: { initialPriceFeed: 'SOL-MEEN' } });
  expect(reasonsOf(holding('1'), snapshotOf(rows))).toEqual(['row-malformed SOL']);
});

it('a second price of an asset without a first is one line', () => {
  const { faults } = readMarket(tableRowsOf({ assets: { USD: { initialPriceFeed: 'X' } } }));
  expect(faults.map(({ detail }) => detail)).toEqual([
    'market asset/USD: initialPriceFeed needs feed',
  ]);
});
