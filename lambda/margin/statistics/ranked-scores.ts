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

/** Computed once each, as a forecast reads some 200 for every gap. */
const SCORES = new Float64Array(CODE_MAX + 1).fill(Number.NaN);
SCORES[0] = 0;

export function scoreOf(code: number): number {
  const known = SCORES[code] as number;
  if (!Number.isNaN(known)) return known;
  const score = Math.exp(LEAST + (code - 1) * STEP);
  SCORES[code] = score;
  return score;
}

export function withScore(
  { taken, kept }: RankedScores,
  code: number,
  { last, ranks }: ScoreWindow,
): RankedScores {
  const number = taken + 1;
  const oldest = number - last;
  const next: KeptScore[] = [];
  let index = 0;
  for (; index < kept.length; index++) {
    const score = kept[index] as KeptScore;
    if (score.code <= code) break;
    if (score.later < ranks && score.number > oldest) next.push(score);
  }
  next.push({ code, number, later: 0 });
  for (; index < kept.length; index++) {
    const score = kept[index] as KeptScore;
    const later = score.later + 1;
    if (later < ranks && score.number > oldest) {
      next.push({ code: score.code, number: score.number, later });
    }
  }
  return { taken: number, kept: next };
}

/** Ranks what was stored. @param stored in any order */
export function rankedFrom(
  taken: number,
  stored: readonly Pick<KeptScore, 'code' | 'number'>[],
): RankedScores {
  const ordered = stored.toSorted((a, b) => b.code - a.code || b.number - a.number);
  const kept = ordered.map((score, index) => {
    const larger = ordered.slice(0, index);
    return { ...score, later: larger.filter(({ number }) => number > score.number).length };
  });
  return { taken, kept };
}

/** m: how many scores the ranks refer to. */
export const sizeOf = ({ taken }: RankedScores, { last }: ScoreWindow): number =>
  Math.min(taken, last);

/** @param rank 1 is the largest; at most the size and `ranks` */
export const scoreAtRank = ({ kept }: RankedScores, rank: number): number =>
  scoreOf((kept[rank - 1] as KeptScore).code);
