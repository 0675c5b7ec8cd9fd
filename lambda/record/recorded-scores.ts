/**
 * The scores of a feed's moves, as they are stored: each a 16-bit logarithm and a 16-bit age, which
 * counts back from the last score, in base64. `since` picks those that are not on a page yet.
 */
import type { Reason } from '../margin/number/reason.ts';
import {
  type KeptScore,
  type RankedScores,
  rankedFrom,
} from '../margin/statistics/ranked-scores.ts';
import {
  type ForecastMemory,
  type Sides,
  scoresCounted,
} from '../margin/statistics/shock-forecast.ts';
import { rowFault } from '../rows/fault.ts';
import * as z from '../rows/zod.ts';
import type { Entry } from './packed-page.ts';

type Stored = Pick<KeptScore, 'code' | 'number'>;

/** What a page holds of a feed. */
export interface PagedScores extends Sides<readonly Stored[]> {
  readonly taken: number;
  readonly isRanged: boolean;
}

const BYTES = 4;

export function scoreText({ taken, kept }: RankedScores, since = 0): string {
  const recent = kept.filter(({ number }) => number > since);
  const bytes = Buffer.alloc(recent.length * BYTES);
  recent.forEach(({ code, number }, index) => {
    bytes.writeUInt16LE(code, index * BYTES);
    bytes.writeUInt16LE(taken - number, index * BYTES + 2);
  });
  return bytes.toString('base64');
}

export function scoresIn(text: string, taken: number): Stored[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: Math.floor(bytes.length / BYTES) }, (_, index) => ({
    code: bytes.readUInt16LE(index * BYTES),
    number: taken - bytes.readUInt16LE(index * BYTES + 2),
  }));
}

export const takenField = z.int().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));
export const scoreTextField = z
  .string()
  .check(
    z.regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'must be base64'),
  );

const pagedScores = z.pipe(
  z.strictObject({
    taken: takenField,
    isRanged: z.boolean(),
    down: scoreTextField,
    up: scoreTextField,
  }),
  z.transform(
    ({ taken, isRanged, down, up }): PagedScores => ({
      taken,
      isRanged,
      down: scoresIn(down, taken),
      up: scoresIn(up, taken),
    }),
  ),
);

/** Undefined, with a fault, if the entry is damaged. */
export function readScores(
  entry: Entry,
  { place, faults }: { readonly place: string; readonly faults: Reason[] },
): PagedScores | undefined {
  const parsed = pagedScores.safeParse(entry);
  if (parsed.success) return parsed.data;
  faults.push(rowFault(place, parsed.error));
  return undefined;
}

/** The scores that a page already holds: none if it is of another kind, or of before a new start. */
export function takenOnPage(
  entry: Entry | undefined,
  { isRanged, scores }: Pick<ForecastMemory, 'isRanged' | 'scores'>,
): number {
  const taken = takenField.safeParse(entry?.taken);
  const isOfNow = taken.success && entry?.isRanged === isRanged && taken.data <= scores.down.taken;
  return isOfNow ? taken.data : 0;
}

export const writeScores = ({ isRanged, scores: { down, up } }: ForecastMemory) => ({
  taken: down.taken,
  isRanged,
  down: scoreText(down),
  up: scoreText(up),
});

/** What a feed's own entry holds: the scores after `since`, which are on no page yet. */
export interface RecentScores extends Sides<string> {
  readonly taken: number;
  readonly since: number;
  readonly isRanged: boolean;
}

/** Undefined if those up to `since` are on no page any more. */
export function joinScores(
  recent: RecentScores,
  paged: PagedScores | undefined,
): Sides<RankedScores> | undefined {
  const { taken, since, isRanged } = recent;
  const isOnPage = paged !== undefined && paged.isRanged === isRanged && paged.taken >= since;
  if (since > 0 && !isOnPage) return undefined;
  // A page that is ahead of its feed was written by a check that could not write the feed.
  const until = paged !== undefined && paged.taken <= taken ? paged.taken : since;
  const joined = (side: keyof Sides<unknown>) => {
    const onPage = since === 0 ? [] : (paged?.[side] ?? []).filter(({ number }) => number <= until);
    const after = scoresIn(recent[side], taken).filter(
      ({ number }) => since === 0 || number > until,
    );
    return rankedFrom([...onPage, ...after], { taken, last: scoresCounted(recent) });
  };
  return { down: joined('down'), up: joined('up') };
}
