/**
 * The items `feeds`/`page-<n>`: what checks remember of every feed, packed, so that a thousand feeds
 * are a few reads and writes. A feed stays on its page, and a page that has not changed is not
 * written. Only a page that has grown too large passes feeds on to another. If a run dies between
 * those two writes, the feed is on both pages, and the page of the later check counts.
 */
import type { Reason } from '../margin/number/reason.ts';
import { attributesOf, rowFault } from '../rows/fault.ts';
import { refuseValue, timeField } from '../rows/fields.ts';
import { parseExactJson } from '../rows/numeral.ts';
import type { RawRow } from '../rows/raw-row.ts';
import * as z from '../rows/zod.ts';
import {
  type RecordedFeed,
  rememberedPrice,
  rememberedVolatility,
  writeRecordedFeed,
} from './recorded-feed.ts';

/** An item holds 400 KB. A feed is put on a page of at most the first size, and stays up to the second. */
export const PAGE_BYTES_FILLED = 200_000;
export const PAGE_BYTES_MAX = 300_000;

const PAGES = 'feeds';
const PAGE = 'page-';

export const PAGES_KEY = { pk: PAGES, sk: PAGE } as const;
export const pageKey = (number: number) => ({ pk: PAGES, sk: PAGE + number });
export const pagePlace = (number: number): string => `margin ${PAGES}/${PAGE}${number}`;

/** A page as stored. */
export interface FeedPage {
  readonly number: number;
  readonly feeds: ReadonlyMap<string, RecordedFeed>;
  /** Its feeds as stored. */
  readonly text?: string | undefined;
  readonly checkId?: string | undefined;
  readonly faults: readonly Reason[];
}

const entries = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text, context): unknown => {
      try {
        return parseExactJson(text);
      } catch {
        return refuseValue(context, 'must be JSON');
      }
    }),
  ),
  z.record(z.string(), z.record(z.string(), z.unknown())),
);

const pageAttributes = z.strictObject({ checkId: z.string(), feeds: entries });

/**
 * A damaged page, and a damaged part of an entry, are absent and a fault: they do not repair
 * themselves, and the next write replaces them.
 * @param latest the latest time that an entry may have
 */
export function readPage(row: RawRow, latest: number): FeedPage | undefined {
  const [, digits] = /^page-(\d{1,6})$/.exec(String(row.sk)) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  const place = pagePlace(number);
  const checkId = typeof row.checkId === 'string' ? row.checkId : undefined;
  const parsed = pageAttributes.safeParse(attributesOf(row, ['pk', 'sk']));
  if (!parsed.success) {
    const fault = rowFault(place, parsed.error);
    const faults = [because(fault, 'all its feeds are remembered anew')];
    return { number, feeds: new Map(), checkId, faults };
  }
  const faults: Reason[] = [];
  const volatility = rememberedVolatility(latest);
  const feeds = Object.entries(parsed.data.feeds).map(([feed, entry]) => {
    return [feed, readEntry(entry, { place: `${place} ${feed}`, volatility, faults })] as const;
  });
  return { number, feeds: new Map(feeds), text: String(row.feeds), checkId, faults };
}

interface EntryReading {
  readonly place: string;
  readonly volatility: ReturnType<typeof rememberedVolatility>;
  readonly faults: Reason[];
}

const goneTime = timeField('Since when no market row names the feed.');

function readEntry(
  { price, volatility, goneSince }: Readonly<Record<string, unknown>>,
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

export const because = ({ detail, ...fault }: Reason, consequence: string): Reason => ({
  ...fault,
  detail: `${detail}; ${consequence}`,
});

/** By feed. A feed on two pages counts from the page of the later check. */
export function feedsOn(pages: readonly FeedPage[]): Map<string, RecordedFeed> {
  const found = [...pagesByFeed(pages)].map(([feed, { feeds }]) => [feed, feeds.get(feed)]);
  return new Map(found as [string, RecordedFeed][]);
}

function pagesByFeed(pages: readonly FeedPage[]): Map<string, FeedPage> {
  const found = new Map<string, FeedPage>();
  for (const page of pages) {
    for (const feed of page.feeds.keys()) {
      const other = found.get(feed);
      const isLater = other === undefined || (page.checkId ?? '') > (other.checkId ?? '');
      if (isLater) found.set(feed, page);
    }
  }
  return found;
}

export interface PageWrite {
  readonly number: number;
  readonly text: string;
  /** The check that wrote it last. */
  readonly before?: string | undefined;
  /** It has passed feeds on, so the pages that have them now are written first. */
  readonly isLast: boolean;
}

/** The pages to write, so that together all pages hold these feeds and no others. */
export function packFeeds(
  pages: readonly FeedPage[],
  feeds: ReadonlyMap<string, RecordedFeed>,
): PageWrite[] {
  const homes = pagesByFeed(pages);
  const drafts = new Map(pages.map((page) => [page.number, new Draft(page.number, page)]));
  const homeless: string[] = [];
  for (const [feed, recorded] of feeds) {
    const entry = `${JSON.stringify(feed)}:${JSON.stringify(writeRecordedFeed(recorded))}`;
    const home = drafts.get(homes.get(feed)?.number ?? -1);
    if (home?.take(entry, PAGE_BYTES_MAX)) continue;
    if (home !== undefined) home.isLast = true;
    homeless.push(entry);
  }
  for (const entry of homeless) {
    const all = [...drafts.values()];
    if (all.some((draft) => !draft.isLast && draft.take(entry, PAGE_BYTES_FILLED))) continue;
    const added = new Draft(Math.max(-1, ...drafts.keys()) + 1);
    added.take(entry, PAGE_BYTES_FILLED);
    drafts.set(added.number, added);
  }
  return [...drafts.values()].flatMap((draft) => draft.write());
}

class Draft {
  readonly number: number;
  isLast = false;
  private readonly page: FeedPage | undefined;
  private readonly entries: string[] = [];
  private bytes = 2;

  constructor(number: number, page?: FeedPage) {
    this.number = number;
    this.page = page;
  }

  /** An entry on its own is always taken. @returns whether it was taken */
  take(entry: string, bytesMax: number): boolean {
    const bytes = this.bytes + Buffer.byteLength(entry) + 1;
    if (bytes > bytesMax && this.entries.length > 0) return false;
    this.entries.push(entry);
    this.bytes = bytes;
    return true;
  }

  /** Nothing if it is unchanged. */
  write(): PageWrite[] {
    const { number, page, isLast } = this;
    const text = `{${this.entries.sort().join()}}`;
    return text === page?.text ? [] : [{ number, text, before: page?.checkId, isLast }];
  }
}
