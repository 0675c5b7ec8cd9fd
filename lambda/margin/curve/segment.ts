/**
 * A function of the price over one stretch of prices, known by its two ends and by the range that its
 * slope lies in. From these follow a floor and a ceiling that the function cannot cross, however it
 * goes in between: with w the width, l and r the ends, and slopes from s to S,
 *
 *     floor = (S·l − s·r + s·S·w)/(S − s),   ceiling = (S·r − s·l − s·S·w)/(S − s)
 *
 * when s < 0 < S, and the ends themselves when the function only rises or only falls. Slopes of option
 * values are known: delta rises with the price, so over a stretch it lies between its values at the
 * two ends. The floor is never too high, the ceiling never too low; both close in on the function with
 * the square of the width. In float64; whoever uses them adds the rounding (see ROUNDING).
 */
import type { Arithmetic, Coefficient } from '../number/arithmetic.ts';

export interface Segment {
  readonly left: number;
  readonly right: number;
  /** The slope lies between these, per unit of the price's multiple. */
  readonly low: number;
  readonly high: number;
}

/** Float64 loses about 1e-16 an operation; this share of everything held covers 10,000 of them. */
export const ROUNDING = 1e-12;

export const ZERO_SEGMENT: Segment = { left: 0, right: 0, low: 0, high: 0 };

/** A straight line between two ends. */
export function straight(left: number, right: number, width: number): Segment {
  const slope = width > 0 ? (right - left) / width : 0;
  return { left, right, low: slope, high: slope };
}

/** Known by its ends, and by bounds on its values in between: the slopes that allow just these. */
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

/** Arithmetic over stretches of one width. */
export function segmentArithmetic(width: number): Arithmetic<Segment> {
  const subtract = (left: Segment, right: Segment): Segment => ({
    left: left.left - right.left,
    right: left.right - right.right,
    low: left.low - right.high,
    high: left.high - right.low,
  });
  /** Where one is the other's equal or better all along, it is the answer; else either may be. */
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
