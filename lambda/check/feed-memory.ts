/**
 * Checks remember the believed price and the measured volatility of each feed. All pages are
 * read at the start of a check, and written once it has acquired the fence, each only over the page
 * that was read or that of an earlier check. If a run dies in between, or a page cannot be written,
 * the next check counts the whole move since.
 */
import type { MarginTable } from '../aws/margin-table.ts';
import { classesByFeed } from '../margin/market/dynamics.ts';
import {
  type MeasureInput,
  measuredFeeds,
  measuredOf,
  memoryAfter,
  type VolatilityMemory,
} from '../margin/market/measure.ts';
import type { PreviousPrices, RememberedPrice } from '../margin/market/oracle.ts';
import type { MeasuredVolatilities, MeasuredVolatility } from '../margin/market/volatility.ts';
import { CLOCK_SKEW_MS_MAX } from '../margin/number/limits.ts';
import type { Reason } from '../margin/number/reason.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { inParallel } from '../outbox/parallel.ts';
import {
  areScoresDue,
  FEEDS,
  type FeedPages,
  feedsOn,
  lostScores,
  packFeeds,
  packScores,
  type ReadFeedPages,
  readFeedPage,
  readScorePage,
  SCORES,
} from '../record/feed-pages.ts';
import {
  type PackedPage,
  type PageWrite,
  packedText,
  pageKey,
  pagePlace,
  pagesUnder,
} from '../record/packed-page.ts';
import type { RecordedFeed } from '../record/recorded-feed.ts';
import type { RawRow } from '../rows/raw-row.ts';
import { type CarriedOver, carryOver, type Failure, NOTHING_CARRIED } from './carry-over.ts';

/** A row that is misspelt for a while costs no memory, and listings that come and go do not pile up. */
const GONE_KEPT_MS = 7 * 86_400_000;

/** A check reads these about the feeds of its market. */
export interface FeedReadings {
  readonly previousPrices: PreviousPrices;
  readonly volatilities: MeasuredVolatilities;
  /** As they were before the quotes of now. */
  readonly volatilitiesBefore: MeasuredVolatilities;
  /** Entries that were damaged. */
  readonly faults: readonly Reason[];
  /** Pages and rows that could not be read. */
  readonly failures: readonly Failure[];
  readonly memory: FeedMemory;
  /** Volatilities with the quotes of now, by feed. */
  readonly measured: ReadonlyMap<string, VolatilityMemory>;
}

interface FeedMemory {
  readonly pages: FeedPages;
  readonly feeds: ReadonlyMap<string, RecordedFeed>;
  /** False if a page could not be read: then every feed that was not found is unknown. */
  readonly isWhole: boolean;
  /** Unknown although every page was read. */
  readonly unread: ReadonlySet<string>;
}

export interface ReadFeeds extends Omit<MeasureInput, 'previousPrices'> {
  /** Prices in the fence of an earlier version; empty once they are taken over. */
  readonly fencePrices: ReadonlyMap<string, RememberedPrice>;
}

/** Never throws: what cannot be read is unknown. */
export async function readFeeds(margin: MarginTable, input: ReadFeeds): Promise<FeedReadings> {
  const { pages, failures: unreadPages, ...onPages } = await readPages(margin, input.asOf);
  const { feeds: found, scoreless } = onPages;
  const isWhole = unreadPages.length === 0;
  const isCarried = isWhole && input.fencePrices.size > 0;
  const carried = isCarried ? await carriedOver(margin, input, found) : NOTHING_CARRIED;
  const feeds = new Map([...carried.feeds, ...found]);
  const unread = new Set([...carried.failures.keys(), ...(isWhole ? [] : scoreless)]);
  const memory = { pages, feeds, isWhole, unread };
  const lost = isWhole ? [...scoreless].map(lostScores) : [];
  const faults = [...onPages.faults, ...lost, ...carried.faults];
  const failures = [...unreadPages, ...carried.failures.values()];
  return { ...measure(memory, input), faults, failures, memory };
}

interface PagesRead extends ReadFeedPages {
  readonly pages: FeedPages;
  readonly failures: readonly Failure[];
}

/**
 * All pages, as far as they can be read. Scores change seldom, so a cheaper read that may be a
 * moment behind is enough, unless a feed knows more than it found.
 */
export async function readPages(margin: MarginTable, asOf: number): Promise<PagesRead> {
  const latest = asOf + CLOCK_SKEW_MS_MAX;
  const [feeds, scores] = await Promise.all([
    pagesOf(margin, { pk: FEEDS, read: readFeedPage }),
    pagesOf(margin, { pk: SCORES, read: readScorePage, isConsistent: false }),
  ]);
  const joined = joinedPages(feeds, scores, latest);
  if (joined.scoreless.size === 0 || joined.failures.length > 0) return joined;
  const again = await pagesOf(margin, { pk: SCORES, read: readScorePage });
  return joinedPages(feeds, again, latest);
}

function joinedPages(feeds: PagesOf, scores: PagesOf, latest: number): PagesRead {
  const pages = { feeds: feeds.pages, scores: scores.pages };
  return { pages, failures: [...feeds.failures, ...scores.failures], ...feedsOn(pages, latest) };
}

interface PagesOf {
  readonly pages: readonly PackedPage[];
  readonly failures: readonly Failure[];
}

interface PagesWanted {
  readonly pk: string;
  readonly read: (row: RawRow) => PackedPage | undefined;
  readonly isConsistent?: boolean;
}

async function pagesOf(
  margin: MarginTable,
  { pk, read, isConsistent = true }: PagesWanted,
): Promise<PagesOf> {
  const pages: PackedPage[] = [];
  try {
    for await (const row of margin.rowsUnder(pagesUnder(pk), isConsistent)) {
      const page = read(row);
      if (page !== undefined) pages.push(page);
    }
    return { pages, failures: [] };
  } catch (failure) {
    return { pages, failures: [{ place: `margin ${pk}`, failure }] };
  }
}

function carriedOver(
  margin: MarginTable,
  input: ReadFeeds,
  found: ReadonlyMap<string, RecordedFeed>,
): Promise<CarriedOver> {
  const { fencePrices, asOf } = input;
  const isNew = (feed: string) => !found.has(feed);
  const named = measuredFeeds({ ...input, previousPrices: fencePrices });
  return carryOver(margin, {
    prices: new Map([...fencePrices].filter(([feed]) => isNew(feed))),
    measured: named.map(({ feed }) => feed).filter(isNew),
    latest: asOf + CLOCK_SKEW_MS_MAX,
  });
}

function measure(memory: FeedMemory, input: Omit<MeasureInput, 'previousPrices'>) {
  const { asOf } = input;
  const names = classesByFeed(input.market).map(({ feed }) => feed);
  const previousPrices = new Map(
    names.flatMap((feed) => {
      const price = previousOf(memory, feed);
      return price === undefined ? [] : [[feed, price] as const];
    }),
  );
  const volatilities = new Map<string, MeasuredVolatility>();
  const volatilitiesBefore = new Map<string, MeasuredVolatility>();
  const measured = new Map<string, VolatilityMemory>();
  for (const { feed, terms, quote } of measuredFeeds({ ...input, previousPrices })) {
    const before = recordedOf(memory, feed, 'volatility');
    const after = before === null ? null : memoryAfter(before, { terms, quote, asOf });
    if (before) volatilitiesBefore.set(feed, measuredOf(before, { asOf, terms }));
    if (after === undefined) continue;
    if (after !== null) measured.set(feed, after);
    volatilities.set(feed, after && measuredOf(after, { asOf, terms }));
  }
  return { previousPrices, volatilities, volatilitiesBefore, measured };
}

/** null if it could not be read; undefined if there is none. */
function recordedOf<P extends 'price' | 'volatility'>(
  { feeds, isWhole, unread }: FeedMemory,
  feed: string,
  part: P,
): RecordedFeed[P] | null {
  if (part === 'volatility' && unread.has(feed)) return null;
  const recorded = feeds.get(feed);
  return recorded === undefined && !isWhole ? null : recorded?.[part];
}

/** null: nothing is known of its price, while something is of other feeds. */
const previousOf = (memory: FeedMemory, feed: string): RememberedPrice | null | undefined =>
  recordedOf(memory, feed, 'price') ??
  (memory.isWhole && memory.feeds.size === 0 ? undefined : null);

/**
 * Nothing if a page could not be read, because what it holds would be remembered anew.
 * @returns pages that could not be written
 */
export async function keepFeeds(
  margin: MarginTable,
  readings: FeedReadings,
  { snapshot, checkId }: { readonly snapshot: Snapshot; readonly checkId: string },
): Promise<readonly Failure[]> {
  const { pages, isWhole } = readings.memory;
  if (!isWhole) return [];
  const feeds = nextFeeds(readings, snapshot);
  const puts = await putPages(margin, packFeeds(pages, feeds), { pk: FEEDS, checkId });
  const isKept = puts.every(({ isWritten }) => isWritten);
  if (!isKept || !areScoresDue(pages, feeds, snapshot.asOf)) return failuresOf(puts);
  // After the feeds, which know them. If a later check has written those, it has other scores too.
  return failuresOf(await putPages(margin, packScores(pages, feeds), { pk: SCORES, checkId }));
}

interface PutPages {
  readonly pk: string;
  readonly checkId: string;
}

interface Put {
  /** False also if a later check has written the page. */
  readonly isWritten: boolean;
  readonly failure?: Failure;
}

const failuresOf = (puts: readonly Put[]): Failure[] =>
  puts.flatMap(({ failure }) => failure ?? []);

async function putPages(
  margin: MarginTable,
  writes: readonly PageWrite[],
  put: PutPages,
): Promise<readonly Put[]> {
  const inTurn = (isLast: boolean) => {
    const now = writes.filter((write) => write.isLast === isLast);
    return inParallel(now, (write) => putPage(margin, write, put));
  };
  const puts = await inTurn(false);
  return failuresOf(puts).length > 0 ? puts : [...puts, ...(await inTurn(true))];
}

async function putPage(
  margin: MarginTable,
  { number, text, before }: PageWrite,
  { pk, checkId }: PutPages,
): Promise<Put> {
  const attributes = { checkId, feeds: packedText(text) };
  try {
    return { isWritten: await margin.putLater(pageKey(pk, number), attributes, before) };
  } catch (failure) {
    return { isWritten: false, failure: { place: pagePlace(pk, number), failure } };
  }
}

function nextFeeds(
  { memory, measured }: FeedReadings,
  { feeds, asOf }: Snapshot,
): Map<string, RecordedFeed> {
  const next = new Map<string, RecordedFeed>();
  for (const { feed, memory: remembered } of feeds.values()) {
    if (memory.unread.has(feed)) continue;
    const before = memory.feeds.get(feed);
    const price = remembered ?? before?.price;
    const volatility = measured.get(feed) ?? before?.volatility;
    if (price === undefined && volatility === undefined) continue;
    next.set(feed, { price, volatility, scoresOnPage: before?.scoresOnPage });
  }
  for (const [feed, before] of memory.feeds) {
    const { goneSince = asOf } = before;
    const isKept = !(feeds.has(feed) || memory.unread.has(feed)) && asOf - goneSince < GONE_KEPT_MS;
    if (isKept) next.set(feed, { ...before, goneSince });
  }
  return next;
}
