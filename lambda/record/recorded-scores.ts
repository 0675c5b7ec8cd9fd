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
  SCORES_KEPT_LEAST,
  type Sides,
  scoresCounted,
} from '../margin/statistics/shock-forecast.ts';
import { rowFault } from '../rows/fault.ts';
import { countField } from '../rows/fields.ts';
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

export const takenField = countField('A number of scores or gaps.', {
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
});
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

export interface JoinedScores {
  readonly scores: Sides<RankedScores>;
  /** Scores up to this are on the page just as the feed has them. */
  readonly onPage: number;
}

/**
 * Those up to `since` as the page has them, and the others as the entry has them. Undefined if either
 * lacks scores.
 */
export function joinScores(
  recent: RecentScores,
  paged: PagedScores | undefined,
): JoinedScores | undefined {
  const { taken, since, isRanged } = recent;
  const page = paged?.isRanged === isRanged && paged.taken >= since ? paged : undefined;
  const own = { down: scoresIn(recent.down, taken), up: scoresIn(recent.up, taken) };
  const ranked = (side: keyof Sides<unknown>) => {
    const onPage = since === 0 ? [] : (page?.[side] ?? []);
    const joined = [...onPage.filter(({ number }) => number <= since), ...own[side]];
    return rankedFrom(joined, { taken, last: scoresCounted(recent) });
  };
  const scores = { down: ranked('down'), up: ranked('up') };
  const held = since === 0 ? { taken, ...own } : { taken, ...page };
  const isWhole = (side: keyof Sides<unknown>) =>
    (held[side]?.length ?? 0) >= Math.min(held.taken, SCORES_KEPT_LEAST) &&
    scores[side].kept.length >= Math.min(taken, 1);
  if (!(isWhole('down') && isWhole('up'))) return undefined;
  const isSame = page !== undefined && page.taken <= taken && hasAll(page, own);
  return { scores, onPage: isSame ? page.taken : since };
}

/** Two runs that overlap may have scored a gap differently, and a feed that began anew shares none. */
const hasAll = (page: PagedScores, own: Sides<readonly Stored[]>): boolean =>
  (['down', 'up'] as const).every((side) => {
    const codes = new Map(page[side].map(({ number, code }) => [number, code]));
    return own[side].every(({ number, code }) => number > page.taken || codes.get(number) === code);
  });
