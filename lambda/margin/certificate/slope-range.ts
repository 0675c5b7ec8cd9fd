/**
 * The least and the largest slope of a function of prices. A larger or a smaller of two may follow
 * either, so it has both: the range holds whichever of them dominates, and includes the range that
 * segments of any width compute (../curve/segment.ts).
 */
import type { Arithmetic } from '../number/arithmetic.ts';

export interface SlopeRange {
  readonly low: number;
  readonly high: number;
}

export const FLAT: SlopeRange = { low: 0, high: 0 };

export const straight = (slope: number): SlopeRange => ({ low: slope, high: slope });

export const rangeOver = (...slopes: readonly number[]): SlopeRange => ({
  low: Math.min(...slopes),
  high: Math.max(...slopes),
});

const hullOf = (left: SlopeRange, right: SlopeRange): SlopeRange =>
  rangeOver(left.low, left.high, right.low, right.high);

export const SLOPES: Arithmetic<SlopeRange> = {
  zero: FLAT,
  add: (left, right) => ({ low: left.low + right.low, high: left.high + right.high }),
  subtract: (left, right) => ({ low: left.low - right.high, high: left.high - right.low }),
  scale: ({ low, high }, { near }) => rangeOver(low * near, high * near),
  max: hullOf,
  min: hullOf,
};

/** The most that is lost by a move of 1 in either direction. */
export const steepestOf = ({ low, high }: SlopeRange): number => Math.max(-low, high);
