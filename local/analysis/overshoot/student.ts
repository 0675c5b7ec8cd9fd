import logGamma from '@stdlib/math-base-special-gammaln';
import quantile from '@stdlib/stats-base-dists-t-quantile';
import { finite, share } from '../../../lambda/margin/statistics/argument-range.ts';

/**
 * Quantile of a Student-t variable scaled to unit variance: t_ν(confidence)·√((ν − 2)/ν).
 * @throws RangeError unless ν > 2: else there is no variance.
 */
export function studentQuantile(confidence: number, degrees: number): number {
  if (!(finite('degrees', degrees) > 2)) {
    throw new RangeError(`degrees must be above 2 for a variance to exist, not ${degrees}`);
  }
  const scale = Math.sqrt((degrees - 2) / degrees);
  return quantile(share('confidence', confidence), degrees) * scale;
}

/**
 * ln f_ν(0) of that variable: ln Γ((ν + 1)/2) − ln Γ(ν/2) − ½·ln(π·(ν − 2)).
 * @param degrees ν, above 2
 */
export const studentLogPeak = (degrees: number): number =>
  logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - Math.log(Math.PI * (degrees - 2)) / 2;
