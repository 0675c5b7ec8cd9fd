/**
 * A quantile that learns from its own exceedances, whatever the distribution is:
 *
 *     z ← z·e^{γ·(1 − p)} after an exceedance,   z ← z·e^{−γ·p} after a case that held.
 *
 * Over T cases ln(z_T/z_0) = γ·(x − p·T), so the exceedances x differ from p·T by no more than what
 * ln z moved by, divided by γ: a bound that assumes nothing of the returns [Gibbs and Candès 2021;
 * Angelopoulos, Candès and Tibshirani 2023]. A larger γ forgets sooner and swings wider.
 */
import { positive, share } from './argument-range.ts';

export interface Tracking {
  /** p: the share of cases that may exceed. */
  readonly allowed: number;
  /** γ: about how much one exceedance raises the quantile by; 0.1 is a tenth. */
  readonly step: number;
  /** Never below, never above: what a long calm may take away, and a storm add. */
  readonly least: number;
  readonly most: number;
}

/** One for moves down, one for moves up. */
export interface SideQuantiles {
  readonly down: number;
  readonly up: number;
}

/** What one exceedance raises the quantile of a live check by: a fifth. docs/backtest.md says why. */
export const TRACKED_STEP = 0.2;

/** A live quantile lies between the policy's and so many times it. */
export const TRACKED_MOST = 4;

/**
 * The share of one-gap moves that may exceed, of the share of windows that may. A check sees where a
 * gap ended; the furthest point of a random walk lies beyond a line twice as often as its end does
 * (the reflection principle).
 */
export const TRACKED_SHARE = 0.5;

/** @param residual a log return ÷ its deviation; one that is just the quantile does not exceed it. */
export const nextQuantiles = (
  { down, up }: SideQuantiles,
  { residual, tracking }: { readonly residual: number; readonly tracking: Tracking },
): SideQuantiles => ({
  down: nextQuantile(down, { exceeded: -residual > down, tracking }),
  up: nextQuantile(up, { exceeded: residual > up, tracking }),
});

/** @throws RangeError unless all are above zero and the share is one. */
export function nextQuantile(
  quantile: number,
  { exceeded, tracking }: { readonly exceeded: boolean; readonly tracking: Tracking },
): number {
  const { allowed, step, least, most } = tracking;
  const surprise = (exceeded ? 1 : 0) - share('allowed', allowed);
  const moved = positive('quantile', quantile) * Math.exp(positive('step', step) * surprise);
  return Math.min(positive('most', most), Math.max(positive('least', least), moved));
}
