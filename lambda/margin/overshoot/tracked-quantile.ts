/**
 * A quantile that learns from its own exceedances, whatever the distribution is:
 *
 *     z ← z·e^{γ·(1 − p)} after an exceedance,   z ← z·e^{−γ·p} after a case that held.
 *
 * Over T cases ln(z_T/z_0) = γ·(x − p·T), so the exceedances x differ from p·T by no more than what
 * ln z moved by, divided by γ: a bound that assumes nothing of the returns [Gibbs and Candès 2021;
 * Angelopoulos, Candès and Tibshirani 2023]. A larger γ forgets sooner and swings wider.
 */
import { positive, share } from './range.ts';

export interface Tracking {
  /** p: the share of cases that may exceed. */
  readonly allowed: number;
  /** γ: about how much one exceedance raises the quantile by; 0.1 is a tenth. */
  readonly step: number;
  /** Never below, never above: what a long calm may take away, and a storm add. */
  readonly least: number;
  readonly most: number;
}

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
