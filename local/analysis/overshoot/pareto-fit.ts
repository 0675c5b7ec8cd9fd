import { positive } from '../../../lambda/margin/statistics/argument-range.ts';
import type { ParetoShape } from './generalised-pareto.ts';
import { fallingRoot } from './root.ts';

/** The tail counts as exponential if θ·mean, and so ξ, is below this. */
const NEARLY_NONE = 1e-6;

/**
 * Maximum likelihood. With θ = ξ/β it is greatest in ξ at ξ(θ) = mean of ln(1 + θy), which leaves
 * ℓ'(θ) = 1/θ − ξ'/ξ − ξ' = 0 [Grimshaw 1993]. The shape is never below 0: a tail with an end would
 * promise that nothing worse can happen. Standard error of ξ: about (1 + ξ)/√N.
 * @throws RangeError unless there are two exceedances or more, all above 0.
 */
export function fitPareto(exceedances: readonly number[]): ParetoShape {
  if (exceedances.length < 2) {
    throw new RangeError(`exceedances must be at least 2, not ${exceedances.length}`);
  }
  const mean = meanOf(exceedances, (value) => positive('exceedance', value));
  const units = exceedances.map((value) => value / mean);
  const slope = (theta: number): number => {
    const shape = meanOf(units, (y) => Math.log1p(theta * y));
    const change = meanOf(units, (y) => y / (1 + theta * y));
    return 1 / theta - change / shape - change;
  };
  if (slope(NEARLY_NONE) <= 0) return { shape: 0, scale: mean };
  let high = 1;
  while (slope(high) > 0) high *= 2;
  const theta = fallingRoot(slope, { low: NEARLY_NONE, high });
  const shape = meanOf(units, (y) => Math.log1p(theta * y));
  return { shape, scale: (mean * shape) / theta };
}

const meanOf = (values: readonly number[], of: (value: number) => number): number =>
  values.reduce((sum, value) => sum + of(value), 0) / values.length;
