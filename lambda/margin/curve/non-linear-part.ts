/**
 * The part of a factor's book that does not follow its price in a straight line: options, a book on
 * portfolio margin, an inverse contract whose rate grows with its size. Exact at the current price;
 * over a stretch of prices, bounded.
 */
import type { Amount } from '../number/decimal.ts';
import type { Point } from './figure.ts';
import type { PriceGrid } from './price-grid.ts';
import type { Segment } from './segment.ts';

/** Over the stretch from one node to the next. */
export interface NonLinearSegment {
  readonly equity: Segment;
  readonly balance: Segment;
  /** The requirement is the largest of these. */
  readonly initial: readonly Segment[];
  readonly maintenance: readonly Segment[];
  /** By how much a requirement may be off besides, either way. */
  readonly slack: number;
}

export interface NonLinearPart {
  readonly now: Point;
  /** How far off the quoted prices of the instruments themselves may be: an amount, either way. */
  readonly quoteUncertainty: Amount;
  /** The size of everything that is summed, by which float64 may be off. */
  readonly magnitude: number;
  /** For each stretch between two nodes, in their order. */
  segmentsOver(grid: PriceGrid): NonLinearSegment[];
}

/** From one node to the next, as multiples of the current price. */
export interface Span {
  /** Place of the left node. */
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
