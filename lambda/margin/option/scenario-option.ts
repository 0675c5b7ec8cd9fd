/** An option in every cell of a table, revalued once per check and shared by all its holders. */

import type { PriceGrid } from '../curve/price-grid.ts';
import { type Amount, asAmount } from '../number/decimal.ts';
import type { OptionShock, OptionVector, PricedOption } from './priced-option.ts';
import { RoughOption, type RoughTarget } from './rough-option.ts';

/** Values of an instrument in every cell of a table, per unit. */
export interface ScenarioValues {
  /** No value that is summed is much larger. */
  readonly magnitude: number;
  /** For searches over many prices. */
  readonly roughly: { addTo(to: RoughTarget): number };
  vectorOver(grid: PriceGrid): OptionVector;
  exactly(cell: number): Amount;
}

export class ScenarioOption implements ScenarioValues {
  readonly option: PricedOption;
  /** F + K, per unit: no value that is summed is much larger. */
  readonly magnitude: number;
  private readonly shocks: readonly OptionShock[];
  private readonly grid: PriceGrid;
  private readonly exact: (Amount | undefined)[];
  private rough: RoughOption | undefined;
  private readonly shared = new Map<PriceGrid, OptionVector>();

  constructor(input: {
    readonly option: PricedOption;
    /** One per cell; the first is the current market. */
    readonly shocks: readonly OptionShock[];
    readonly grid: PriceGrid;
  }) {
    const { option, shocks, grid } = input;
    this.option = option;
    this.magnitude = option.input.forward + option.input.strike;
    this.shocks = shocks;
    this.grid = grid;
    this.exact = [option.mark, ...Array<undefined>(shocks.length - 1)];
  }

  /** Made once for the grid of its factor and for shared ones, and anew for any other grid. */
  vectorOver(grid: PriceGrid): OptionVector {
    const known = this.shared.get(grid);
    if (known !== undefined) return known;
    if (grid.isRough) return this.roughly.vectorOver(grid);
    const vector = this.option.vectorOver(grid, this.shocks);
    if (grid === this.grid || grid.isShared) this.shared.set(grid, vector);
    return vector;
  }

  /** For searches over many prices. */
  get roughly(): RoughOption {
    this.rough ??= new RoughOption(this.option, this.shocks);
    return this.rough;
  }

  /**
   * Decimal value per unit of underlying in a cell at the current price: the same digits for every
   * account. Cell 0 is the mark.
   */
  exactly(cell: number): Amount {
    const found = this.exact[cell];
    if (found !== undefined) return found;
    const shock = this.shocks[cell];
    if (shock === undefined) throw new RangeError(`no cell ${cell}`);
    const value = asAmount(this.option.at(1, shock).value);
    this.exact[cell] = value;
    return value;
  }
}
