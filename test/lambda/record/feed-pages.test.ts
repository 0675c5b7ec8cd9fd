import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CountedQuote } from '../../../lambda/margin/market/counted-gap.ts';
import {
  type MeasureTerms,
  measuredOf,
  nextMemory,
  type VolatilityMemory,
} from '../../../lambda/margin/market/measure.ts';
import { price, ratio } from '../../../lambda/margin/number/decimal.ts';
import {
  codeOf,
  type RankedScores,
  withScore,
} from '../../../lambda/margin/statistics/ranked-scores.ts';
import type { ForecastMemory } from '../../../lambda/margin/statistics/shock-forecast.ts';
import {
  type FeedPages,
  feedsOn,
  packFeeds,
  packScores,
  readFeedPage,
  readScorePage,
} from '../../../lambda/record/feed-pages.ts';
import {
  PAGE_BYTES_FILLED,
  PAGE_BYTES_MAX,
  type PackedPage,
  type PageWrite,
  packedText,
} from '../../../lambda/record/packed-page.ts';
import { type RecordedFeed, writeRecordedFeed } from '../../../lambda/record/recorded-feed.ts';

const LATEST = 1_700_000_000_000;
const ITEM_BYTES_MAX = 400_000;

const TAKEN = 1500;
const WINDOW = { last: 1000, ranks: 51 };

/** Scores as full as independent ones are: of the last 1,000, about 200 are kept. */
function scoresOf(seed: number): RankedScores {
  let scores: RankedScores = { taken: 0, kept: [] };
  let state = seed;
  for (let index = 0; index < TAKEN; index++) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    scores = withScore(scores, codeOf(-Math.log((state + 1) / 2 ** 31)), WINDOW);
  }
  return scores;
}

const forecast: ForecastMemory = {
  variance: 0.8123456789012345,
  gaps: 12,
  sum: 0,
  isRanged: true,
  unranged: 0,
  alpha: { down: 0.012345678901234567, up: -0.0019 },
  scores: { down: scoresOf(1), up: scoresOf(2) },
  open: [{ fall: 0.001, rise: 0.00012345678901234567, moved: -1e-7, seconds: 60, volatility: 0.8 }],
};

const volatility: VolatilityMemory = {
  annualVariance: 0.8123456789012345,
  forecast,
  price: price('6000.25'),
  publishedAt: LATEST - 3_600_000,
  unconfirmed: { low: price('3000.5') },
  initial: { volatility: ratio('0.90286386'), asOf: LATEST },
};
const suspect = { price: price('70.5'), publishedAt: LATEST - 2 };
const ahead = { price: price('68.25'), publishedAt: LATEST - 1 };
const remembered = { price: price('6000.25'), suspect, ahead, confidenceScore: ratio('0.4') };
const FULL: RecordedFeed = { price: remembered, volatility };
const NO_PAGES: FeedPages = { feeds: [], scores: [] };

const feedsNamed = (names: readonly string[], feed = FULL) =>
  new Map(names.map((name) => [name, feed]));
const namesOf = (count: number, prefix = 'FEED') =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}-USD`);

type Read = (row: Readonly<Record<string, unknown>>) => PackedPage | undefined;

function pageOf(read: Read, row: Readonly<Record<string, unknown>>): PackedPage {
  const page = read({ pk: 'any', checkId: 'c0', ...row });
  if (page === undefined) throw new Error('not a page');
  return page;
}

const feedPage = (row: Readonly<Record<string, unknown>>) => pageOf(readFeedPage, row);

/** The pages as they are read after these writes. */
function written(
  pages: readonly PackedPage[],
  writes: readonly PageWrite[],
  { checkId = 'c1', read = readFeedPage }: { checkId?: string; read?: Read } = {},
) {
  const all = new Map(pages.map((page) => [page.number, page]));
  for (const { number, text } of writes) {
    all.set(number, pageOf(read, { sk: `page-${number}`, checkId, feeds: packedText(text) }));
  }
  return [...all.values()];
}

const feedsWritten = (pages: FeedPages, feeds: ReadonlyMap<string, RecordedFeed>, checkId = 'c1') =>
  written(pages.feeds, packFeeds(pages, feeds), { checkId });
const scoresWritten = (
  pages: FeedPages,
  feeds: ReadonlyMap<string, RecordedFeed>,
  checkId = 'c1',
) => written(pages.scores, packScores(pages, feeds), { checkId, read: readScorePage });

/** Both kinds, as a check writes them when scores are due. */
const bothWritten = (feeds: ReadonlyMap<string, RecordedFeed>, pages = NO_PAGES): FeedPages => ({
  feeds: feedsWritten(pages, feeds),
  scores: scoresWritten(pages, feeds),
});

const readFrom = (feeds: readonly PackedPage[], scores: readonly PackedPage[] = []) =>
  feedsOn({ feeds, scores }, LATEST);

const detailsOf = ({ faults }: { readonly faults: readonly { readonly detail: string }[] }) =>
  faults.map(({ detail }) => detail);

const sizesOf = (pages: readonly PackedPage[]) =>
  pages.map(({ text = '' }) => Buffer.byteLength(text));
const packedSizesOf = (pages: readonly PackedPage[]) =>
  pages.map(({ text = '' }) => packedText(text).length);

describe('a page', () => {
  it('is read as it was written, with every digit', () => {
    const feeds = new Map([
      ['BTC-USD', FULL],
      ['ETH-USD', { price: { price: price('140') } }],
      ['SOL-USD', { volatility, goneSince: LATEST - 5 }],
    ]);
    const pages = bothWritten(feeds);
    const { feeds: back, ...others } = feedsOn(pages, LATEST);
    expect(others).toEqual({ faults: [], scoreless: new Set() });
    const texts = (found: ReadonlyMap<string, RecordedFeed>) =>
      [...found].map(([feed, at]) => [feed, writeRecordedFeed(at)]);
    // The scores come back largest first, with none lost.
    expect(texts(back)).toEqual(texts(feeds));
  });

  it('is not written again if nothing has changed, in whatever order its feeds come', () => {
    const names = ['b', '10', 'a', '9'];
    const pages = bothWritten(feedsNamed(names));
    const { feeds } = feedsOn(pages, LATEST);
    const whole = { ...pages, feeds: feedsWritten(pages, feeds) };
    const again = new Map([...feedsOn(whole, LATEST).feeds].toReversed());
    expect(packFeeds(whole, again)).toEqual([]);
    expect(packScores(whole, again)).toEqual([]);
  });

  it('is compressed, and an earlier version’s plain text is read too', () => {
    const text = JSON.stringify({ X: { price: { price: '7' } } });
    for (const feeds of [text, gzipSync(text), packedText(text)]) {
      const page = feedPage({ sk: 'page-0', feeds });
      expect(readFrom([page]).feeds.get('X')?.price?.price).toEqual(price('7'));
      expect(packFeeds({ feeds: [page], scores: [] }, readFrom([page]).feeds)).toEqual([]);
    }
  });

  it.each([
    ['no JSON', { feeds: '{"BTC-USD":' }, 'feeds must be JSON'],
    ['bytes that are not compressed', { feeds: Buffer.from('{}') }, 'feeds must be JSON'],
    ['half of its bytes', { feeds: gzipSync('{"X":{}}').subarray(0, 14) }, 'feeds must be JSON'],
    ['a list', { feeds: '[]' }, 'feeds must be a map, not a list'],
    [
      'an entry of text',
      { feeds: '{"BTC-USD":"6000"}' },
      'feeds.BTC-USD must be a map, not a text',
    ],
    ['no feeds', {}, 'feeds is missing'],
    ['no check', { feeds: '{}', checkId: undefined }, 'checkId is missing'],
    [
      'another attribute',
      { feeds: '{}', mood: 1 },
      'unknown attribute mood (begin the names of your own with _)',
    ],
  ])('with %s has no feeds, and is written anew', (_, row, fault) => {
    const page = feedPage({ sk: 'page-0', ...row });
    const read = readFrom([page]);
    expect(read.feeds.size).toBe(0);
    expect(detailsOf(read)).toEqual([
      `margin feeds/page-0: ${fault}; all its feeds are remembered anew`,
    ]);
    expect(packFeeds({ feeds: [page], scores: [] }, new Map())).toEqual([
      { number: 0, text: '{}', before: page.checkId, isLast: false },
    ]);
  });

  it.each([
    ['price', { price: { price: '0' } }, 'price: price must be above 0, not 0'],
    ['time', { price: { price: '1' }, goneSince: 'noon' }, 'goneSince: must be a whole number'],
  ])('with a damaged %s keeps the other parts', (part, entry, fault) => {
    const page = feedPage({ sk: 'page-3', feeds: JSON.stringify({ X: entry }) });
    const read = readFrom([page]);
    expect(detailsOf(read)).toEqual([expect.stringContaining(`margin feeds/page-3 X ${fault}`)]);
    expect(read.feeds.get('X')?.price === undefined).toBe(part === 'price');
  });

  it.each([
    ['variance must be a number', { variance: '-1' }],
    ['variance must be at most 1e+24', { variance: '1e+25' }],
    ['gaps must be', { gaps: 1.5 }],
    ['isRanged must be', { isRanged: 'yes' }],
    ['alphaDown must be a number', { alphaDown: 'NaN' }],
    ['open.0.3 must be above 0', { open: [['0', '0', '0', '0', '0.8']] }],
    ['open.0.4 must be above 0', { open: [['0', '0', '0', '60', '0']] }],
    ['open.0.2 must be a number', { open: [['0', '0', 'Infinity', '60', '0.8']] }],
    ['down must be a list of counts', { down: '%' }],
    ['since must be', { since: -1 }],
    ['unknown attribute forecast.mood', { mood: 1 }],
  ])('with the forecast’s fault "%s" measures from stress', (fault, change) => {
    const whole = JSON.parse(JSON.stringify(writeRecordedFeed(FULL)));
    Object.assign(whole.volatility.forecast, change);
    const page = feedPage({ sk: 'page-0', feeds: JSON.stringify({ X: whole }) });
    const read = readFrom([page]);
    const [detail, ...others] = detailsOf(read);
    expect(others).toEqual([]);
    expect(detail).toContain('margin feeds/page-0 X volatility: ');
    expect(detail).toContain(fault);
    expect(detail).toMatch(/; the measurement starts again from the stress volatility$/);
    expect(read.feeds.get('X')?.volatility).toBeUndefined();
    expect(read.feeds.get('X')?.price).toBeDefined();
  });

  it('does not mind what a later version remembers beside these parts', () => {
    const feeds = JSON.stringify({ X: { price: { price: '1' }, mood: 'fine' } });
    expect(readFrom([feedPage({ sk: 'page-0', feeds })]).faults).toEqual([]);
  });

  it('is named by a number', () => {
    expect(readFeedPage({ pk: 'feeds', sk: 'page-x', checkId: 'c', feeds: '{}' })).toBeUndefined();
  });
});

describe('5,000 feeds, each with all that is remembered', () => {
  const names = namesOf(5000, 'A-RATHER-LONG-NAME-OF-A-FEED');
  const { feeds, scores } = bothWritten(feedsNamed(names));
  const hot = { feeds: feedsWritten({ feeds, scores }, feedsOn({ feeds, scores }, LATEST).feeds) };
  const pages = { ...hot, scores };

  it('fit into pages that are each well below the size of an item, and none is lost', () => {
    for (const kind of [feeds, hot.feeds, scores]) {
      expect(Math.max(...sizesOf(kind))).toBeLessThanOrEqual(PAGE_BYTES_MAX);
      expect(Math.max(...packedSizesOf(kind))).toBeLessThan(ITEM_BYTES_MAX / 2);
      expect(kind.reduce((sum, { entries }) => sum + Object.keys(entries).length, 0)).toBe(5000);
    }
    const read = feedsOn(pages, LATEST);
    expect([read.feeds.size, read.faults, read.scoreless.size]).toEqual([5000, [], 0]);
    expect(read.feeds.get(names[77] ?? '')?.volatility?.forecast?.scores.up).toEqual(
      forecast.scores.up,
    );
  });

  it('have their scores on pages of their own, so that what every check writes is small', () => {
    // About 200 scores on each side, each two numbers of at most five and four digits.
    const { down, up } = forecast.scores;
    const kept = down.kept.length + up.kept.length;
    expect(kept).toBeGreaterThan(350);
    const ofScores = sizesOf(scores).reduce((sum, size) => sum + size) / 5000;
    expect(ofScores).toBeGreaterThan(4 * kept);
    expect(ofScores).toBeLessThan(8 * kept);
    const each = sizesOf(pages.feeds).reduce((sum, size) => sum + size) / 5000;
    expect(each).toBeLessThan(900);
  });

  it('are written one page at a time when one of them changes', () => {
    const { feeds: known } = feedsOn(pages, LATEST);
    const next = new Map(known).set(names[4321] ?? '', { price: { price: price('1') } });
    expect(packFeeds(pages, next)).toHaveLength(1);
    expect(packScores(pages, next)).toHaveLength(1);
    expect(packScores(pages, known)).toEqual([]);
  });

  it('stay below the limit when every entry grows, and none is lost', () => {
    const longer = new Map(
      [...feedsOn(pages, LATEST).feeds].map(([name, feed]) => [
        name,
        { ...feed, goneSince: LATEST - 9, price: { price: price('1234567890.0987'), suspect } },
      ]),
    );
    const next = feedsWritten(pages, longer, 'c2');
    expect(Math.max(...sizesOf(next))).toBeLessThanOrEqual(PAGE_BYTES_MAX);
    expect([...readFrom(next, scores).feeds.keys()].sort()).toEqual(names.toSorted());
  });
});

describe('a page that has grown too large', () => {
  const small = { price: { price: price('1') } };
  const names = namesOf(3000);
  const before = feedsWritten(NO_PAGES, feedsNamed(names, small));
  const writes = packFeeds({ feeds: before, scores: [] }, feedsNamed(names));
  const half = written(
    before,
    writes.filter(({ isLast }) => !isLast),
    { checkId: 'c2' },
  );

  it('is written last, and its check is compared', () => {
    expect(before).toHaveLength(1);
    expect(writes.filter(({ isLast }) => isLast)).toMatchObject([{ number: 0, before: 'c1' }]);
    expect(writes.length).toBeGreaterThan(3);
  });

  it('loses no feed if the run dies in between, and the later page counts', () => {
    const moved = Object.keys(half.at(-1)?.entries ?? {})[0] ?? '';
    expect(before[0]?.entries).toHaveProperty([moved]);
    expect(readFrom(half).feeds.get(moved)?.volatility).toBeDefined();
    expect(readFrom(half.toReversed()).feeds.get(moved)?.volatility).toBeDefined();
    expect(readFrom(half).feeds.size).toBe(3000);
  });

  it('has its feeds once after the next check', () => {
    const whole = feedsWritten({ feeds: half, scores: [] }, feedsNamed(names), 'c3');
    expect(whole.reduce((sum, { entries }) => sum + Object.keys(entries).length, 0)).toBe(3000);
  });
});

describe('the pages of feeds that come and go', () => {
  it('are filled again before another is added, and keep their numbers', () => {
    const pages = feedsWritten(NO_PAGES, feedsNamed(namesOf(1500)));
    const fewer = feedsNamed(namesOf(1500).slice(0, 100));
    const emptied = feedsWritten({ feeds: pages, scores: [] }, fewer, 'c2');
    expect(emptied).toHaveLength(pages.length);
    const many = feedsNamed([...fewer.keys(), ...namesOf(500, 'NEW')]);
    const refilled = packFeeds({ feeds: emptied, scores: [] }, many);
    expect(refilled.every(({ number }) => number < pages.length)).toBe(true);
  });

  it('have one of its own for a feed that is larger than a page', () => {
    const huge = 'X'.repeat(PAGE_BYTES_MAX);
    const pages = feedsWritten(NO_PAGES, feedsNamed(['a', huge, 'b']));
    expect(pages.map(({ entries }) => Object.keys(entries))).toEqual([['a', 'b'], [huge]]);
    expect(Math.max(...packedSizesOf(pages))).toBeLessThan(PAGE_BYTES_FILLED);
  });
});

describe('the scores of a feed', () => {
  const X = feedsNamed(['X']);
  const pages = bothWritten(X);
  const known = feedsOn(pages, LATEST);
  /** The entry without the scores that are on their page. */
  const hot = feedsWritten(pages, known.feeds, 'c2');
  const scoresIn = (feeds: ReadonlyMap<string, RecordedFeed>) =>
    feeds.get('X')?.volatility?.forecast?.scores;
  const page = (entry: unknown) =>
    pageOf(readScorePage, { sk: 'page-0', feeds: JSON.stringify({ X: entry }) });
  const entry = JSON.parse(pages.scores[0]?.text ?? '{}').X;

  it('are on their page alone once they are written there', () => {
    const stored = JSON.parse(hot[0]?.text ?? '{}');
    expect(stored.X.volatility.forecast).toMatchObject({
      ...{ taken: TAKEN, since: TAKEN, down: '', up: '' },
    });
    expect(scoresIn(readFrom(hot, pages.scores).feeds)).toEqual(scoresIn(known.feeds));
  });

  it('need no page of their own before they are first written there', () => {
    const read = readFrom(pages.feeds);
    expect(read.scoreless.size).toBe(0);
    expect(scoresIn(read.feeds)).toEqual(scoresIn(known.feeds));
  });

  it.each([
    ['is lost', [], []],
    ['is of before', [page({ ...entry, taken: TAKEN - 1 })], []],
    ['is of ends alone', [page({ ...entry, isRanged: false })], []],
    ['has other feeds', [pageOf(readScorePage, { sk: 'page-0', feeds: '{}' })], []],
    ['has too few of them', [page({ ...entry, up: '' })], []],
    [
      'is damaged',
      [pageOf(readScorePage, { sk: 'page-0', feeds: 'lost' })],
      ['margin scores/page-0: feeds must be JSON; the scores of its feeds are gathered anew'],
    ],
    [
      'has a damaged entry',
      [page({ ...entry, down: '?' })],
      ['margin scores/page-0 X: down must be a list of counts'],
    ],
  ])('begin anew, and are told, if their page %s; all else goes on', (_, scores, faults) => {
    const read = readFrom(hot, scores);
    expect([...read.scoreless]).toEqual(['X']);
    expect(detailsOf(read)).toEqual(faults);
    const none = { taken: 0, kept: [] };
    expect(scoresIn(read.feeds)).toEqual({ down: none, up: none });
    const { variance, alpha, gaps } = read.feeds.get('X')?.volatility?.forecast ?? {};
    expect({ variance, alpha, gaps }).toEqual({
      variance: forecast.variance,
      alpha: forecast.alpha,
      gaps: 12,
    });
    // Then all of them are on the feed's page, which needs no other.
    const next = feedsWritten({ feeds: hot, scores }, read.feeds, 'c3');
    const again = readFrom(next, scores);
    expect(again.scoreless.size).toBe(0);
    expect(again.feeds.get('X')?.scoresOnPage).toBe(0);
  });

  it('are those that the feed knew, if their page is ahead of it', () => {
    const later = withScores(volatility, { count: 3, isExtreme: true });
    const ahead = scoresWritten(pages, new Map([['X', { volatility: later }]]), 'c3');
    const read = readFrom(hot, ahead);
    expect([read.faults, read.scoreless.size]).toEqual([[], 0]);
    expect(scoresIn(read.feeds)?.down.taken).toBe(TAKEN);
    const numbers = scoresIn(read.feeds)?.down.kept.map(({ number }) => number) ?? [];
    expect(Math.max(...numbers)).toBeLessThanOrEqual(TAKEN);
    // The page has others under the next numbers, so none of them count.
    expect(read.feeds.get('X')?.scoresOnPage).toBe(TAKEN);
    const own = withScores(read.feeds.get('X')?.volatility as VolatilityMemory, { count: 3 });
    const next = new Map([['X', { ...read.feeds.get('X'), volatility: own }]]);
    const kept = feedsWritten({ feeds: hot, scores: ahead }, next, 'c4');
    const back = readFrom(kept, ahead);
    expect(scoresIn(back.feeds)).toEqual(own.forecast?.scores);
    expect(back.feeds.get('X')?.scoresOnPage).toBe(TAKEN);
  });

  it('do not count from a page of before they began anew', () => {
    const anew = withScores(
      { ...volatility, forecast: { ...forecast, scores: { down: NONE, up: NONE } } },
      { count: 3 },
    );
    const few = withScores(
      { ...volatility, forecast: { ...forecast, scores: { down: NONE, up: NONE } } },
      { count: 2, isExtreme: true },
    );
    const old = scoresWritten(NO_PAGES, new Map([['X', { volatility: few }]]));
    const feeds = new Map([['X', { volatility: anew }]]);
    const read = readFrom(feedsWritten({ feeds: [], scores: old }, feeds), old);
    expect(read.feeds.get('X')?.scoresOnPage).toBe(0);
    expect(scoresIn(read.feeds)).toEqual(anew.forecast?.scores);
  });
});

const NONE: RankedScores = { taken: 0, kept: [] };
const MINUTE_MS = 60_000;
const TERMS: MeasureTerms = {
  halfLifeSeconds: 1800,
  stress: ratio('1'),
  forecast: { intervalSeconds: 60, horizonGaps: 1, stress: 1, allowed: 0.01 },
};

const quoteAfter = (
  { publishedAt }: Pick<VolatilityMemory, 'publishedAt'>,
  { seconds, at, reach }: { seconds: number; at: number; reach?: number | undefined },
): CountedQuote => ({
  price: price(at.toFixed(6)),
  publishedAt: publishedAt + Math.round(seconds * 1000),
  maxJump: ratio('0.2'),
  ...(reach !== undefined && {
    range: { low: price((at - reach).toFixed(6)), high: price((at + reach).toFixed(6)) },
  }),
});

/** After so many gaps of a minute. */
function withScores(
  memory: VolatilityMemory,
  { count, isExtreme = false }: { count: number; isExtreme?: boolean },
): VolatilityMemory {
  let next = memory;
  for (let index = 0; index < count; index++) {
    const reach = isExtreme ? 900 : 5 + index;
    const quote = quoteAfter(next, { seconds: 60, at: 6000 + index, reach });
    next = nextMemory(next, { quote, terms: TERMS });
  }
  return next;
}

/** What a check does with the pages, and what may happen to it. */
interface Step {
  readonly seconds: number;
  readonly move: number;
  readonly reach: number | undefined;
  /** Whether this run dies before it writes its scores, or before it writes anything. */
  readonly dies: 'never' | 'between' | 'before';
}

const step = fc.record<Step>({
  seconds: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(59.75, 60, 60.5) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3000 }) },
  ),
  move: fc.double({ min: -0.02, max: 0.02, noNaN: true }),
  reach: fc.option(fc.double({ min: 0, max: 3, noNaN: true }), { freq: 12, nil: undefined }),
  dies: fc.constantFrom('never', 'never', 'never', 'never', 'between', 'before'),
});

/** A table with one feed, through whose pages the memory goes at every check. */
class Through {
  private pages = NO_PAGES;
  private scoresAt = Number.NEGATIVE_INFINITY;
  private runs = 0;
  private readonly terms: MeasureTerms;

  constructor(terms: MeasureTerms) {
    this.terms = terms;
  }

  read(time: number): RecordedFeed | undefined {
    const { feeds, faults, scoreless } = feedsOn(this.pages, time);
    expect([faults, scoreless.size]).toEqual([[], 0]);
    return feeds.get('X');
  }

  check(quote: CountedQuote, dies: Step['dies']): void {
    const { publishedAt: time } = quote;
    const before = this.read(time);
    const volatility = nextMemory(before?.volatility, { quote, terms: this.terms });
    if (dies === 'before') return;
    const next = new Map([['X', { ...before, volatility }]]);
    this.runs += 1;
    const checkId = `c${String(this.runs).padStart(5, '0')}`;
    const feeds = feedsWritten(this.pages, next, checkId);
    const areDue = dies === 'never' && time - this.scoresAt >= 10 * MINUTE_MS;
    if (areDue) this.scoresAt = time;
    const scores = areDue ? scoresWritten(this.pages, next, checkId) : this.pages.scores;
    this.pages = { feeds, scores };
  }
}

describe('a memory that is written and read back at every check', () => {
  const terms = { ...TERMS, forecast: { ...TERMS.forecast, horizonGaps: 2 } } as MeasureTerms;

  /** σ̂, α, and the horizons that are open; z is read. */
  const stateOf = (memory: VolatilityMemory | undefined, asOf: number) => {
    if (memory === undefined) return undefined;
    const { variance, gaps, sum, isRanged, unranged, alpha, open } = memory.forecast ?? {};
    const read = measuredOf(memory, { asOf, terms });
    return { variance, gaps, sum, isRanged, unranged, alpha, open, read };
  };

  it('equals one that never left, in σ̂, α, z and all that follows', () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 250 });
    fc.assert(
      fc.property(steps, (all) => {
        const through = new Through(terms);
        let [time, level] = [1_600_000_000_000, 0];
        let never: VolatilityMemory | undefined;
        for (const { seconds, move, reach, dies } of all) {
          time += seconds * 1000;
          level += move;
          const at = 100 * Math.exp(level);
          const quote = quoteAfter({ publishedAt: time }, { seconds: 0, at, reach });
          through.check(quote, dies);
          if (dies !== 'before') never = nextMemory(never, { quote, terms });
          const back = through.read(time)?.volatility;
          expect(stateOf(back, time + 1000)).toEqual(stateOf(never, time + 1000));
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
