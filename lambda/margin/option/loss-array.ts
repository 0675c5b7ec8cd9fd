/** An instrument whose losses in a table of scenarios are published: they replace its model. */

import type { PriceGrid } from '../curve/price-grid.ts';
import { type Amount, approximately, NO_AMOUNT, subtract } from '../number/decimal.ts';
import type { OptionVector } from './priced-option.ts';
import type { RoughTarget } from './rough-option.ts';
import type { ScenarioOption, ScenarioValues } from './scenario-option.ts';

export class LossArray implements ScenarioValues {
  /** Absent for perpetuals and futures: their own value is not in the scan. */
  private readonly priced: ScenarioOption | undefined;
  private readonly losses: readonly Amount[];
  private readonly near: readonly number[];
  readonly magnitude: number;
  private readonly shared = new Map<PriceGrid, OptionVector>();

  /** @param losses by cell, per unit; 0 in the first */
  constructor(losses: readonly Amount[], priced?: ScenarioOption) {
    this.losses = losses;
    this.priced = priced;
    this.near = losses.map(approximately);
    this.magnitude = Math.max(...this.near.map(Math.abs)) + (priced?.magnitude ?? 0);
  }

  /** The losses leave this of the value at each price; they themselves do not follow the price. */
  vectorOver(grid: PriceGrid): OptionVector {
    const known = this.shared.get(grid) ?? this.newVector(grid);
    this.shared.set(grid, known);
    return known;
  }

  private newVector(grid: PriceGrid): OptionVector {
    const priced = this.priced?.vectorOver(grid);
    const cells = this.near.length;
    const values = new Float64Array(cells * grid.multiples.length);
    const slopes = new Float64Array(values.length);
    for (let at = 0; at < values.length; at++) {
      const node = Math.floor(at / cells);
      values[at] = (priced?.values[node] ?? 0) - (this.near[at % cells] as number);
      slopes[at] = priced?.slopes[node] ?? 0;
    }
    return { cells, values, slopes };
  }

  get roughly(): { addTo(to: RoughTarget): number } {
    return { addTo: (to) => this.addTo(to) };
  }

  private addTo(to: RoughTarget): number {
    const { sums, cells, slopesAt, units } = to;
    const one = new Float64Array(2);
    const gross = this.priced?.roughly.addTo({ ...to, sums: one, cells: 1, slopesAt: 1 }) ?? 0;
    for (let cell = 0; cell < cells; cell++) {
      const left = (one[0] as number) - units * (this.near[cell] as number);
      sums[cell] = (sums[cell] as number) + left;
      sums[slopesAt + cell] = (sums[slopesAt + cell] as number) + (one[1] as number);
    }
    return gross;
  }

  exactly(cell: number): Amount {
    const loss = this.losses[cell];
    if (loss === undefined) throw new RangeError(`no cell ${cell}`);
    return subtract(this.priced?.exactly(0) ?? NO_AMOUNT, loss);
  }
}
