/**
 * The move from crossing a line to close-out: M = R·s_Δ + s_L·Z, the overshoot at detection plus a
 * normal move during execution. In log returns; with d = s_L/s_Δ and x in units of s_Δ,
 *
 *     P(R + dZ > x) = 1 − Φ(x/d) + ∫₀^∞ P(R > u)·φ((x − u)/d) du/d,
 *
 * by Gauss–Legendre over the part of [0, 9.5] within 9d of x. Both factors are entire: 48 nodes
 * leave about 1e-15.
 */

import {
  finite,
  notNegative,
  positive,
  share,
} from '../../../lambda/margin/statistics/argument-range.ts';
import { deviationOver } from '../../../lambda/margin/statistics/scale.ts';
import { gaussLegendre, nodesOn, type QuadratureNode } from './gauss-legendre.ts';
import { iteratedTail, normalDensity, normalQuantile } from './normal.ts';
import { fallingRoot } from './root.ts';
import {
  OVERSHOOT_MEAN,
  OVERSHOOT_REACH,
  overshootAbove,
  overshootBeyond,
  overshootDensity,
  overshootExcess,
} from './stationary.ts';

export interface LatencyTimes {
  /** Annual. */
  readonly volatility: number;
  /** Δ: between two checks. */
  readonly gapSeconds: number;
  /** L: from an order to its fill. */
  readonly executionSeconds: number;
}

const NODES = 48;
/** In deviations: a normal variable has no mass in float64 beyond. */
const NORMAL_REACH = 9;

/** Keeps the quantile in the bracket if d is so large that R hardly counts. */
const ROUNDING = 1e-9;

let rule: readonly QuadratureNode[] | undefined;

/** ∫₀^∞ g(u)·φ((x − u)/d) du/d */
function smoothed(g: (u: number) => number, { x, d }: { x: number; d: number }): number {
  const from = Math.max(0, x - NORMAL_REACH * d);
  const to = Math.min(OVERSHOOT_REACH, x + NORMAL_REACH * d);
  if (from >= to) return 0;
  rule ??= gaussLegendre(NODES);
  return nodesOn(rule, { from, to }).reduce(
    (sum, { at, weight }) => sum + (weight * g(at) * normalDensity((x - at) / d)) / d,
    0,
  );
}

interface Scale {
  /** s_Δ */
  readonly step: number;
  /** √(L/Δ) */
  readonly d: number;
}

function scaleOf({ volatility, gapSeconds, executionSeconds }: LatencyTimes): Scale {
  const step = deviationOver(positive('volatility', volatility), positive('gap', gapSeconds));
  return { step, d: Math.sqrt(notNegative('execution', executionSeconds) / gapSeconds) };
}

const aboveAt = (x: number, d: number): number =>
  d === 0 ? overshootAbove(x) : iteratedTail(0, x / d) + smoothed(overshootAbove, { x, d });

/** The density of M at a log return. @throws RangeError for an invalid time or volatility. */
export function latencyMoveDensity(move: number, times: LatencyTimes): number {
  const { step, d } = scaleOf(times);
  const x = finite('move', move) / step;
  return (d === 0 ? overshootDensity(x) : smoothed(overshootDensity, { x, d })) / step;
}

/** P(M > move), for a log return. @throws RangeError for an invalid time or volatility. */
export function latencyMoveAbove(move: number, times: LatencyTimes): number {
  const { step, d } = scaleOf(times);
  return aboveAt(finite('move', move) / step, d);
}

/** E(M − move)₊, a log return. @throws RangeError for an invalid time or volatility. */
export function latencyMoveExcess(move: number, times: LatencyTimes): number {
  const { step, d } = scaleOf(times);
  const x = finite('move', move) / step;
  if (d === 0) return step * overshootExcess(x);
  const below = OVERSHOOT_MEAN * iteratedTail(0, x / d) + d * iteratedTail(1, x / d);
  return step * (below + smoothed(overshootExcess, { x, d }));
}

/**
 * x with P(M ≤ x) = confidence. Above the quantile of s_L·Z, as R > 0; below the sum of both
 * quantiles at half the chance, as one of the two must exceed its own.
 * @throws RangeError unless 0 < confidence < 1, or for an invalid time or volatility.
 */
export function latencyMoveQuantile(confidence: number, times: LatencyTimes): number {
  const { step, d } = scaleOf(times);
  const chance = 1 - share('confidence', confidence);
  const logChance = Math.log1p(-confidence);
  const root = fallingRoot((x) => Math.log(aboveAt(x, d)) - logChance, {
    low: d * (normalQuantile(confidence) - ROUNDING),
    high: overshootBeyond(logChance - Math.LN2) - d * normalQuantile(chance / 2),
  });
  return step * root;
}
