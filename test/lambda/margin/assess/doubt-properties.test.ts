/**
 * Random books on prices in doubt, against the same books at each price that may be true. The price
 * by itself is then certain, so that only its doubt is tried.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess, type BookFigures, bookFigures } from '../../../../lambda/margin/assess/assess.ts';
import type { Bound, Range } from '../../../../lambda/margin/curve/figure.ts';
import type { FeedState } from '../../../../lambda/margin/curve/risk-factor.ts';
import {
  type Amount,
  isNegative,
  type Ratio,
  ratio,
  subtract,
  textOf,
  times,
} from '../../../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { bookOf, crossOf, type MarketRows, NOW, snapshotOf } from '../build.ts';
import { anyBook, type Kind, type RandomBook } from '../random-book.ts';

type Doubted = 'none' | 'stale' | 'suspect' | 'first-print';

interface DoubtfulBook extends RandomBook {
  /** The market before anything was in doubt. */
  readonly sound: MarketRows;
}

const HOURS = 3_600_000;

/** Puts feeds in doubt: one entry a feed, in the order of the quotes. */
function inDoubt(book: RandomBook, doubts: readonly Doubted[], jump: number): DoubtfulBook {
  const quotes = Object.entries(book.market.quotes ?? {});
  const fresh = Object.fromEntries(
    quotes.map(([id, row]) => [id, { ...row, publishedAt: String(NOW) }]),
  );
  const previousPrices: Record<string, string | null> = {};
  const doubtful = quotes.map(([id, row], index): [string, RawRow] => {
    const [feed = ''] = id.split('#');
    const doubt = doubts[index % doubts.length];
    const known = { ...row, publishedAt: String(NOW) };
    previousPrices[feed] = String(row.price);
    if (doubt === 'stale') return [id, { ...known, publishedAt: String(NOW - 2 * HOURS) }];
    if (doubt === 'suspect') return [id, { ...known, price: String(Number(row.price) * jump) }];
    if (doubt === 'first-print') previousPrices[feed] = null;
    return [id, known];
  });
  const market = { ...book.market, quotes: Object.fromEntries(doubtful), previousPrices };
  return { account: book.account, market, sound: { ...book.market, quotes: fresh } };
}

const doubtfulBook = (kind: Kind = {}) =>
  fc
    .record({
      book: anyBook({ shares: [-60, 160], ...kind }),
      doubts: fc.array(
        fc.constantFrom<Doubted>('none', 'none', 'stale', 'suspect', 'first-print'),
        { minLength: 6, maxLength: 6 },
      ),
      jump: fc.constantFrom(0.1, 0.6, 0.75, 1.4, 10),
    })
    .map(({ book, doubts, jump }) => inDoubt(book, doubts, jump))
    .filter(({ market }) => feedsInDoubt(snapshotOf(market)).length > 0);

const feedsInDoubt = ({ feeds }: Snapshot): FeedState[] =>
  [...feeds.values()].filter(({ price }) => price.ok && price.value.doubt !== undefined);

/** Prices of a doubt: its ends, and shares of the way between. */
function pricesOf({ price }: FeedState, share: number): string {
  if (!price.ok || price.value.doubt === undefined) throw new Error('no doubt');
  const { from, to } = price.value.doubt;
  const way = times(subtract(to, from), ratio(share.toFixed(6)));
  return textOf(times(price.value.price, ratio(textOf(addRatio(from, way)))));
}

const addRatio = (left: Ratio, right: Ratio): Ratio => ratio(sumText(left, right));
const sumText = (left: Ratio, right: Ratio): string =>
  String(Number(textOf(left)) + Number(textOf(right)));

/** The figures where the feeds in doubt have these prices, and no uncertainty. */
function figuresAt({ sound, account, market }: DoubtfulBook, shares: readonly number[]) {
  const doubtful = snapshotOf(market);
  const states = feedsInDoubt(doubtful);
  const moved = Object.fromEntries(
    states.map((state, index) => [
      `${state.feed}#a`,
      {
        ...sound.quotes?.[`${state.feed}#a`],
        price: pricesOf(state, shares[index % shares.length] ?? 0),
      },
    ]),
  );
  const quotes = { ...sound.quotes, ...moved };
  const snapshot = snapshotOf({
    ...sound,
    quotes,
    policy: { ...sound.policy, uncertainty: 'none' },
  });
  return bookFigures(bookOf(account, snapshot), snapshot.policy);
}

const TOLERANCE = 1e-6;
const number = (bound: Bound): number => Number(textOf(bound as Amount));

function expectWithin(range: Range, point: Amount, what: string): void {
  const slack = TOLERANCE * Math.max(1, Math.abs(number(point)));
  if (range.least !== 'unbounded') {
    expect(number(range.least), `${what}: least`).toBeLessThanOrEqual(number(point) + slack);
  }
  if (range.most !== 'unbounded') {
    expect(number(range.most), `${what}: most`).toBeGreaterThanOrEqual(number(point) - slack);
  }
}

const shares = fc.array(fc.constantFrom(0, 1, 0.1, 0.37, 0.5, 0.81, 0.99), {
  minLength: 6,
  maxLength: 6,
});

const RUNS = Number(process.env.DOUBT_RUNS ?? 300);

describe('A book on prices in doubt', () => {
  const everyFigure = (check: (figures: BookFigures) => readonly [string, Range][]) => check;
  const ranges = everyFigure(({ equity, marginBalance, surplus }) => [
    ['equity', equity],
    ['margin balance', marginBalance],
    ['surplus over the liquidation line', surplus.liquidation],
    ['surplus over the call line', surplus.call],
    ['surplus over the restore line', surplus.restore],
  ]);

  it('has every figure that may be true between least and most', () => {
    fc.assert(
      fc.property(doubtfulBook(), shares, (book, at) => {
        const snapshot = snapshotOf(book.market);
        const inDoubtNow = bookFigures(bookOf(book.account, snapshot), snapshot.policy);
        const known = figuresAt(book, at);
        const allKnown = ranges(known);
        for (const [index, [what, range]] of ranges(inDoubtNow).entries()) {
          expectWithin(range, (allKnown[index]?.[1] as Range).point, what);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('has ends in order: low ≤ least ≤ point ≤ most ≤ high', () => {
    fc.assert(
      fc.property(doubtfulBook(), ({ account, market }) => {
        const snapshot = snapshotOf(market);
        const figures = bookFigures(bookOf(account, snapshot), snapshot.policy);
        for (const [what, { low, least, point, most, high }] of ranges(figures)) {
          const ends = [
            low === 'unbounded' ? Number.NEGATIVE_INFINITY : number(low),
            least === 'unbounded' ? Number.NEGATIVE_INFINITY : number(least),
            number(point),
            most === 'unbounded' ? Number.POSITIVE_INFINITY : number(most),
            high === 'unbounded' ? Number.POSITIVE_INFINITY : number(high),
          ];
          expect(
            ends.toSorted((a, b) => a - b),
            what,
          ).toEqual(ends);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('has a verdict that no price of its doubt contradicts', () => {
    fc.assert(
      fc.property(doubtfulBook(), shares, (book, at) => {
        const snapshot = snapshotOf(book.market);
        const outcome = assess(crossOf(book.account), snapshot);
        const { surplus } = figuresAt(book, at);
        if (outcome.certainty === 'indeterminate') return;
        if (outcome.level === 'healthy') expect(number(surplus.call.point)).toBeGreaterThan(-1e-6);
        if (outcome.level === 'liquidation' || outcome.level === 'deficit') {
          expect(isNegative(surplus.liquidation.point)).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
