/**
 * Φ, the normal distribution function, in float64 to 1e-15 absolutely: for sums of many options, which
 * need no more. Between points 1/8 apart its Taylor series has ten terms: the rest is below 1e-16,
 * because |φ⁽ⁿ⁾| is at most about 0.4·√n! and the distance to a point at most 1/16.
 */
import { normalDensity } from '../statistics/normal-density.ts';
import { millsRatio } from './mills-ratio.ts';

/** Points for each unit of z, and the largest |z| that has one. Φ(−9) is 1e-19. */
const PER_UNIT = 8;
const FARTHEST = 9;
const TERMS = 10;

/** By point, the highest power first. */
const SERIES = seriesOfAll();

function seriesOfAll(): Float64Array {
  const points = 2 * FARTHEST * PER_UNIT + 1;
  const all = new Float64Array(points * TERMS);
  for (let point = 0; point < points; point++) {
    all.set(seriesAround(point / PER_UNIT - FARTHEST).reverse(), point * TERMS);
  }
  return all;
}

/** Φ⁽ⁿ⁾(z)/n!: the derivatives of φ are φ times Hermite's polynomials. */
function seriesAround(z: number): number[] {
  const density = normalDensity(z);
  const tail = density * millsRatio(Math.abs(z));
  const terms = [z < 0 ? tail : 1 - tail];
  let [before, derivative, factorial] = [0, density, 1];
  for (let n = 1; n < TERMS; n++) {
    factorial *= n;
    terms.push(derivative / factorial);
    [before, derivative] = [derivative, -z * derivative - (n - 1) * before];
  }
  return terms;
}

/** ½ if z is not a number: an option at the money without volatility. */
export function normalProbability(z: number): number {
  if (!(Math.abs(z) < FARTHEST)) return z > 0 ? 1 : z < 0 ? 0 : 0.5;
  const point = Math.floor(z * PER_UNIT + 0.5);
  const away = z - point / PER_UNIT;
  const at = (point + FARTHEST * PER_UNIT) * TERMS;
  // Written out: a loop takes twice the time.
  let sum = (SERIES[at] as number) * away + (SERIES[at + 1] as number);
  sum = sum * away + (SERIES[at + 2] as number);
  sum = sum * away + (SERIES[at + 3] as number);
  sum = sum * away + (SERIES[at + 4] as number);
  sum = sum * away + (SERIES[at + 5] as number);
  sum = sum * away + (SERIES[at + 6] as number);
  sum = sum * away + (SERIES[at + 7] as number);
  sum = sum * away + (SERIES[at + 8] as number);
  return sum * away + (SERIES[at + 9] as number);
}
