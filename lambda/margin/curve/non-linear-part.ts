/**
 * Options, portfolio margin, or positions whose rate changes with the price. Exact at the current
 * price, bounded over segments.
 */
import type { Amount } from '../number/decimal.ts';
import type { Point } from './figure.ts';
import type { PriceGrid } from './price-grid.ts';
import type { Segment } from './segment.ts';

export interface NonLinearSegment {
  readonly equity: Segment;
  readonly balance: Segment;
  /** The requirement is the largest of these. */
  readonly initial: readonly Segment[];
  readonly maintenance: readonly Segment[];
  /** Uncertainty of the requirements, either way. */
  readonly slack: number;
  /** The same of the initial requirement alone, beyond `slack`. */
  readonly initialSlack?: number | undefined;
  /** What the requirements may be less, beyond that: another book may take the place of this one. */
  readonly relief?: number | undefined;
  /** How far a requirement may jump within the segment: part of `slack`. */
  readonly jump?: number | undefined;
}

export interface NonLinearPart {
  readonly now: Point;
  /** Uncertainty of the instruments' own quotes, either way. */
  readonly quoteUncertainty: Amount;
  /** Gross size of the summands, which scales the float64 error. */
  readonly magnitude: number;
  /** The same of summands that the initial requirement alone has, beyond `magnitude`. */
  readonly initialMagnitude?: number | undefined;
  /** One per segment of the grid, in order. */
  segmentsOver(grid: PriceGrid): NonLinearSegment[];
}

/** In multiples of the current price. */
export interface Span {
  readonly index: number;
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

export function spansOf({ multiples }: PriceGrid): Span[] {
  return multiples.slice(1).map((right, index) => {
    const left = multiples[index] as number;
    return { index, left, right, width: right - left };
  });
}
