/**
 * σ̂: the volatility of now, from the range of each gap between two checks.
 *
 *     v ← w·v + (1 − w)·v_gap,   w = 2^(−gap/(3·max(Δ, 60 s)))
 *
 * It begins with the stress volatility. After twelve gaps it is their mean.
 */
import { rangeVariance, returnVariance } from './range-variance.ts';

export interface GapTerms {
  /** Δ. */
  readonly intervalSeconds: number;
  /** Annual: the volatility before anything is known, and after a long silence. */
  readonly stress: number;
}

export interface GapVariance {
  /** v: annual. */
  readonly variance: number;
  /** Gaps whose variance has counted, up to `WARM_UP_GAPS`, and their sum until then. */
  readonly gaps: number;
  readonly sum: number;
}

/** One gap. All are logs of ratios to the price at its beginning. */
export interface Gap {
  readonly seconds: number;
  /** p → p′. */
  readonly moved: number;
  /** 0 or more: p → lowest, p → highest, in absolute value. */
  readonly fall: number;
  readonly rise: number;
  /** Whether the fall and the rise are of the whole gap, or of its ends alone. */
  readonly isRanged: boolean;
}

const HALF_LIFE_INTERVALS = 3;
const HALF_LIFE_INTERVAL_SECONDS_MIN = 60;
/** Until then the stress volatility counts. */
export const WARM_UP_GAPS = 12;
/** A longer gap counts as so many intervals. What else has passed is forgotten towards stress. */
const GAP_INTERVALS = 10;

/** A guard against a price that stands still, and one against nonsense; both annual. */
const VOLATILITY_MIN = 0.02;
const VOLATILITY_MAX = 1000;

export function nextGapVariance(
  { variance, gaps, sum }: GapVariance,
  { seconds, moved, fall, rise, isRanged }: Gap,
  { intervalSeconds, stress }: GapTerms,
): GapVariance {
  const ofGap = isRanged ? rangeVariance(fall + rise, seconds) : returnVariance(moved, seconds);
  if (gaps < WARM_UP_GAPS) {
    const all = { gaps: gaps + 1, sum: sum + ofGap };
    const isWarm = all.gaps === WARM_UP_GAPS;
    return isWarm ? { variance: all.sum / all.gaps, gaps: all.gaps, sum: 0 } : { variance, ...all };
  }
  const counted = Math.min(seconds, GAP_INTERVALS * intervalSeconds);
  const known = forgotten(variance, seconds - counted, { intervalSeconds, stress });
  const weight = keptAfter(counted, intervalSeconds);
  return { variance: weight * known + (1 - weight) * ofGap, gaps, sum };
}

/** w: what is left of the weight of the past. */
const keptAfter = (seconds: number, intervalSeconds: number): number =>
  2 **
  (-seconds / (HALF_LIFE_INTERVALS * Math.max(intervalSeconds, HALF_LIFE_INTERVAL_SECONDS_MIN)));

function forgotten(
  variance: number,
  seconds: number,
  { intervalSeconds, stress }: GapTerms,
): number {
  if (seconds <= 0) return variance;
  const kept = keptAfter(seconds, intervalSeconds);
  return variance * kept + stress ** 2 * (1 - kept);
}

export const volatilityOf = (variance: number): number =>
  Math.min(VOLATILITY_MAX, Math.max(VOLATILITY_MIN, Math.sqrt(variance)));

/** σ̂, annual, when the last counted price is so old. */
export function forecastVolatility(
  { variance, gaps }: GapVariance,
  secondsSince: number,
  terms: GapTerms,
): number {
  if (gaps < WARM_UP_GAPS) return volatilityOf(variance);
  const unseen = secondsSince - GAP_INTERVALS * terms.intervalSeconds;
  return volatilityOf(forgotten(variance, unseen, terms));
}
