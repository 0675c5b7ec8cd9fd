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

/** The codes of the scores after `since`, in their order, with nothing for one that was dropped. */
export function recentText({ taken, kept }: RankedScores, since: number): string {
  const codes = new Array<number | ''>(taken - since).fill('');
  for (const { code, number } of kept) if (number > since) codes[number - since - 1] = code;
  return codes.join();
}

function recentIn(text: string, since: number): Stored[] {
  if (text === '') return [];
  return text.split(',').flatMap((code, index) => {
    return code === '' ? [] : [{ code: Number(code), number: since + index + 1 }];
  });
}

/** Numbers of a page keep their digits until a field reads them. */
export const takenField = countField('A count.', { min: 0, max: Number.MAX_SAFE_INTEGER });
const COUNT = '(?:0|[1-9]\\d{0,4})';
const counts = `${COUNT}(?:,${COUNT})*`;
const listOf = (pattern: string) =>
  z.string().check(z.regex(new RegExp(`^(?:${pattern})?$`), 'must be a list of counts'));
const scoreTextField = listOf(`${counts};${counts}|;`);
export const recentTextField = listOf(`(?:${COUNT})?(?:,(?:${COUNT})?)*`);

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
  const own = { down: recentIn(recent.down, since), up: recentIn(recent.up, since) };
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
