/**
 * The scores of a feed's moves as they are stored: all of them on a page that is written every few
 * minutes, and those after `since`, which are not on it yet, with the feed.
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
import { countField } from '../rows/fields.ts';
import * as z from '../rows/zod.ts';
import type { Entry } from './packed-page.ts';

type Stored = Pick<KeptScore, 'code' | 'number'>;

/** What a page holds of a feed. */
export interface PagedScores extends Sides<readonly Stored[]> {
  readonly taken: number;
  readonly isRanged: boolean;
}

/**
 * Largest first: the first code and by how much each next one is smaller, then the ages. Small
 * numbers in a row compress to two and a half bytes a score.
 */
export function scoreText({ taken, kept }: RankedScores): string {
  const falls = kept.map(({ code }, index) => (kept[index - 1]?.code ?? 0) - code);
  const ages = kept.map(({ number }) => taken - number);
  return `${falls.map(Math.abs).join()};${ages.join()}`;
}

function scoresIn(text: string, taken: number): Stored[] {
  const [falls = '', ages = ''] = text.split(';');
  if (falls === '') return [];
  const numbers = ages.split(',').map(Number);
  let code: number | undefined;
  return falls.split(',').map((fall, index) => {
    code = code === undefined ? Number(fall) : code - Number(fall);
    return { code, number: taken - (numbers[index] ?? Number.NaN) };
  });
}

/**
 * The codes of all scores after `since`, in their order. One that was dropped is given as 0: it can
 * never matter again.
 */
export function recentText({ taken, kept }: RankedScores, since: number): string {
  const codes = new Array<number>(taken - since).fill(0);
  for (const { code, number } of kept) if (number > since) codes[number - since - 1] = code;
  return codes.join();
}

function recentIn(text: string, since: number): Stored[] {
  if (text === '') return [];
  return text.split(',').map((code, index) => ({ code: Number(code), number: since + index + 1 }));
}

/** Numbers of a page keep their digits until a field reads them. */
export const takenField = countField('A count.', { min: 0, max: Number.MAX_SAFE_INTEGER });
const COUNT = '(?:0|[1-9]\\d{0,4})';
const counts = `${COUNT}(?:,${COUNT})*`;
const listOf = (pattern: string) =>
  z.string().check(z.regex(new RegExp(`^(?:${pattern})?$`), 'must be a list of counts'));
const scoreTextField = listOf(`${counts};${counts}|;`);
export const recentTextField = listOf(counts);

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
    const after = recentIn(recent[side], since).filter(
      ({ number }) => since === 0 || number > until,
    );
    return rankedFrom([...onPage, ...after], { taken, last: scoresCounted(recent) });
  };
  return { down: joined('down'), up: joined('up') };
}
