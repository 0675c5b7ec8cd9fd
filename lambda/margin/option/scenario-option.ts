/** An option in every cell of a table: revalued once a check, and shared by all who hold it. */
import type { Amount } from '../decimal.ts';
import type { Cell } from '../portfolio/cells.ts';
import type { Nodes } from '../revalue/nodes.ts';
import type { OptionShock, OptionVector, PricedOption } from './priced-option.ts';

export class ScenarioOption {
  readonly option: PricedOption;
  private readonly cells: readonly Cell[];
  private readonly shocks: readonly OptionShock[];
  private readonly nodes: Nodes;
  private shared: OptionVector | undefined;

  constructor(input: {
    readonly option: PricedOption;
    readonly cells: readonly Cell[];
    readonly shocks: readonly OptionShock[];
    readonly nodes: Nodes;
  }) {
    this.option = input.option;
    this.cells = input.cells;
    this.shocks = input.shocks;
    this.nodes = input.nodes;
  }

  /** At the nodes of its factor the vector is made once; at others, anew. */
  vectorOver(nodes: Nodes): OptionVector {
    if (nodes !== this.nodes) return this.option.vectorOver(nodes, this.shocks);
    this.shared ??= this.option.vectorOver(nodes, this.shocks);
    return this.shared;
  }

  /** A unit of underlying, in a cell at the current price; cell 0 is the mark. */
  exactly(place: number): Amount {
    if (place === 0) return this.option.mark;
    const [cell, shock] = [this.cells[place], this.shocks[place]];
    if (cell === undefined || shock === undefined) throw new RangeError(`no cell ${place}`);
    return this.option.exactly(cell.key, shock);
  }
}
