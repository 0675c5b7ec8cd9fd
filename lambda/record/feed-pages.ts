/**
 * The items `feeds`/`page-<n>`: what checks remember of every feed, written at every check. The
 * scores of its moves are on pages of their own, `scores`/`page-<n>`, which are written every few
 * minutes; until then the newer ones are on the page of the feed.
 */
import type { VolatilityMemory } from '../margin/market/measure.ts';
import type { Reason } from '../margin/number/reason.ts';
import { rowFault } from '../rows/fault.ts';
import { timeField } from '../rows/fields.ts';
import type { RawRow } from '../rows/raw-row.ts';
import type * as z from '../rows/zod.ts';
import {
  type Entry,
  type PackedPage,
  type PageWrite,
  packPages,
  pagePlace,
  pagesByFeed,
  readPackedPage,
} from './packed-page.ts';
import {
  type RecordedFeed,
  rememberedPrice,
  rememberedVolatility,
  writeRecordedFeed,
} from './recorded-feed.ts';
import { readScores, writeScores } from './recorded-scores.ts';

export const FEEDS = 'feeds';
export const SCORES = 'scores';

export interface FeedPages {
  readonly feeds: readonly PackedPage[];
  readonly scores: readonly PackedPage[];
}

export interface ReadFeedPages {
  readonly feeds: ReadonlyMap<string, RecordedFeed>;
  readonly faults: readonly Reason[];
  /** Feeds whose scores should be on a page, and are not. */
  readonly scoreless: ReadonlySet<string>;
}

/** Undefined if the key is of no page. */
export const readFeedPage = (row: RawRow): PackedPage | undefined => readPackedPage(FEEDS, row);
export const readScorePage = (row: RawRow): PackedPage | undefined => readPackedPage(SCORES, row);

/**
 * Every feed on the pages. A damaged page, and a damaged part of an entry, are absent and a fault:
 * they do not repair themselves, and the next write replaces them.
 * @param latest the latest time that an entry may have
 */
export function feedsOn({ feeds, scores }: FeedPages, latest: number): ReadFeedPages {
  const faults = [
    ...feeds.flatMap(({ fault }) =>
      fault ? [because(fault, 'all its feeds are remembered anew')] : [],
    ),
    ...scores.flatMap(({ fault }) => (fault ? [because(fault, SCORES_ANEW)] : [])),
  ];
  const scoreless = new Set<string>();
  const paged = pagesByFeed(scores);
  const found = [...pagesByFeed(feeds)].map(([feed, page]) => {
    const home = paged.get(feed);
    const pagedScores =
      home &&
      readScores(home.entries[feed] as Entry, { place: placeOf(SCORES, home, feed), faults });
    let scoresOnPage: number | undefined;
    const onScores = (onPage: number | undefined) => {
      scoresOnPage = onPage;
      if (onPage === undefined) scoreless.add(feed);
    };
    const volatility = rememberedVolatility({ latest, paged: pagedScores, onScores });
    const entry = page.entries[feed] as Entry;
    const reading = { place: placeOf(FEEDS, page, feed), volatility, faults };
    return [feed, { ...readEntry(entry, reading), scoresOnPage }] as const;
  });
  return { feeds: new Map(found), faults, scoreless };
}

export const lostScores = (feed: string): Reason => ({
  code: 'row-malformed',
  subject: feed,
  detail: `${feed}: its scores are on no page of margin ${SCORES}; they are gathered anew`,
});

const placeOf = (pk: string, { number }: PackedPage, feed: string): string =>
  `${pagePlace(pk, number)} ${feed}`;

interface EntryReading {
  readonly place: string;
  readonly volatility: z.ZodMiniType<VolatilityMemory>;
  readonly faults: Reason[];
}

const goneTime = timeField('Since when no market row names the feed.');

function readEntry(
  { price, volatility, goneSince }: Entry,
  { place, volatility: schema, faults }: EntryReading,
): RecordedFeed {
  const read = <T>(as: z.ZodMiniType<T>, name: string, value: unknown, consequence: string) => {
    if (value === undefined) return undefined;
    const parsed = as.safeParse(value);
    if (parsed.success) return parsed.data;
    faults.push(because(rowFault(`${place} ${name}`, parsed.error), consequence));
    return undefined;
  };
  return {
    price: read(rememberedPrice, 'price', price, 'the next price counts as the first'),
    volatility: read(schema, 'volatility', volatility, FROM_STRESS),
    goneSince: read(goneTime, 'goneSince', goneSince, 'the time starts again'),
  };
}

export const FROM_STRESS = 'the measurement starts again from the stress volatility';
const SCORES_ANEW = 'the scores of its feeds are gathered anew';

export const because = ({ detail, ...fault }: Reason, consequence: string): Reason => ({
  ...fault,
  detail: `${detail}; ${consequence}`,
});

/** The pages of feeds to write. Scores that are on their pages as they were read are left out. */
export function packFeeds(
  { feeds: pages, scores }: FeedPages,
  feeds: ReadonlyMap<string, RecordedFeed>,
): PageWrite[] {
  const paged = pagesByFeed(scores);
  const entries = [...feeds].map(([feed, recorded]) => {
    const isOfKind =
      recorded.volatility?.forecast?.isRanged === paged.get(feed)?.entries[feed]?.isRanged;
    return [feed, writeRecordedFeed(recorded, isOfKind ? recorded.scoresOnPage : 0)] as const;
  });
  return packPages(pages, new Map(entries));
}

/** A score costs two bytes of every write until it is on a page, and a page costs all of its own. */
const SCORES_KEPT_MS = 600_000;
const SCORES_KEPT_MAX = 20;

/**
 * Whether the pages of scores are to be written. A page that has not changed keeps its check, so the
 * newest says when all were written.
 */
export function areScoresDue(
  { scores }: FeedPages,
  feeds: ReadonlyMap<string, RecordedFeed>,
  asOf: number,
): boolean {
  const written = scores.map(({ checkId = '' }) => Date.parse(checkId));
  const areSound = written.every(Number.isFinite) && scores.every(({ fault }) => !fault);
  if (!areSound || asOf - Math.max(0, ...written) >= SCORES_KEPT_MS) return true;
  return [...feeds.values()].some(({ volatility, scoresOnPage = 0 }) => {
    const taken = volatility?.forecast?.scores.down.taken ?? 0;
    return taken - scoresOnPage >= SCORES_KEPT_MAX;
  });
}

/** The pages of scores to write. */
export function packScores(
  { scores }: FeedPages,
  feeds: ReadonlyMap<string, RecordedFeed>,
): PageWrite[] {
  const entries = [...feeds].flatMap(([feed, { volatility }]) => {
    const forecast = volatility?.forecast;
    return forecast === undefined ? [] : [[feed, writeScores(forecast)] as const];
  });
  return packPages(scores, new Map(entries));
}
