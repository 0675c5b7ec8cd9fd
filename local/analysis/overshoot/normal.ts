import erfcinv from '@stdlib/math-base-special-erfcinv';
import erfcx from '@stdlib/math-base-special-erfcx';
import cdf from '@stdlib/stats-base-dists-normal-cdf';
import { share } from '../../../lambda/margin/statistics/argument-range.ts';
import { normalDensity, ROOT_TAU } from '../../../lambda/margin/statistics/normal-density.ts';

export { normalDensity };

/** Φ(z), to full relative accuracy in the lower tail. */
export const normalBelow = (z: number): number => cdf(z, 0, 1);

/** 1 − Φ(z), to full relative accuracy in the upper tail. */
export const normalAbove = (z: number): number => cdf(-z, 0, 1);

/** Accurate in the lower tail too. @throws RangeError unless 0 < confidence < 1. */
export const normalQuantile = (confidence: number): number =>
  -Math.SQRT2 * erfcinv(2 * share('confidence', confidence));

/**
 * Iₙ(x) = ∫ₓ^∞ Iₙ₋₁ = E[(Z − x)₊ⁿ]/n! with I₀ = 1 − Φ, by n·Iₙ = Iₙ₋₂ − x·Iₙ₋₁ and I₋₁ = φ
 * [Abramowitz and Stegun 7.2.5]. Absolute error about 1e-16; above 0 the recursion loses about
 * 2n·log₁₀ x digits. erfcx is faster than the tail.
 * @param times n
 */
export function iteratedTail(times: number, x: number): number {
  const density = normalDensity(x);
  const tail = x < 0 ? normalAbove(x) : density * (ROOT_TAU / 2) * erfcx(x * Math.SQRT1_2);
  let [before, value] = [density, tail];
  for (let n = 1; n <= times; n++) [before, value] = [value, (before - x * value) / n];
  return value;
}
