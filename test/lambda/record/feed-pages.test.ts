import { describe, expect, it } from 'vitest';
import { price, ratio } from '../../../lambda/margin/number/decimal.ts';
import {
  type FeedPage,
  feedsOn,
  PAGE_BYTES_FILLED,
  PAGE_BYTES_MAX,
  type PageWrite,
  packFeeds,
  readPage,
} from '../../../lambda/record/feed-pages.ts';
import { type RecordedFeed, writeRecordedFeed } from '../../../lambda/record/recorded-feed.ts';

const LATEST = 1_700_000_000_000;
const ITEM_BYTES_MAX = 400_000;

const volatility = {
  annualVariance: 0.8123456789012345,
  quantiles: { down: 2.64949, up: 3.1 },
  price: price('6000.25'),
  publishedAt: LATEST - 1,
  initial: { volatility: ratio('0.90286386'), asOf: LATEST },
};
const suspect = { price: price('70.5'), publishedAt: LATEST - 2 };
const ahead = { price: price('68.25'), publishedAt: LATEST - 1 };
const remembered = { price: price('6000.25'), suspect, ahead, confidenceScore: ratio('0.4') };
const FULL: RecordedFeed = { price: remembered, volatility };

const feedsNamed = (names: readonly string[], feed = FULL) =>
  new Map(names.map((name) => [name, feed]));
const namesOf = (count: number, prefix = 'FEED') =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}-USD`);

/** The pages as they are read after these writes. */
function written(pages: readonly FeedPage[], writes: readonly PageWrite[], checkId = 'c1') {
  const all = new Map(pages.map((page) => [page.number, page]));
  for (const { number, text } of writes) {
    all.set(number, read({ sk: `page-${number}`, checkId, feeds: text }));
  }
  return [...all.values()];
}

function read(row: Readonly<Record<string, unknown>>): FeedPage {
  const page = readPage({ pk: 'feeds', ...row }, LATEST);
  if (page === undefined) throw new Error('not a page');
  return page;
}

const sizesOf = (pages: readonly FeedPage[]) =>
  pages.map(({ text = '' }) => Buffer.byteLength(text));

describe('a page', () => {
  it('is read as it was written, with every digit', () => {
    const feeds = new Map([
      ['BTC-USD', FULL],
      ['ETH-USD', { price: { price: price('140') } }],
      ['SOL-USD', { volatility, goneSince: LATEST - 5 }],
    ]);
    const [page] = written([], packFeeds([], feeds));
    expect(page?.faults).toEqual([]);
    const back = [...(page?.feeds ?? [])].map(([feed, at]) => [feed, writeRecordedFeed(at)]);
    expect(back).toEqual([...feeds].map(([feed, at]) => [feed, writeRecordedFeed(at)]));
  });

  it('is not written again if nothing has changed, in whatever order its feeds come', () => {
    const names = ['b', '10', 'a', '9'];
    const pages = written([], packFeeds([], feedsNamed(names)));
    expect(packFeeds(pages, feedsNamed(names.toReversed()))).toEqual([]);
  });

  it.each([
    ['no JSON', { feeds: '{"BTC-USD":' }, 'feeds must be JSON'],
    ['a list', { feeds: '[]' }, 'feeds must be a map'],
    ['an entry of text', { feeds: '{"BTC-USD":"6000"}' }, 'feeds.BTC-USD must be a map'],
    ['no feeds', {}, 'feeds is missing'],
    ['no check', { feeds: '{}', checkId: undefined }, 'checkId is missing'],
    ['another attribute', { feeds: '{}', mood: 1 }, 'unknown attribute mood'],
  ])('with %s has no feeds, and is written anew', (_, row, fault) => {
    const page = read({ sk: 'page-0', checkId: 'c0', ...row });
    expect(page.feeds.size).toBe(0);
    expect(page.faults.map(({ detail }) => detail)).toEqual([
      expect.stringContaining(`margin feeds/page-0: ${fault}`),
    ]);
    expect(packFeeds([page], new Map())).toEqual([
      { number: 0, text: '{}', before: page.checkId, isLast: false },
    ]);
  });

  it.each([
    ['price', { price: { price: '0' }, volatility: {} }, ['price: price must be above 0, not 0']],
    ['time', { price: { price: '1' }, goneSince: 'noon' }, ['goneSince: must be a whole number']],
  ])('with a damaged %s keeps the other parts', (part, entry, faults) => {
    const feeds = JSON.stringify({ X: { ...entry, volatility: undefined } });
    const page = read({ sk: 'page-3', checkId: 'c0', feeds });
    expect(page.faults.map(({ detail }) => detail)).toEqual(
      faults.map((fault) => expect.stringContaining(`margin feeds/page-3 X ${fault}`)),
    );
    expect(page.feeds.get('X')?.price === undefined).toBe(part === 'price');
  });

  it('does not mind what a later version remembers beside these parts', () => {
    const feeds = JSON.stringify({ X: { price: { price: '1' }, mood: 'fine' } });
    expect(read({ sk: 'page-0', checkId: 'c0', feeds }).faults).toEqual([]);
  });

  it('is named by a number', () => {
    expect(
      readPage({ pk: 'feeds', sk: 'page-x', checkId: 'c', feeds: '{}' }, LATEST),
    ).toBeUndefined();
  });
});

describe('5,000 feeds, each with all that is remembered', () => {
  const names = namesOf(5000, 'A-RATHER-LONG-NAME-OF-A-FEED');
  const pages = written([], packFeeds([], feedsNamed(names)));

  it('fit into a handful of pages, each well below the size of an item', () => {
    expect(pages.length).toBeLessThanOrEqual(12);
    expect(Math.max(...sizesOf(pages))).toBeLessThanOrEqual(PAGE_BYTES_FILLED);
    expect(feedsOn(pages).size).toBe(5000);
  });

  it('stay below the limit when every entry grows, and none is lost', () => {
    const grown = {
      ...FULL,
      goneSince: LATEST - 9,
      price: { price: price('1234567890.0987654321'), suspect },
    };
    const longer = new Map(
      names.map((name) => [
        name,
        { ...grown, volatility: { ...volatility, price: price('1234567890.098765432112345678') } },
      ]),
    );
    const writes = packFeeds(pages, longer);
    const next = written(pages, writes, 'c2');
    expect(Math.max(...sizesOf(next))).toBeLessThanOrEqual(PAGE_BYTES_MAX);
    expect([...feedsOn(next).keys()].sort()).toEqual(names.toSorted());
  });

  it('are written one page at a time when one of them changes', () => {
    const next = feedsNamed(names).set(names[4321] ?? '', { price: { price: price('1') } });
    expect(packFeeds(pages, next)).toHaveLength(1);
  });
});

describe('a page that has grown too large', () => {
  const small = { price: { price: price('1') } };
  const names = namesOf(3000);
  const before = written([], packFeeds([], feedsNamed(names, small)));
  const writes = packFeeds(before, feedsNamed(names));

  it('is written last, and its check is compared', () => {
    expect(before).toHaveLength(1);
    expect(writes.filter(({ isLast }) => isLast)).toMatchObject([{ number: 0, before: 'c1' }]);
    expect(writes.length).toBeGreaterThan(3);
  });

  it('loses no feed if the run dies in between, and the later page counts', () => {
    const half = written(
      before,
      writes.filter(({ isLast }) => !isLast),
      'c2',
    );
    const moved = [...(half.at(-1)?.feeds.keys() ?? [])][0] ?? '';
    expect(before[0]?.feeds.has(moved)).toBe(true);
    expect(feedsOn(half).get(moved)?.volatility).toBeDefined();
    expect(feedsOn(half.toReversed()).get(moved)?.volatility).toBeDefined();
    expect(feedsOn(half).size).toBe(3000);
  });

  it('has its feeds once after the next check', () => {
    const half = written(
      before,
      writes.filter(({ isLast }) => !isLast),
      'c2',
    );
    const whole = written(half, packFeeds(half, feedsNamed(names)), 'c3');
    expect(whole.reduce((sum, { feeds }) => sum + feeds.size, 0)).toBe(3000);
  });
});

describe('the pages of feeds that come and go', () => {
  it('are filled again before another is added, and keep their numbers', () => {
    const pages = written([], packFeeds([], feedsNamed(namesOf(1500))));
    const fewer = feedsNamed(namesOf(1500).slice(0, 100));
    const emptied = written(pages, packFeeds(pages, fewer), 'c2');
    expect(emptied).toHaveLength(pages.length);
    const refilled = packFeeds(emptied, feedsNamed([...fewer.keys(), ...namesOf(500, 'NEW')]));
    expect(refilled.every(({ number }) => number < pages.length)).toBe(true);
  });

  it('have one of its own for a feed that is larger than a page', () => {
    const huge = 'X'.repeat(PAGE_BYTES_MAX);
    const pages = written([], packFeeds([], feedsNamed(['a', huge, 'b'])));
    expect(pages.map(({ feeds }) => [...feeds.keys()])).toEqual([['a', 'b'], [huge]]);
    expect(Math.max(...sizesOf(pages))).toBeLessThan(ITEM_BYTES_MAX);
  });
});
