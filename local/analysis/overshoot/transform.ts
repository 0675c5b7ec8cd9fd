import { notNegative } from '../../../lambda/margin/statistics/argument-range.ts';

/** Trapezoid in t over u = e^t. The integrand decays on both sides: accuracy is exponential. */
const STEP = 0.1;
const NODES = Array.from({ length: 780 }, (_, index) => {
  const u = Math.exp(index * STEP - 75);
  return { square: u * u, weight: (STEP / Math.PI) * u * Math.log(-Math.expm1((-u * u) / 2)) };
}).filter(({ weight }) => weight !== 0);

/**
 * The Laplace transform of the overshoot [Chang and Peres 1997]:
 *
 *     E e^{−sR} = (√2/s)·exp{ (1/π) ∫₀^∞ s/(s² + u²) · ln(1 − e^{−u²/2}) du }
 *
 * At s = 1: .618357691292. Good to about 1e-13 for s ≥ 1e-12. @throws RangeError unless s ≥ 0.
 */
export function overshootTransform(s: number): number {
  if (notNegative('s', s) === 0) return 1;
  const exponent = NODES.reduce((sum, { square, weight }) => sum + weight / (s * s + square), 0);
  return (Math.SQRT2 / s) * Math.exp(s * exponent);
}
