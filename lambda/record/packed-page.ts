/**
 * Items that hold an entry for many feeds, compressed, so that a thousand feeds are a few reads and
 * writes. A feed stays on its page, and a page that has not changed is not written. Only a page that
 * has grown too large passes feeds on to another. If a run dies between those two writes, the feed
 * is on both pages, and the page of the later check counts.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Reason } from '../margin/number/reason.ts';
import { attributesOf, rowFault } from '../rows/fault.ts';
import { refuseValue } from '../rows/fields.ts';
import { parseExactJson } from '../rows/numeral.ts';
import type { RawRow } from '../rows/raw-row.ts';
import * as z from '../rows/zod.ts';

/** An item holds 400 KB. A feed is put on a page of at most the first size, and stays up to the second. */
export const PAGE_BYTES_FILLED = 200_000;
export const PAGE_BYTES_MAX = 300_000;

const PAGE = 'page-';

export const pagesUnder = (pk: string) => ({ pk, sk: PAGE });
export const pageKey = (pk: string, number: number) => ({ pk, sk: PAGE + number });
export const pagePlace = (pk: string, number: number): string => `margin ${pk}/${PAGE}${number}`;

export type Entry = Readonly<Record<string, unknown>>;

/** A page as stored. */
export interface PackedPage {
  readonly number: number;
  readonly entries: Readonly<Record<string, Entry>>;
  /** Its entries as stored, before compression. */
  readonly text?: string | undefined;
  readonly checkId?: string | undefined;
  /** Why it could not be read. */
  readonly fault?: Reason | undefined;
}

/** Earlier versions wrote plain text. */
const packed = z.pipe(
  z.pipe(
    z.union([z.string(), z.instanceof(Uint8Array)]),
    z.transform((stored, context): unknown => {
      try {
        return parseExactJson(typeof stored === 'string' ? stored : unpackedText(stored));
      } catch {
        return refuseValue(context, 'must be JSON');
      }
    }),
  ),
  z.record(z.string(), z.record(z.string(), z.unknown())),
);

const pageAttributes = z.strictObject({ checkId: z.string(), feeds: packed });

/** Undefined if the key is of no page. A damaged page has no entries, and the next write replaces it. */
export function readPackedPage(pk: string, row: RawRow): PackedPage | undefined {
  const [, digits] = /^page-(\d{1,6})$/.exec(String(row.sk)) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  const checkId = typeof row.checkId === 'string' ? row.checkId : undefined;
  const parsed = pageAttributes.safeParse(attributesOf(row, ['pk', 'sk']));
  if (parsed.success) {
    return { number, entries: parsed.data.feeds, text: textOfPage(row.feeds), checkId };
  }
  return { number, entries: {}, checkId, fault: rowFault(pagePlace(pk, number), parsed.error) };
}

export const packedText = (text: string): Uint8Array => gzipSync(text, { level: 9 });

const unpackedText = (stored: Uint8Array): string => gunzipSync(stored).toString();

const textOfPage = (stored: unknown): string =>
  stored instanceof Uint8Array ? unpackedText(stored) : String(stored);

/** By feed. A feed on two pages counts from the page of the later check. */
export function pagesByFeed<P extends PackedPage>(pages: readonly P[]): Map<string, P> {
  const found = new Map<string, P>();
  for (const page of pages) {
    for (const feed of Object.keys(page.entries)) {
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

/** The pages to write, so that together all pages hold these entries and no others. */
export function packPages(
  pages: readonly PackedPage[],
  entries: ReadonlyMap<string, Entry>,
): PageWrite[] {
  const homes = pagesByFeed(pages);
  const drafts = new Map(pages.map((page) => [page.number, new Draft(page.number, page)]));
  const homeless: string[] = [];
  for (const [feed, recorded] of entries) {
    const entry = `${JSON.stringify(feed)}:${JSON.stringify(recorded)}`;
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
  private readonly page: PackedPage | undefined;
  private readonly entries: string[] = [];
  private bytes = 2;

  constructor(number: number, page?: PackedPage) {
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
