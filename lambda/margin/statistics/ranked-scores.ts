/**
 * The largest of the last scores, in little space. A score that as many later ones reach as are ever
 * asked for can never be among the largest again, so it is dropped: of 1,000 independent scores
 * about 200 stay. The ranks of those that stay are exact.
 *
 * Scores are kept as 16-bit logarithms, in steps of 0.03 %, rounded up: what is stored is what is
 * ranked, so a restart changes nothing.
 */

export interface RankedScores {
  /** All scores ever taken. */
  readonly taken: number;
  /** Largest first; of two equal ones the later first. */
  readonly kept: readonly KeptScore[];
}

export interface KeptScore {
  /** `codeOf` of the score. */
  readonly code: number;
  /** 1 for the first score ever taken. */
  readonly number: number;
  /** How many later ones reach it. */
  readonly later: number;
}

export const NO_SCORES: RankedScores = { taken: 0, kept: [] };

export interface ScoreWindow {
  /** Scores further back are forgotten. */
  readonly last: number;
  /** The lowest rank that may be asked for. */
  readonly ranks: number;
}

export const CODE_MAX = 65_535;
const LEAST = Math.log(1e-2);
const STEP = (Math.log(1e6) - LEAST) / (CODE_MAX - 1);

/** 0 for a score of 0; else rounded up, between 0.01 and a million. */
export function codeOf(score: number): number {
  if (score <= 0) return 0;
  const code = 1 + Math.max(0, Math.ceil((Math.log(score) - LEAST) / STEP));
  return Math.min(CODE_MAX, code);
}

/** Decoding is the inner loop of a forecast. 0 marks a score that was not asked for yet. */
const DECODED = new Float64Array(CODE_MAX + 1);

export function scoreOf(code: number): number {
  if (code === 0) return 0;
  const known = DECODED[code] as number;
  if (known !== 0) return known;
  const score = Math.exp(LEAST + (code - 1) * STEP);
  DECODED[code] = score;
  return score;
}

export function withScore(
  { taken, kept }: RankedScores,
  code: number,
  { last, ranks }: ScoreWindow,
): RankedScores {
  const number = taken + 1;
  // Before all that it reaches.
  const place = countWhile(kept, (score) => score.code > code);
  const next = kept.slice(0, place);
  next.push({ code, number, later: 0 });
  for (let index = place; index < kept.length; index++) {
    const score = kept[index] as KeptScore;
    const later = score.later + 1;
    if (later < ranks) next.push({ code: score.code, number: score.number, later });
  }
  const isForgotten = (score: KeptScore) => number - score.number >= last;
  const hasForgotten = number > last && next.some(isForgotten);
  return { taken: number, kept: hasForgotten ? next.filter((each) => !isForgotten(each)) : next };
}

/** Ranks what was stored, in any order, among the last so many. */
export function rankedFrom(
  stored: readonly Pick<KeptScore, 'code' | 'number'>[],
  { taken, last }: { readonly taken: number; readonly last: number },
): RankedScores {
  const ordered = stored
    .filter(({ number }) => taken - number < last)
    .sort((a, b) => b.code - a.code || b.number - a.number);
  // Ascending.
  const larger: number[] = [];
  const kept = ordered.map((score) => {
    const place = countWhile(larger, (number) => number < score.number);
    larger.splice(place, 0, score.number);
    return { ...score, later: larger.length - 1 - place };
  });
  return { taken, kept };
}

/** How many it holds for: they come first. */
function countWhile<T>(sorted: readonly T[], holds: (each: T) => boolean): number {
  let [from, until] = [0, sorted.length];
  while (from < until) {
    const middle = (from + until) >> 1;
    if (holds(sorted[middle] as T)) from = middle + 1;
    else until = middle;
  }
  return from;
}

/** m: how many scores the ranks refer to. */
export const sizeOf = ({ taken }: RankedScores, { last }: ScoreWindow): number =>
  Math.min(taken, last);

/**
 * The least one kept where `rank` is beyond: a lower confidence asks for ranks that were not kept.
 * @param rank 1 is the largest
 */
export const scoreAtRank = ({ kept }: RankedScores, rank: number): number =>
  scoreOf((kept[Math.min(rank, kept.length) - 1] as KeptScore).code);

/** The largest scores, largest first. @param count at most the size and `ranks` */
export const largestScores = ({ kept }: RankedScores, count: number): number[] =>
  kept.slice(0, count).map(({ code }) => scoreOf(code));
