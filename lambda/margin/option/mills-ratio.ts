// @ts-expect-error The package has no types for this file.
import polynomials from '@stdlib/math-base-special-erfcx/lib/erfcx_y100.js';

/** @param y 400/(4 + x), x from 0 to 50. @returns e^{x²}·erfc(x) */
const erfcxY100: (y: number) => number = polynomials;

/** (1 − Φ(z))/φ(z), z ≥ 0. */
export const millsRatio = (z: number): number => Math.sqrt(Math.PI / 2) * erfcx(z * Math.SQRT1_2);

const INVERSE_ROOT_PI = 0.56418958354775628;

/**
 * e^{x²}·erfc(x), x ≥ 0: the same branch as in stdlib's erfcx. For x < 0 the package loads an
 * exponential function of its own, 45 kB that every cold start would parse.
 */
function erfcx(x: number): number {
  if (x <= 50) return erfcxY100(400 / (4 + x));
  if (x > 5e7) return INVERSE_ROOT_PI / x;
  const square = x * x;
  // The first five terms of the continued fraction.
  return (INVERSE_ROOT_PI * (square * (square + 4.5) + 2)) / (x * (square * (square + 5) + 3.75));
}
