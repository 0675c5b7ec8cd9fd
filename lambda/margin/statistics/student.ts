/**
 * Student-t with four degrees of freedom, scaled to unit variance: the law of z where nothing was
 * measured. Both formulas are closed: with T the distribution function of t₄,
 *
 *     T(t) = ½ + (3/8)·u·(1 − u²/12), u = t/√(1 + t²/4);   t = 2·√(cos(arccos(√a)/3)/√a − 1)
 *
 * for a = 4q(1 − q), q ≥ ½ [Shaw 2006]. At unit variance z = t/√2: 2.64949 at 99 %.
 */
import { finite, share } from './argument-range.ts';

/** z at a confidence from ½ to below 1. @throws ArgumentRangeError unless strictly within 0 and 1. */
export function studentQuantile(confidence: number): number {
  const q = share('confidence', confidence);
  const root = Math.sqrt(4 * q * (1 - q));
  const t = 2 * Math.sqrt(Math.max(0, Math.cos(Math.acos(root) / 3) / root - 1));
  return t / Math.SQRT2;
}

/** The share beyond z: 0.01 at 2.64949. @throws ArgumentRangeError unless finite. */
export function studentTail(quantile: number): number {
  const t = finite('quantile', quantile) * Math.SQRT2;
  const u = t / Math.sqrt(1 + (t * t) / 4);
  return 0.5 - (3 / 8) * u * (1 - (u * u) / 12);
}
