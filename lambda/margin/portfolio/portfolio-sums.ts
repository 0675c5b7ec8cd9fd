/**
 * A book's options and linear positions summed at every price of a grid, in float64: their slopes
 * per unit of the price multiple, and the value of the options.
 */

import type { Span } from '../curve/non-linear-part.ts';
import type { PriceGrid } from '../curve/price-grid.ts';
import { type Segment, segmentArithmetic } from '../curve/segment.ts';
import { approximately } from '../number/decimal.ts';
import { OptionSums } from '../option/option-sums.ts';
import type { SumsOverGrid } from '../option/rough-sums.ts';
import type { PortfolioInput } from './reading.ts';

export class PortfolioSums {
  readonly grid: PriceGrid;
  readonly expiries: readonly SumsOverGrid[];
  private readonly linear: { readonly slope: number; readonly grossSlope: number };

  constructor({ portfolio, positions }: PortfolioInput, grid: PriceGrid) {
    this.grid = grid;
    this.expiries = positions.expiries.map(({ options }) =>
      OptionSums.of(options, portfolio.cells.length, grid),
    );
    this.linear = {
      slope: approximately(positions.slope),
      grossSlope: approximately(positions.grossSlope),
    };
  }

  /** Δ·S: gain of the whole book, at a grid price. */
  slopeAt(node: number): number {
    return this.expiries.reduce((sum, each) => sum + each.slope(node, 0), this.linear.slope);
  }

  /** Σ |slope| of the positions, without collateral. */
  grossSlopeAt(node: number): number {
    return this.expiries.reduce((sum, each) => sum + each.grossSlope(node), this.linear.grossSlope);
  }

  /** From a grid price to the next. */
  slopeRange(node: number): { readonly low: number; readonly high: number } {
    const each = this.expiries.map((sums) => sums.segment(node, 0));
    return {
      low: each.reduce((sum, { low }) => sum + low, this.linear.slope),
      high: each.reduce((sum, { high }) => sum + high, this.linear.slope),
    };
  }

  valueOver({ index, width }: Span): Segment {
    const { add, zero } = segmentArithmetic(width);
    return this.expiries.map((each) => each.segment(index, 0)).reduce(add, zero);
  }
}
