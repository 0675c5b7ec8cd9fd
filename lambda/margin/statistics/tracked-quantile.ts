/**
 * A quantile that learns from its own exceedances:
 *
 *     z ← z·e^{γ·(1 − p)} after an exceedance,   z ← z·e^{−γ·p} otherwise.
 *
 * Over T cases ln(z_T/z_0) = γ·(x − p·T), so the exceedances x differ from p·T by at most the
 * change of ln z divided by γ. This holds for any distribution [Gibbs and Candès 2021;
 * Angelopoulos, Candès and Tibshirani 2023]. A larger γ forgets sooner and varies more.
 */
import { positive, share } from './argument-range.ts';

export interface Tracking {
  /** p: share of cases that may exceed. */
  readonly allowed: number;
  /** γ: roughly, the relative rise after an exceedance. */
  readonly step: number;
  /** How far a long calm may lower the quantile, and a crash raise it. */
  readonly least: number;
  readonly most: number;
}

export interface SideQuantiles {
  readonly down: number;
  readonly up: number;
}

/** An exceedance raises a live quantile by about a fifth. docs/backtest.md gives the reason. */
export const TRACKED_STEP = 0.2;

/** Limit of a live quantile, as a multiple of the policy's. */
export const TRACKED_MOST = 4;

/**
 * Share of one-gap moves that may exceed, relative to that of windows. A check sees only a gap's
 * end, and a random walk's furthest point passes a line twice as often (reflection principle).
 */
export const TRACKED_SHARE = 0.5;

/** @param residual log return ÷ its deviation; one equal to the quantile is no exceedance. */
export const nextQuantiles = (
  { down, up }: SideQuantiles,
  { residual, tracking }: { readonly residual: number; readonly tracking: Tracking },
): SideQuantiles => ({
  down: nextQuantile(down, { exceeded: -residual > down, tracking }),
  up: nextQuantile(up, { exceeded: residual > up, tracking }),
});

/** @throws RangeError unless all values are above zero and `allowed` is below 1. */
export function nextQuantile(
  quantile: number,
  { exceeded, tracking }: { readonly exceeded: boolean; readonly tracking: Tracking },
): number {
  const { allowed, step, least, most } = tracking;
  const surprise = (exceeded ? 1 : 0) - share('allowed', allowed);
  const moved = positive('quantile', quantile) * Math.exp(positive('step', step) * surprise);
  return Math.min(positive('most', most), Math.max(positive('least', least), moved));
}
