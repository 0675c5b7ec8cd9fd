/**
 * A function of the price over one segment, known by its end values and the range of its slope.
 * They give a floor and a ceiling. With width w, ends l and r, and slopes from s to S,
 *
 *     floor = (S·l − s·r + s·S·w)/(S − s),   ceiling = (S·r − s·l − s·S·w)/(S − s)
 *
 * when s < 0 < S, else the ends themselves. An option's delta rises with the price, so it lies
 * between its values at the ends. The floor is never too high, the ceiling never too low; both
 * approach the function with the square of the width. A part that may jump has no slopes, and is
 * bounded by itself. Float64: callers add ROUNDING.
 */
import type { Arithmetic, Coefficient } from '../number/arithmetic.ts';

export interface Segment {
  /** With the jumping part. */
  readonly left: number;
  readonly right: number;
  /** Slopes, per unit of the price's multiple, of all but the jumping part. */
  readonly low: number;
  readonly high: number;
  /** Absent: nothing jumps. */
  readonly jumping?: Jumping | undefined;
}

/** A summand that has bounds but no slope: within the segment it may change at once. */
export interface Jumping {
  readonly left: number;
  readonly right: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Covers 10,000 operations at 1e-16 of the gross value each. */
export const ROUNDING = 1e-12;

export const ZERO_SEGMENT: Segment = { left: 0, right: 0, low: 0, high: 0 };

export function straight(left: number, right: number, width: number): Segment {
  const slope = width > 0 ? (right - left) / width : 0;
  return { left, right, low: slope, high: slope };
}

/** Known by its end values and bounds alone. */
export function between(
  { left, right }: Pick<Segment, 'left' | 'right'>,
  { lowest, highest }: { readonly lowest: number; readonly highest: number },
): Segment {
  const [least, most] = [Math.min(left, right, lowest), Math.max(left, right, highest)];
  if (least === most) return { left, right, low: 0, high: 0 };
  return { left, right, low: 0, high: 0, jumping: { left, right, lowest: least, highest: most } };
}

/** How far the jumping part can change within the segment. */
export const jumpOf = ({ jumping }: Segment): number =>
  jumping === undefined ? 0 : jumping.highest - jumping.lowest;

export function floorOf(segment: Segment, width: number): number {
  if (segment.jumping !== undefined) return jumpingFloor(segment, segment.jumping, width);
  const { left, right, low, high } = segment;
  const end = Math.min(left, right);
  if (low >= 0 || high <= 0) return end;
  return Math.min(end, (high * left - low * right + low * high * width) / (high - low));
}

export function ceilingOf(segment: Segment, width: number): number {
  if (segment.jumping !== undefined) return jumpingCeiling(segment, segment.jumping, width);
  const { left, right, low, high } = segment;
  const end = Math.max(left, right);
  if (low >= 0 || high <= 0) return end;
  return Math.max(end, (high * right - low * left - low * high * width) / (high - low));
}

const jumpingFloor = (segment: Segment, jumping: Jumping, width: number): number =>
  Math.min(
    ...[segment.left, segment.right],
    floorOf(steadyPart(segment, jumping), width) + jumping.lowest,
  );

const jumpingCeiling = (segment: Segment, jumping: Jumping, width: number): number =>
  Math.max(
    ...[segment.left, segment.right],
    ceilingOf(steadyPart(segment, jumping), width) + jumping.highest,
  );

const steadyPart = ({ left, right, low, high }: Segment, jumping: Jumping): Segment => ({
  left: left - jumping.left,
  right: right - jumping.right,
  low,
  high,
});

const STILL: Jumping = { left: 0, right: 0, lowest: 0, highest: 0 };

type Join = (one: Jumping, other: Jumping) => Jumping;

const added: Join = (one, other) => ({
  left: one.left + other.left,
  right: one.right + other.right,
  lowest: one.lowest + other.lowest,
  highest: one.highest + other.highest,
});

const subtracted: Join = (from, less) => ({
  left: from.left - less.left,
  right: from.right - less.right,
  lowest: from.lowest - less.highest,
  highest: from.highest - less.lowest,
});

const isSteady = (left: Segment, right: Segment): boolean =>
  left.jumping === undefined && right.jumping === undefined;

const joined = (left: Segment, right: Segment, join: Join): Jumping =>
  join(left.jumping ?? STILL, right.jumping ?? STILL);

/** For segments of equal width. */
export function segmentArithmetic(width: number): Arithmetic<Segment> {
  const subtract = (left: Segment, right: Segment): Segment => {
    const steady = {
      left: left.left - right.left,
      right: left.right - right.right,
      low: left.low - right.high,
      high: left.high - right.low,
    };
    if (isSteady(left, right)) return steady;
    return { ...steady, jumping: joined(left, right, subtracted) };
  };
  /** Allows for both, if neither dominates. */
  const extreme = (
    left: Segment,
    right: Segment,
    pick: (a: number, b: number) => number,
  ): Segment => {
    const steady = {
      left: pick(left.left, right.left),
      right: pick(left.right, right.right),
      low: Math.min(left.low, right.low),
      high: Math.max(left.high, right.high),
    };
    if (isSteady(left, right)) return steady;
    const jumping = joined(left, right, (one, other) => ({
      left: steady.left - pick(left.left - one.left, right.left - other.left),
      right: steady.right - pick(left.right - one.right, right.right - other.right),
      lowest: Math.min(one.lowest, other.lowest),
      highest: Math.max(one.highest, other.highest),
    }));
    return { ...steady, jumping };
  };
  return {
    zero: ZERO_SEGMENT,
    add: (left, right) => {
      const steady = {
        left: left.left + right.left,
        right: left.right + right.right,
        low: left.low + right.low,
        high: left.high + right.high,
      };
      if (isSteady(left, right)) return steady;
      return { ...steady, jumping: joined(left, right, added) };
    },
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
  { left, right, low, high, jumping }: Segment,
  { near }: Pick<Coefficient, 'near'>,
): Segment {
  const ends = { left: left * near, right: right * near };
  const steady =
    near >= 0
      ? { ...ends, low: low * near, high: high * near }
      : { ...ends, low: high * near, high: low * near };
  if (jumping === undefined) return steady;
  const [one, other] = [jumping.lowest * near, jumping.highest * near];
  return {
    ...steady,
    jumping: {
      left: jumping.left * near,
      right: jumping.right * near,
      lowest: Math.min(one, other),
      highest: Math.max(one, other),
    },
  };
}
