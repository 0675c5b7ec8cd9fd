/** A figure that opens with the time since a case sent its first order plan. */
import {
  type Amount,
  add,
  divide,
  ONE,
  type Ratio,
  ratioOfCount,
  roundDown,
  subtract,
  times,
} from '../number/decimal.ts';
import { FRACTION_PLACES } from '../number/limits.ts';

export interface OpeningPoint {
  readonly seconds: number;
  /** From 0 to 1. */
  readonly value: Ratio;
}

export interface Opening {
  /** steps: a value holds from its second on. linear: straight lines between the points. */
  readonly between: 'steps' | 'linear';
  /** The first is at 0 s; seconds rise, and values do not fall. */
  readonly points: readonly [OpeningPoint, ...OpeningPoint[]];
}

/** A share of what may be closed, or of what is missing. */
export interface OpeningShare extends Opening {
  readonly of: 'holding' | 'shortage';
  /** A smaller shortage is removed whole, whatever the share. Absent: none is. */
  readonly wholeBelow?: Amount | undefined;
}

const millisecondsOf = ({ seconds }: OpeningPoint): number => Math.round(seconds * 1000);

/**
 * Its value so long after the first order plan; that of the last point from there on. A value
 * between two points is rounded down to `FRACTION_PLACES`.
 */
export function openedTo({ between, points }: Opening, milliseconds: number): Ratio {
  let [before] = points;
  for (const point of points) {
    if (millisecondsOf(point) <= milliseconds) {
      before = point;
      continue;
    }
    if (between === 'steps') return before.value;
    const start = millisecondsOf(before);
    const passed = divide(
      times(ONE, ratioOfCount(milliseconds - start)),
      ratioOfCount(millisecondsOf(point) - start),
    );
    const risen = times(subtract(point.value, before.value), passed);
    return roundDown(add(before.value, risen), FRACTION_PLACES);
  }
  return before.value;
}
