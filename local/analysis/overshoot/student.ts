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
