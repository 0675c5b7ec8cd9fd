/** A portfolio scan whose options have stale quotes, against the same scan at volatilities that may be true. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess, type BookFigures, bookFigures } from '../../../../lambda/margin/assess/assess.ts';
import type { Bound, Range } from '../../../../lambda/margin/curve/figure.ts';
import { type Amount, textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { crossOf, NOW, snapshotOf } from '../build.ts';
import {
  type AccountOf,
  BY_EXPIRY,
  bookIn,
  GRID,
  marketOf,
  nameOf,
  type OptionOf,
  SPOT,
} from './build.ts';

const VOLATILITY = 0.6;
const OPTIONS: OptionOf[] = [2, 30].flatMap((days) =>
  [54_000, 66_000].flatMap((strike) =>
    (['call', 'put'] as const).map(
      (type): OptionOf => ({ type, strike, days, volatility: String(VOLATILITY) }),
    ),
  ),
);
const HOUR = 3_600_000;
/** An hour old, so that k is `staleRange` itself: 2. */
const STALE = String(NOW - HOUR);
const POLICY = { uncertainty: 'none' };

type Book = AccountOf['held'];

/** Every second option has a quote that may be relied on. */
const isStale = (index: number): boolean => index % 2 === 0;

function quotesAt(volatilities: readonly number[], publishedAt: (index: number) => string) {
  const quotes = OPTIONS.map((option, index) => [
    `${nameOf(option)}#venue`,
    {
      impliedVolatility: (volatilities[index] ?? VOLATILITY).toFixed(6),
      publishedAt: publishedAt(index),
    },
  ]);
  return Object.fromEntries(quotes);
}

function figuresIn(
  held: Book,
  { portfolio, quotes }: { portfolio: typeof GRID; quotes: ReturnType<typeof quotesAt> },
): BookFigures {
  const market = marketOf(OPTIONS, { portfolio, policy: POLICY, more: { quotes } });
  const snapshot = snapshotOf(market);
  const book = bookIn(snapshot, { balances: { USD: '30000', BTC: '0.2' }, held });
  return bookFigures(book, snapshot.policy);
}

const inDoubt = (held: Book, portfolio: typeof GRID): BookFigures => {
  const quotes = quotesAt([], (index) => (isStale(index) ? STALE : String(NOW)));
  return figuresIn(held, { portfolio, quotes });
};

const known = (held: Book, portfolio: typeof GRID, volatilities: readonly number[]) => {
  const quotes = quotesAt(
    OPTIONS.map((_, index) =>
      isStale(index) ? (volatilities[index] ?? 1) * VOLATILITY : VOLATILITY,
    ),
    () => String(NOW),
  );
  return figuresIn(held, { portfolio, quotes });
};

const rangesOf = ({ equity, marginBalance, surplus }: BookFigures): [string, Range][] => [
  ['equity', equity],
  ['margin balance', marginBalance],
  ['surplus over the liquidation line', surplus.liquidation],
  ['surplus over the call line', surplus.call],
];

const number = (bound: Bound): number => {
  expect(bound).not.toBe('unbounded');
  return Number(textOf(bound as Amount));
};

function expectAround(doubtful: BookFigures, truth: BookFigures, slack = 1e-3): void {
  const points = rangesOf(truth).map(([, { point }]) => Number(textOf(point)));
  for (const [index, [what, { least, most }]] of rangesOf(doubtful).entries()) {
    const point = points[index] as number;
    expect(number(least), `${what}: least`).toBeLessThanOrEqual(point + slack);
    expect(number(most), `${what}: most`).toBeGreaterThanOrEqual(point - slack);
  }
}

const notionalOf = (book: Book): number =>
  book.reduce((sum, { quantity }) => sum + Math.abs(Number(quantity)) * SPOT, 0);

const held: fc.Arbitrary<Book> = fc.array(
  fc.record({
    instrument: fc.constantFrom(...OPTIONS.map(nameOf), 'BTC-PERP'),
    quantity: fc
      .integer({ min: -20, max: 20 })
      .filter((tenths) => tenths !== 0)
      .map((tenths) => `${tenths}e-1`),
  }),
  { minLength: 1, maxLength: 6 },
);

/** Multiples of the last known volatility: an hour old, it may have halved or doubled. */
const end = fc.constantFrom(0.5, 1, 2);
const RUNS = { numRuns: Number(process.env.DOUBT_RUNS ?? 40) };

describe.each([
  ['a grid', GRID],
  ['a scenario table with expiries', BY_EXPIRY],
])('A scan of %s with stale quotes', (_, portfolio) => {
  it('has every figure between least and most where all volatilities move alike', () => {
    const property = fc.property(held, end, (book, multiple) => {
      expectAround(
        inDoubt(book, portfolio),
        known(
          book,
          portfolio,
          OPTIONS.map(() => multiple),
        ),
      );
    });
    fc.assert(property, RUNS);
  });

  it('is off by at most 1 % of the notional where each volatility moves by itself', () => {
    const ends = fc.array(end, { minLength: OPTIONS.length, maxLength: OPTIONS.length });
    const property = fc.property(held, ends, (book, volatilities) => {
      const truth = known(book, portfolio, volatilities);
      expectAround(inDoubt(book, portfolio), truth, notionalOf(book) / 100);
    });
    fc.assert(property, RUNS);
  });

  it('says nothing of a doubt that does not change the verdict', () => {
    const account = (cash: string) => ({
      marginModel: 'portfolio',
      balances: [{ asset: 'USD', amount: cash }],
      positions: [{ instrument: nameOf(OPTIONS[4] as OptionOf), quantity: '-1', entryPrice: '1' }],
    });
    const outcomeOf = (cash: string, quotes: Record<string, RawRow>) =>
      assess(
        crossOf(account(cash)),
        snapshotOf(marketOf(OPTIONS, { portfolio, more: { quotes } })),
      );
    const stale = quotesAt([], () => STALE);
    expect(outcomeOf('200000', stale)).toMatchObject({ level: 'healthy', certainty: 'certain' });
    expect(outcomeOf('2000', stale)).toMatchObject({ level: 'deficit', certainty: 'certain' });
    expect(outcomeOf('22000', stale).certainty).toBe('indeterminate');
  });
});
