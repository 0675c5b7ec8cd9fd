/**
 * Sums the options of one expiry in every cell at every grid price. Slopes are summed separately
 * for longs and shorts. Delta rises with the price, so over a segment the slope of the whole is at
 * least the long slope at the left end plus the short slope at the right end, and at most the
 * reverse.
 */

import type { PriceGrid } from '../curve/price-grid.ts';
import type { Segment } from '../curve/segment.ts';
import type { OptionLeg } from './option-leg.ts';
import type { OptionVector } from './priced-option.ts';
import { RoughSums, type SumsOverGrid } from './rough-sums.ts';

export class OptionSums implements SumsOverGrid {
  private readonly cells: number;
  private readonly values: Float64Array;
  private readonly longSlopes: Float64Array;
  private readonly shortSlopes: Float64Array;
  /** Σ |units·slope| in cell 0, by grid price. */
  private readonly grossSlopes: Float64Array;

  constructor(cells: number, grid: number) {
    this.cells = cells;
    this.values = new Float64Array(cells * grid);
    this.longSlopes = new Float64Array(cells * grid);
    this.shortSlopes = new Float64Array(cells * grid);
    this.grossSlopes = new Float64Array(grid);
  }

  /** Sums values only, at one grid price: enough to find the worst scenario. */
  static valuesAt(
    legs: readonly OptionLeg[],
    {
      grid,
      node,
      cells,
    }: { readonly grid: PriceGrid; readonly node: number; readonly cells: number },
  ): Float64Array {
    const sums = new Float64Array(cells);
    const start = node * cells;
    for (const { scenarios, units } of legs) {
      const { values } = scenarios.vectorOver(grid);
      const { near } = units;
      for (let cell = 0; cell < cells; cell++) {
        sums[cell] = (sums[cell] as number) + near * (values[start + cell] as number);
      }
    }
    return sums;
  }

  static of(legs: readonly OptionLeg[], cells: number, grid: PriceGrid): SumsOverGrid {
    if (grid.isRough) return new RoughSums(legs, cells, grid.multiples);
    const sums = new OptionSums(cells, grid.multiples.length);
    for (const { scenarios, units } of legs) sums.add(scenarios.vectorOver(grid), units.near);
    return sums;
  }

  private add(vector: OptionVector, units: number): void {
    const { values, slopes } = vector;
    const sided = units > 0 ? this.longSlopes : this.shortSlopes;
    for (let at = 0; at < values.length; at++) {
      this.values[at] = (this.values[at] as number) + units * (values[at] as number);
      sided[at] = (sided[at] as number) + units * (slopes[at] as number);
    }
    for (let node = 0; node < this.grossSlopes.length; node++) {
      const gross = Math.abs(units * (slopes[node * this.cells] as number));
      this.grossSlopes[node] = (this.grossSlopes[node] as number) + gross;
    }
  }

  slope(node: number, cell: number): number {
    const at = node * this.cells + cell;
    return (this.longSlopes[at] as number) + (this.shortSlopes[at] as number);
  }

  grossSlope(node: number): number {
    return this.grossSlopes[node] as number;
  }

  /** From one grid price to the next. */
  segment(node: number, cell: number): Segment {
    const at = node * this.cells + cell;
    const next = at + this.cells;
    return {
      left: this.values[at] as number,
      right: this.values[next] as number,
      low: (this.longSlopes[at] as number) + (this.shortSlopes[next] as number),
      high: (this.longSlopes[next] as number) + (this.shortSlopes[at] as number),
    };
  }
}
