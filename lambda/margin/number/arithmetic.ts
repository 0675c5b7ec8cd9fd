/**
 * Option and portfolio requirements are written once, over any arithmetic: exact decimals for
 * results, float64 to find the worst scenario, segments (../curve/segment.ts) for bounds.
 */
import {
  type Amount,
  addUp,
  approximately,
  larger,
  NO_AMOUNT,
  type Ratio,
  smaller,
  subtractUp,
  timesUp,
} from './decimal.ts';

/** Exact, and as the nearest float64. */
export interface Coefficient {
  readonly exact: Ratio;
  readonly near: number;
}

export const coefficient = (exact: Ratio): Coefficient => ({ exact, near: approximately(exact) });

export interface Arithmetic<T> {
  readonly zero: T;
  add(left: T, right: T): T;
  subtract(left: T, right: T): T;
  scale(value: T, by: Coefficient): T;
  max(left: T, right: T): T;
  min(left: T, right: T): T;
}

/** Rounds up at the last digit: each operation must move toward the larger requirement. */
export const EXACT: Arithmetic<Amount> = {
  zero: NO_AMOUNT,
  add: addUp,
  subtract: subtractUp,
  scale: (value, by) => timesUp(value, by.exact),
  max: larger,
  min: smaller,
};

export const NEAR: Arithmetic<number> = {
  zero: 0,
  add: (left, right) => left + right,
  subtract: (left, right) => left - right,
  scale: (value, by) => value * by.near,
  max: (left, right) => (left >= right ? left : right),
  min: (left, right) => (left <= right ? left : right),
};

export const negatedIn = <T>(arithmetic: Arithmetic<T>, value: T): T =>
  arithmetic.subtract(arithmetic.zero, value);
