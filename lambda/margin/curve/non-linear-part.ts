/**
 * The part of a factor's book that does not follow its price in a straight line: options, a book on
 * portfolio margin, an inverse contract whose rate grows with its size. Exact at the current price;
 * over a stretch of prices, bounded.
 */
import type { Amount } from '../number/decimal.ts';
import type { Point } from './figure.ts';
import type { Nodes } from './price-grid.ts';
import type { Stretch } from './segment-bounds.ts';

/** Over the stretch from one node to the next. */
export interface BentStretch {
  readonly equity: Stretch;
  readonly balance: Stretch;
  /** The requirement is the largest of these. */
  readonly initial: readonly Stretch[];
  readonly maintenance: readonly Stretch[];
  /** By how much a requirement may be off besides, either way. */
  readonly slack: number;
}

export interface Bent {
  readonly now: Point;
  /** How far off the quoted prices of the instruments themselves may be: an amount, either way. */
  readonly apart: Amount;
  /** The size of everything that is summed, by which float64 may be off. */
  readonly magnitude: number;
  /** For each stretch between two nodes, in their order. */
  stretchesOver(nodes: Nodes): BentStretch[];
}

/** From one node to the next, as multiples of the current price. */
export interface Span {
  /** Place of the left node. */
  readonly index: number;
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

export function spansOf({ multiples }: Nodes): Span[] {
  return multiples.slice(1).map((right, index) => {
    const left = multiples[index] as number;
    return { index, left, right, width: right - left };
  });
}
