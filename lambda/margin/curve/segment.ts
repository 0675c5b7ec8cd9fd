/**
 * A function of the price over one segment, known by its end values and the range of its slope.
 * They give a floor and a ceiling. With width w, ends l and r, and slopes from s to S,
 *
 *     floor = (S·l − s·r + s·S·w)/(S − s),   ceiling = (S·r − s·l − s·S·w)/(S − s)
 *
 * when s < 0 < S, else the ends themselves. An option's delta rises with the price, so it lies
 * between its values at the ends. The floor is never too high, the ceiling never too low; both
 * approach the function with the square of the width. Float64: callers add ROUNDING.
 */
import type { Arithmetic, Coefficient } from '../number/arithmetic.ts';

export interface Segment {
  readonly left: number;
  readonly right: number;
  /** Slopes, per unit of the price's multiple. */
  readonly low: number;
  readonly high: number;
}

/** Covers 10,000 operations at 1e-16 of the gross value each. */
export const ROUNDING = 1e-12;

export const ZERO_SEGMENT: Segment = { left: 0, right: 0, low: 0, high: 0 };

export function straight(left: number, right: number, width: number): Segment {
  const slope = width > 0 ? (right - left) / width : 0;
  return { left, right, low: slope, high: slope };
}

/** The narrowest symmetric slopes that allow these bounds between. */
export function between(
  ends: Pick<Segment, 'left' | 'right'>,
  bounds: { readonly lowest: number; readonly highest: number },
  width: number,
): Segment {
  const { left, right } = ends;
  const sum = left + right;
  const reach = Math.max(2 * bounds.highest - sum, sum - 2 * bounds.lowest, Math.abs(right - left));
  const slope = width > 0 ? reach / width : 0;
  return { left, right, low: -slope, high: slope };
}

export function floorOf({ left, right, low, high }: Segment, width: number): number {
  const end = Math.min(left, right);
  if (low >= 0 || high <= 0) return end;
  return Math.min(end, (high * left - low * right + low * high * width) / (high - low));
}

export function ceilingOf({ left, right, low, high }: Segment, width: number): number {
  const end = Math.max(left, right);
  if (low >= 0 || high <= 0) return end;
  return Math.max(end, (high * right - low * left - low * high * width) / (high - low));
}

/** For segments of equal width. */
export function segmentArithmetic(width: number): Arithmetic<Segment> {
  const subtract = (left: Segment, right: Segment): Segment => ({
    left: left.left - right.left,
    right: left.right - right.right,
    low: left.low - right.high,
    high: left.high - right.low,
  });
  /** Allows for both, if neither dominates. */
  const extreme = (
    left: Segment,
    right: Segment,
    pick: (a: number, b: number) => number,
  ): Segment => ({
    left: pick(left.left, right.left),
    right: pick(left.right, right.right),
    low: Math.min(left.low, right.low),
    high: Math.max(left.high, right.high),
  });
  return {
    zero: ZERO_SEGMENT,
    add: (left, right) => ({
      left: left.left + right.left,
      right: left.right + right.right,
      low: left.low + right.low,
      high: left.high + right.high,
    }),
    subtract,
    scale: (value, by) => scaled(value, by),
    max: (left, right) => {
      const over = subtract(left, right);
      if (floorOf(over, width) >= 0) return left;
      return ceilingOf(over, width) <= 0 ? right : extreme(left, right, Math.max);
    },
    min: (left, right) => {
      const over = subtract(left, right);
      if (floorOf(over, width) >= 0) return right;
      return ceilingOf(over, width) <= 0 ? left : extreme(left, right, Math.min);
    },
  };
}

export function scaled(
  { left, right, low, high }: Segment,
  { near }: Pick<Coefficient, 'near'>,
): Segment {
  const ends = { left: left * near, right: right * near };
  return near >= 0
    ? { ...ends, low: low * near, high: high * near }
    : { ...ends, low: high * near, high: low * near };
}
