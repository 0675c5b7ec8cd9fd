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
    if (doubt === 'suspect') {
      // Its confidence is an amount: as a share of the price, it stays.
      const confidence = String(Number(row.confidence) * jump);
      return [id, { ...known, price: String(Number(row.price) * jump), confidence }];
    }
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

const RUNS = Number(process.env.DOUBT_RUNS ?? 40);
/** Per book. */
const PRICES = Number(process.env.DOUBT_PRICES ?? 2);
const runs = { numRuns: RUNS };

type Named = readonly [string, Range];

const rangesOf = ({ equity, marginBalance, surplus }: BookFigures): Named[] => [
  ['equity', equity],
  ['margin balance', marginBalance],
  ['surplus over the liquidation line', surplus.liquidation],
  ['surplus over the call line', surplus.call],
  ['surplus over the restore line', surplus.restore],
];

function expectAround(doubtful: BookFigures, known: BookFigures): void {
  const points = rangesOf(known).map(([, { point }]) => point);
  for (const [index, [what, range]] of rangesOf(doubtful).entries()) {
    expectWithin(range, points[index] as Amount, what);
  }
}

const lowEnd = (bound: Bound) => (bound === 'unbounded' ? Number.NEGATIVE_INFINITY : number(bound));
const highEnd = (bound: Bound) =>
  bound === 'unbounded' ? Number.POSITIVE_INFINITY : number(bound);

const endsOf = ({ low, least, point, most, high }: Range): number[] => [
  lowEnd(low),
  lowEnd(least),
  number(point),
  highEnd(most),
  highEnd(high),
];

const figuresIn = ({ account, market }: RandomBook): BookFigures => {
  const snapshot = snapshotOf(market);
  return bookFigures(bookOf(account, snapshot), snapshot.policy);
};

const verdictIn = ({ account, market }: RandomBook): string => {
  const outcome = assess(crossOf(account), snapshotOf(market));
  return outcome.certainty === 'indeterminate' ? 'indeterminate' : outcome.level;
};

describe('A book on prices in doubt', () => {
  it('has every figure that may be true between least and most', () => {
    const property = fc.property(doubtfulBook(), shares, (book, at) => {
      expectAround(figuresIn(book), figuresAt(book, at));
    });
    fc.assert(property, runs);
  });

  it('has ends in order: low ≤ least ≤ point ≤ most ≤ high', () => {
    const property = fc.property(doubtfulBook(), (book) => {
      for (const [what, range] of rangesOf(figuresIn(book))) {
        expect(
          endsOf(range).toSorted((left, right) => left - right),
          what,
        ).toEqual(endsOf(range));
      }
    });
    fc.assert(property, runs);
  });

  it('has a verdict that no price of its doubt contradicts', () => {
    const many = fc.array(shares, { minLength: PRICES, maxLength: PRICES });
    const seen = new Set<string>();
    const property = fc.property(doubtfulBook(), many, (book, all) => {
      const verdict = verdictIn(book);
      seen.add(verdict);
      for (const at of all) {
        const { surplus } = figuresAt(book, at);
        if (verdict === 'healthy') expect(number(surplus.call.point)).toBeGreaterThan(-1e-6);
        if (verdict === 'liquidation' || verdict === 'deficit') {
          expect(isNegative(surplus.liquidation.point)).toBe(true);
        }
      }
    });
    fc.assert(property, runs);
    expect([...seen]).toEqual(expect.arrayContaining(['healthy', 'call', 'liquidation']));
  });

  it('keeps its verdict or becomes indeterminate when a doubt widens', () => {
    const wider = fc.record({
      book: doubtfulBook(),
      staleRange: fc.constantFrom('2.5', '4', '10'),
    });
    const property = fc.property(wider, ({ book, staleRange }) => {
      const narrow = verdictIn(book);
      const policy = { ...book.market.policy, staleRange };
      const wide = verdictIn({ ...book, market: { ...book.market, policy } });
      expect(allowedWhenWider(narrow)).toContain(wide);
    });
    fc.assert(property, runs);
  });

  it('allows the verdict that the believed prices give when its doubt is gone', () => {
    const property = fc.property(doubtfulBook(), (book) => {
      const doubtful = verdictIn(book);
      const known = verdictIn({ account: book.account, market: book.sound });
      expect(allowedWithoutDoubt(doubtful)).toContain(known);
    });
    fc.assert(property, runs);
  });

  it('has the same level with a balance of next to nothing beside it, whatever its price', () => {
    const beside = fc.record({
      book: anyBook({ shares: [-60, 160] }),
      quote: fc.constantFrom<RawRow | undefined>(
        undefined,
        { price: '1' },
        { price: '1', publishedAt: String(NOW - 200_000) },
        { price: '1', publishedAt: String(NOW - 90 * HOURS) },
        { price: '1e6' },
      ),
      collateralWeight: fc.constantFrom('0', '0.5', '1'),
      previous: fc.constantFrom(null, '1'),
    });
    const property = fc.property(beside, ({ book, quote, collateralWeight, previous }) => {
      const dust = { DUST: { feed: 'DUST-USD', collateralWeight, riskClass: 'BTC' } };
      const { market, account } = book;
      const withDust: RandomBook = {
        account: {
          ...account,
          balances: [...(account.balances ?? []), { asset: 'DUST', amount: '1e-24' }],
        },
        market: {
          ...market,
          assets: { ...market.assets, ...dust },
          quotes: { ...market.quotes, ...(quote && { 'DUST-USD#a': quote }) },
          previousPrices: { ...market.previousPrices, 'DUST-USD': previous },
        },
      };
      const [alone, beside] = [verdictIn(book), verdictIn(withDust)];
      // An asset that never had a price may be worth anything, so that no debt is certain.
      const isUnknown = quote === undefined && previous === null && alone === 'deficit';
      expect(beside).toBe(isUnknown ? 'liquidation' : alone);
    });
    fc.assert(property, runs);
  });
});

/** By severity: a wider doubt may take a verdict back, and never turns it around. */
function allowedWhenWider(narrow: string): string[] {
  // A deficit that is no longer certain is a liquidation; a liquidation, a withheld call.
  const weaker: Record<string, string[]> = {
    deficit: ['liquidation', 'call'],
    liquidation: ['call'],
    call: [],
    healthy: [],
    indeterminate: [],
  };
  return [narrow, 'indeterminate', ...(weaker[narrow] ?? [])];
}

/** A withheld call may hide a liquidation, and an uncertain healthy account is not called. */
function allowedWithoutDoubt(doubtful: string): string[] {
  const stronger: Record<string, string[]> = {
    deficit: [],
    liquidation: ['deficit'],
    call: ['liquidation', 'deficit'],
    healthy: [],
    indeterminate: ['healthy', 'call', 'liquidation', 'deficit'],
  };
  return [doubtful, ...(stronger[doubtful] ?? [])];
}

const OPTIONS = { CALL: ['call', '65000'], PUT: ['put', '52000'] } as const;
const EXPIRES = String(NOW + 20 * 24 * HOURS);

interface OptionBook {
  readonly call: number;
  readonly put: number;
  readonly perpetual: number;
  readonly coin: number;
  readonly cash: number;
  readonly latencyBuffer: 'standard' | 'none';
}

const optionBook = fc.record<OptionBook>({
  call: fc.integer({ min: -20, max: 20 }),
  put: fc.integer({ min: -20, max: 20 }),
  perpetual: fc.integer({ min: -20, max: 20 }),
  coin: fc.integer({ min: -10, max: 10 }),
  cash: fc.integer({ min: -200_000, max: 400_000 }),
  latencyBuffer: fc.constantFrom('standard', 'none'),
});

function optionMarket(
  { latencyBuffer }: OptionBook,
  of: { readonly spot: RawRow; readonly options?: RawRow },
): MarketRows {
  const terms = { underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' };
  const rows = Object.entries(OPTIONS).map(([name, [optionType, strike]]) => [
    name,
    { ...terms, type: 'option', optionType, strike, expiresAt: EXPIRES, markFeed: name },
  ]);
  const charge = { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' };
  const charges = { initial: charge, maintenance: { rate: '0.075' } };
  const quote = of.options ?? { impliedVolatility: '0.7' };
  return {
    policy: { latencyBuffer, uncertainty: 'none' },
    assets: { BTC: { feed: 'BTC-USD', collateralWeight: '0.9', liabilityWeight: '1.1' } },
    instruments: { ...Object.fromEntries(rows), PERP: { ...terms, type: 'perpetual' } },
    risk: {
      BTC: {
        volatility: '0.8',
        margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
        optionRule: { shortCall: charges, shortPut: charges },
      },
    },
    quotes: { 'BTC-USD#a': of.spot, 'CALL#a': quote, 'PUT#a': quote },
  };
}

const optionAccount = ({ call, put, perpetual, coin, cash }: OptionBook) => ({
  balances: [
    { asset: 'USD', amount: String(cash) },
    { asset: 'BTC', amount: String(coin / 10) },
  ],
  positions: [
    { instrument: 'CALL', quantity: String(call / 10), entryPrice: '1' },
    { instrument: 'PUT', quantity: String(put / 10), entryPrice: '1' },
    { instrument: 'PERP', quantity: String(perpetual / 10), entryPrice: '60000' },
  ],
});

describe('A book of options', () => {
  const stale = { price: '60000', publishedAt: String(NOW - 2 * HOURS) };

  it('has every figure between least and most when its underlying is stale', () => {
    const property = fc.property(
      optionBook,
      fc.double({ min: 0.4, max: 2.6, noNaN: true }),
      (book, share) => {
        const account = optionAccount(book);
        const market = optionMarket(book, { spot: stale });
        const range = 2 ** Math.sqrt(2);
        const at = Math.min(Math.max(share, 1 / range), range);
        const spot = { price: String(Math.round(60_000 * at * 100) / 100) };
        const known = optionMarket(book, { spot });
        expectAround(figuresIn({ account, market }), figuresIn({ account, market: known }));
      },
    );
    fc.assert(property, { numRuns: Math.ceil(RUNS / 3) });
  });

  it.each([
    ['stale', { impliedVolatility: '0.7', publishedAt: String(NOW - 2 * HOURS) }, [0.3, 1.8]],
    ['gone', undefined, [0.02, 6]],
  ] as const)(
    'has every figure between least and most when its quotes are %s',
    (_, quote, ends) => {
      const [from, to] = ends;
      const property = fc.property(
        optionBook,
        fc.double({ min: from, max: to, noNaN: true }),
        (book, volatility) => {
          const account = optionAccount(book);
          const spot = { price: '60000' };
          const { quotes, ...market } = optionMarket(book, {
            spot,
            ...(quote && { options: quote }),
          });
          const doubtful = quote === undefined ? { 'BTC-USD#a': spot } : quotes;
          const options = { impliedVolatility: volatility.toFixed(6) };
          const known = optionMarket(book, { spot, options });
          expectAround(
            figuresIn({ account, market: { ...market, quotes: doubtful ?? {} } }),
            figuresIn({ account, market: known }),
          );
        },
      );
      fc.assert(property, { numRuns: Math.ceil(RUNS / 3) });
    },
  );
});
