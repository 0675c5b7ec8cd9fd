/**
 * Sums of options for searches, such as that of the safe radius, which ask for hundreds of prices:
 * kept by price, and without the care for relative accuracy that a far option would need alone. A sum
 * is off by a few 1e-16 of F + K a unit, as float64 is in any case.
 */
import type { Segment } from '../curve/segment.ts';
import type { OptionLeg } from './option-leg.ts';

/** Answers about the options of one expiry over a grid of prices. */
export interface SumsOverGrid {
  slope(node: number, cell: number): number;
  /** Σ |units·slope| in cell 0, at a grid price. */
  grossSlope(node: number): number;
  /** From one grid price to the next. */
  segment(node: number, cell: number): Segment;
}

/** At one price: by cell the values, the slopes of the longs, those of the shorts. */
interface SumsAt {
  readonly of: Float64Array;
  readonly gross: number;
}

const KNOWN = new WeakMap<readonly OptionLeg[], Map<number, SumsAt>>();

export class RoughSums implements SumsOverGrid {
  private readonly cells: number;
  private readonly nodes: readonly SumsAt[];

  constructor(legs: readonly OptionLeg[], cells: number, multiples: readonly number[]) {
    const known = KNOWN.get(legs) ?? new Map<number, SumsAt>();
    if (!KNOWN.has(legs)) KNOWN.set(legs, known);
    this.cells = cells;
    this.nodes = multiples.map((multiple) => {
      const found = known.get(multiple) ?? sumsAt(legs, multiple, cells);
      known.set(multiple, found);
      return found;
    });
  }

  slope(node: number, cell: number): number {
    const { of } = this.nodes[node] as SumsAt;
    return (of[this.cells + cell] as number) + (of[2 * this.cells + cell] as number);
  }

  grossSlope(node: number): number {
    return (this.nodes[node] as SumsAt).gross;
  }

  segment(node: number, cell: number): Segment {
    const { of: left } = this.nodes[node] as SumsAt;
    const { of: right } = this.nodes[node + 1] as SumsAt;
    const [long, short] = [this.cells + cell, 2 * this.cells + cell];
    return {
      left: left[cell] as number,
      right: right[cell] as number,
      low: (left[long] as number) + (right[short] as number),
      high: (right[long] as number) + (left[short] as number),
    };
  }
}

function sumsAt(legs: readonly OptionLeg[], multiple: number, cells: number): SumsAt {
  const of = new Float64Array(3 * cells);
  const logMultiple = Math.log(multiple);
  let gross = 0;
  for (const { scenarios, units } of legs) {
    const slopesAt = units.near > 0 ? cells : 2 * cells;
    const target = { sums: of, cells, slopesAt, multiple, logMultiple, units: units.near };
    gross += scenarios.roughly.addTo(target);
  }
  return { of, gross };
}
