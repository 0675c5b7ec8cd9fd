/**
 * How far a price may move before a breach is found and closed out, learnt from the gaps between the
 * prices that checks have seen: filtered historical simulation [Barone-Adesi, Giannopoulos and
 * Vosper 1999] on the range of each gap, at a level that corrects itself [Gibbs and Candès 2021].
 *
 *     σ̂     the volatility of now:  v ← w·v + (1 − w)·v_gap,  w = 2^(−gap/(3·max(Δ, 60 s)))
 *     score  the furthest move in a horizon of k gaps, in deviations of the σ̂ before it
 *     z      the quantile of the last scores at the level 1 − α, by a Pareto tail
 *     α      ← α + (γ/k)·p·(p − [score > z]), begun at p, within −2p … 3p
 *
 * k = Δ + L in whole gaps. A score of one gap says too little of two: within a crash the second is
 * the larger one. Each gap is in k scores, so each moves α by a k-th.
 *
 * A gap whose range is not known counts by its ends, and its scores are held against p/2: a random
 * walk's furthest point passes a line twice as often as its end does (reflection principle).
 *
 * docs/backtest.md says on which histories the constants were chosen, and on which they were judged.
 */
import {
  type Gap,
  type GapTerms,
  type GapVariance,
  nextGapVariance,
  volatilityOf,
  WARM_UP_GAPS,
} from './gap-variance.ts';
import { paretoTail, tailQuantile } from './pareto-tail.ts';
import {
  codeOf,
  largestScores,
  NO_SCORES,
  type RankedScores,
  type ScoreWindow,
  scoreAtRank,
  scoreOf,
  sizeOf,
  withScore,
} from './ranked-scores.ts';
import { deviationOver } from './scale.ts';
import { studentQuantile } from './student.ts';

export interface Sides<T> {
  /** Against a long position. */
  readonly down: T;
  readonly up: T;
}

export interface ForecastTerms extends GapTerms {
  /** k: Δ + L in whole gaps. */
  readonly horizonGaps: number;
  /** p: share of horizons whose move may be larger. */
  readonly allowed: number;
}

export interface ForecastMemory extends GapVariance {
  readonly isRanged: boolean;
  /** Gaps without a range since the last that had one. */
  readonly unranged: number;
  readonly alpha: Sides<number>;
  readonly scores: Sides<RankedScores>;
  /** Horizons that have begun, the oldest first. */
  readonly open: readonly OpenHorizon[];
}

/** Logs of the furthest prices since its beginning; σ̂ as it was then. */
export interface OpenHorizon {
  readonly fall: number;
  readonly rise: number;
  /** ln of the price of now over that of its beginning. */
  readonly moved: number;
  readonly seconds: number;
  readonly volatility: number;
}

/** A longer gap gives no score: its horizon was not one that checks keep to. */
const SCORED_INTERVALS = 2;
/** Longer horizons are taken as so many gaps. */
export const HORIZON_GAPS_MAX = 12;
/** After so many gaps without a range, the ends are scored instead. */
const UNRANGED_MAX = 50;

/** Fewer scores say too little: Student-t. */
const SCORES_MIN = 50;
const TAIL_SCORES = 50;
const LAST_RANGES = 1000;
const LAST_ENDS = 2000;

/** How many scores count. */
export const scoresCounted = ({ isRanged }: Pick<ForecastMemory, 'isRanged'>): number =>
  isRanged ? LAST_RANGES : LAST_ENDS;

/** Of the last so many scores, none is forgotten. */
export const SCORES_KEPT_LEAST = TAIL_SCORES + 1;

/** γ. */
const STEP = 0.4;
const ALPHA_LEAST = -2;
const ALPHA_MOST = 3;
/** The tail is not read further out than at this share of p. */
const TAIL_ALPHA_MIN = 0.1;
/** Ends alone: a price that rarely moves has scores of 0. */
const ENDS_QUANTILE_MIN = 0.5;
/** Half as many ends as furthest points lie beyond a line. */
const ENDS_SHARE = 0.5;

/** Δ + L in whole gaps. */
export const horizonGapsOf = (intervalSeconds: number, executionSeconds: number): number =>
  Math.min(
    HORIZON_GAPS_MAX,
    Math.max(1, Math.round((intervalSeconds + executionSeconds) / intervalSeconds)),
  );

/** @param stress annual: the volatility until gaps were counted */
export const startForecast = (stress: number, allowed: number): ForecastMemory => ({
  variance: stress ** 2,
  gaps: 0,
  sum: 0,
  unranged: 0,
  ...withoutScores(false, allowed),
});

const withoutScores = (isRanged: boolean, allowed: number) => {
  const level = levelOf({ isRanged }, allowed);
  const scores = { down: NO_SCORES, up: NO_SCORES };
  return { isRanged, alpha: { down: level, up: level }, scores, open: [] };
};

/** Begins with a variance that was measured before, so nothing has to warm up. */
export const carriedForecast = (annualVariance: number, allowed: number): ForecastMemory => ({
  ...startForecast(Math.sqrt(annualVariance), allowed),
  gaps: WARM_UP_GAPS,
});

/** The memory after one more gap. */
export function nextForecast(
  before: ForecastMemory,
  gap: Gap,
  terms: ForecastTerms,
): ForecastMemory {
  const memory = inModeOf(gap, before, terms);
  const open = widened(memory, gap);
  const scored = withScores({ ...memory, open }, gap, terms);
  return { ...scored, ...nextGapVariance(memory, gap, terms) };
}

/** Scores of ranges and of ends do not mix: a feed that begins to have ranges starts anew. */
function inModeOf(gap: Gap, memory: ForecastMemory, { allowed }: ForecastTerms): ForecastMemory {
  const unranged = gap.isRanged ? 0 : memory.unranged + 1;
  const isRanged = gap.isRanged || (memory.isRanged && unranged <= UNRANGED_MAX);
  if (isRanged === memory.isRanged) return { ...memory, unranged };
  return { ...memory, unranged, ...withoutScores(isRanged, allowed) };
}

/** Every open horizon, and one that begins with this gap. */
function widened({ open, variance }: ForecastMemory, gap: Gap): OpenHorizon[] {
  const started = { fall: 0, rise: 0, moved: 0, seconds: 0, volatility: volatilityOf(variance) };
  return [...open, started].map(({ fall, rise, moved, seconds, volatility }) => ({
    fall: Math.max(fall, gap.fall - moved),
    rise: Math.max(rise, gap.rise + moved),
    moved: moved + gap.moved,
    seconds: seconds + gap.seconds,
    volatility,
  }));
}

/** A gap that no check keeps to ends all horizons without a score; so does one without its range. */
function withScores(memory: ForecastMemory, gap: Gap, terms: ForecastTerms): ForecastMemory {
  const { intervalSeconds, horizonGaps } = terms;
  const isScored =
    gap.seconds <= SCORED_INTERVALS * intervalSeconds && gap.isRanged === memory.isRanged;
  if (!isScored) return { ...memory, open: [] };
  const { open } = memory;
  const closed = open[open.length - horizonGaps];
  if (closed === undefined) return memory;
  const left = { ...memory, open: open.slice(open.length - horizonGaps + 1) };
  const deviation = deviationOver(closed.volatility, closed.seconds);
  const down = scored(memory, { side: 'down', score: closed.fall / deviation, terms });
  const up = scored(memory, { side: 'up', score: closed.rise / deviation, terms });
  return {
    ...left,
    alpha: { down: down.alpha, up: up.alpha },
    scores: { down: down.scores, up: up.scores },
  };
}

interface Scored {
  readonly side: keyof Sides<unknown>;
  readonly score: number;
  readonly terms: ForecastTerms;
}

function scored(memory: ForecastMemory, { side, score, terms }: Scored) {
  const code = codeOf(score);
  const allowed = allowedIn(memory, terms);
  const isExceeded = isBeyond(memory, { side, score: scoreOf(code), terms });
  const step = (STEP / terms.horizonGaps) * allowed;
  const moved = memory.alpha[side] + step * (allowed - (isExceeded ? 1 : 0));
  return {
    alpha: withinBounds(moved, allowed),
    scores: withScore(memory.scores[side], code, windowOf(memory, terms)),
  };
}

/** score > z. Where z lies in the tail, a score below the tail needs no fit. */
function isBeyond(memory: ForecastMemory, { side, score, terms }: Scored): boolean {
  const scores = memory.scores[side];
  const size = sizeOf(scores, windowOf(memory, terms));
  const tail = tailOf(size);
  const alpha = withinBounds(memory.alpha[side], allowedIn(memory, terms));
  const isFitted = size >= SCORES_MIN && alpha <= tail / size;
  if (isFitted && score <= scoreAtRank(scores, tail + 1)) return false;
  return score > quantileOn(memory, side, terms);
}

const withinBounds = (alpha: number, allowed: number): number =>
  Math.min(ALPHA_MOST * allowed, Math.max(ALPHA_LEAST * allowed, alpha));

/** What α begins at, and returns to. */
const levelOf = ({ isRanged }: Pick<ForecastMemory, 'isRanged'>, allowed: number): number =>
  isRanged ? allowed : allowed * ENDS_SHARE;

const allowedIn = (memory: ForecastMemory, { allowed }: ForecastTerms): number =>
  levelOf(memory, allowed);

function windowOf(memory: ForecastMemory, terms: ForecastTerms): ScoreWindow {
  const last = scoresCounted(memory);
  const lowest = Math.ceil(ALPHA_MOST * allowedIn(memory, terms) * (last + 1)) + 1;
  return { last, ranks: Math.max(SCORES_KEPT_LEAST, lowest) };
}

export interface ForecastMove {
  /** σ, annual. */
  readonly volatility: number;
  readonly quantiles: Sides<number>;
  /** Δ + L. */
  readonly seconds: number;
}

/** A price cannot fall by more than all of it, nor is a rise above a thousandfold told apart. */
const RISE_MAX = 1000;

/** The move as a fraction of the price: 1 − e^−x for falls and e^x − 1 for rises, x = z·σ·√t. */
export function forecastMoves({ volatility, quantiles, seconds }: ForecastMove): Sides<number> {
  const deviation = deviationOver(volatility, seconds);
  return {
    down: -Math.expm1(-quantiles.down * deviation),
    up: Math.min(RISE_MAX, Math.expm1(quantiles.up * deviation)),
  };
}

/** z on both sides. */
export const forecastQuantiles = (memory: ForecastMemory, terms: ForecastTerms): Sides<number> => ({
  down: quantileOn(memory, 'down', terms),
  up: quantileOn(memory, 'up', terms),
});

function quantileOn(
  memory: ForecastMemory,
  side: keyof Sides<unknown>,
  terms: ForecastTerms,
): number {
  const scores = memory.scores[side];
  const size = sizeOf(scores, windowOf(memory, terms));
  if (size < SCORES_MIN) return studentQuantile(1 - terms.allowed);
  const allowed = allowedIn(memory, terms);
  // It was learnt at another p if the confidence has changed since.
  const alpha = withinBounds(memory.alpha[side], allowed);
  const quantile = quantileOf(scores, { size, alpha, allowed });
  return memory.isRanged ? quantile : Math.max(ENDS_QUANTILE_MIN, quantile);
}

const tailOf = (size: number): number => Math.min(TAIL_SCORES, Math.floor(size / 2));

/** The score that a share of α exceeds. */
function quantileOf(
  scores: RankedScores,
  { size, alpha, allowed }: { size: number; alpha: number; allowed: number },
): number {
  const tail = tailOf(size);
  const rank = size + 1 - Math.ceil((1 - alpha) * (size + 1));
  if (alpha > tail / size) return scoreAtRank(scores, Math.max(1, rank));
  const largest = largestScores(scores, tail);
  const fitted = paretoTail(largest, scoreAtRank(scores, tail + 1));
  const share = Math.max(alpha, allowed * TAIL_ALPHA_MIN) / (tail / size);
  const quantile = tailQuantile(fitted, share);
  // At a level beyond all scores, z is never below the largest.
  return rank >= 1 ? quantile : Math.max(quantile, largest[0] as number);
}
