/** Gaps of known laws. Within a gap the log price is a Brownian motion of one variance. */
import type { Gap } from '../../../../lambda/margin/statistics/gap-variance.ts';
import { type RandomStream, randomStream } from '../../../../local/analysis/random.ts';

export const GAP_SECONDS = 60;
/** Per gap, of the log return. */
export const DEVIATION = 0.001;
const VARIANCE = DEVIATION ** 2;

/** The next variance, from the one before and the square of the return that it gave. */
type Law = (random: RandomStream) => (variance: number, square: number) => number;

const DEGREES = 4;

export const LAWS: Readonly<Record<'Gaussian' | 'Student-t' | 'GARCH(1,1)', Law>> = {
  Gaussian: () => () => VARIANCE,
  // A normal return of variance s²·(ν − 2)/χ²_ν is Student-t of variance s².
  'Student-t': (random) => () => {
    let chiSquare = 0;
    for (let degree = 0; degree < DEGREES; degree++) chiSquare += random.normal() ** 2;
    return (VARIANCE * (DEGREES - 2)) / chiSquare;
  },
  'GARCH(1,1)': () => (variance, square) => 0.05 * VARIANCE + 0.1 * square + 0.85 * variance,
};

export function* gapsOf(
  law: Law,
  { seed, count }: { seed: number; count: number },
): Generator<Gap> {
  const random = randomStream(seed, 'gaps');
  const next = law(random);
  let [variance, square] = [VARIANCE, VARIANCE];
  for (let index = 0; index < count; index++) {
    variance = next(variance, square);
    const gap = brownianGap(random, variance);
    square = gap.moved ** 2;
    yield gap;
  }
}

/**
 * Given its end, the furthest point of a Brownian motion above its start has the distribution
 * (r + √(r² − 2·s²·ln U))/2 for a uniform U.
 */
export function brownianGap(random: RandomStream, variance: number): Gap {
  const moved = Math.sqrt(variance) * random.normal();
  const furthest = (end: number): number =>
    (end + Math.sqrt(end ** 2 - 2 * variance * Math.log(1 - random.uniform()))) / 2;
  return {
    seconds: GAP_SECONDS,
    moved,
    fall: furthest(-moved),
    rise: furthest(moved),
    isRanged: true,
  };
}
