/** Rates and weights that follow the square root of a size. */
import {
  addUp,
  divideDown,
  larger,
  ONE,
  type Ratio,
  ratio,
  roundDown,
  smaller,
  squareRootUp,
  subtractUp,
  timesDown,
  timesUp,
} from '../number/decimal.ts';

export const cutDown = (rate: Ratio, places: number | undefined): Ratio =>
  places === undefined ? rate : roundDown(rate, places);

/** How a rate or weight follows the square root of a size. */
export interface RootScaling {
  /** k */
  readonly scaling: Ratio;
  readonly size: Ratio;
  /** Decimal places to which each term is cut down. Absent: none is. */
  readonly places?: number | undefined;
}

const FOUR_FIFTHS = ratio('0.8');
const FIFTH = ratio('0.2');

/** max(r, 0.8·r + k·√size), for a margin rate or a liability weight; cut: r − ⌊r/5⌋ + ⌊k·√size⌋. */
export function rootScaled(rate: Ratio, { scaling, size, places }: RootScaling): Ratio {
  const added = timesUp(squareRootUp(size), scaling);
  if (places === undefined) return larger(rate, addUp(timesUp(rate, FOUR_FIFTHS), added));
  const base = roundDown(rate, places);
  const fifth = roundDown(timesDown(base, FIFTH), places);
  return larger(base, addUp(subtractUp(base, fifth), roundDown(added, places)));
}

const ELEVEN_TENTHS = ratio('1.1');

/** For a collateral weight: min(w, 1.1/(1 + k·√size)), cut down as a whole. */
export function rootDiscounted(weight: Ratio, { scaling, size, places }: RootScaling): Ratio {
  const divisor = addUp(ONE, timesUp(squareRootUp(size), scaling));
  return cutDown(smaller(weight, divideDown(ELEVEN_TENTHS, divisor)), places);
}
