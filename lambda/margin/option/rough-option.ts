/** An option at many prices, for searches: see ./rough-sums.ts. */
import type { PriceGrid } from '../curve/price-grid.ts';
import { approximately } from '../number/decimal.ts';
import { normalProbability } from './normal-probability.ts';
import type { OptionShock, OptionVector, PricedOption } from './priced-option.ts';

/** Sums at one price, to which options are added. */
export interface RoughTarget {
  /** Values by cell, and from `slopesAt` on the slopes by cell. */
  readonly sums: Float64Array;
  readonly cells: number;
  readonly slopesAt: number;
  /** A multiple of the current price, and its logarithm. */
  readonly multiple: number;
  readonly logMultiple: number;
  readonly units: number;
}

/** An option in every cell, with all that does not depend on the price. */
export class RoughOption {
  /** 0, or 1 for a put: put–call parity subtracts it from the delta. */
  private readonly parity: number;
  private readonly strike: number;
  private readonly residue: number;
  private readonly forwards: Float64Array;
  /** ln(F/K), 1/(σ√T) and σ√T/2. */
  private readonly distances: Float64Array;
  private readonly steepness: Float64Array;
  private readonly halves: Float64Array;
  private readonly discounts: Float64Array;

  constructor(option: PricedOption, shocks: readonly OptionShock[]) {
    const { type, strike, forward, rate, isSettled } = option.input;
    this.parity = type === 'call' ? 0 : 1;
    this.strike = strike;
    // A settled option is worth the same at every price.
    this.residue = isSettled ? approximately(option.mark) : option.residue;
    const by = (value: (shock: OptionShock) => number) => Float64Array.from(shocks, value);
    this.forwards = by(({ multiple }) => forward * multiple);
    this.distances = by(({ multiple }) => Math.log((forward * multiple) / strike));
    this.steepness = by(({ volatility, years }) => 1 / (volatility * Math.sqrt(years)));
    this.halves = by(({ volatility, years }) => (volatility * Math.sqrt(years)) / 2);
    this.discounts = by(({ years }) => (isSettled ? 0 : Math.exp(-rate * years)));
  }

  /**
   * Adds units·value and units·slope, the latter per unit of the multiple. The value of a call is
   * F·Φ(d₁) − K·Φ(d₂), that of a put the same with both probabilities less 1.
   * @returns |units·slope| in cell 0
   */
  addTo({ sums, cells, slopesAt, multiple, logMultiple, units }: RoughTarget): number {
    const { parity, strike, forwards, distances, steepness, halves, discounts } = this;
    const before = sums[slopesAt] as number;
    const constant = units * this.residue;
    for (let cell = 0; cell < cells; cell++) {
      const scale = (discounts[cell] as number) * units;
      const forward = forwards[cell] as number;
      const half = halves[cell] as number;
      const middle = ((distances[cell] as number) + logMultiple) * (steepness[cell] as number);
      const delta = normalProbability(middle + half) - parity;
      const exercised = normalProbability(middle - half) - parity;
      const value = forward * multiple * delta - strike * exercised;
      sums[cell] = (sums[cell] as number) + scale * value + constant;
      const at = slopesAt + cell;
      sums[at] = (sums[at] as number) + scale * delta * forward;
    }
    return Math.abs((sums[slopesAt] as number) - before);
  }

  vectorOver({ multiples }: PriceGrid): OptionVector {
    const cells = this.forwards.length;
    const values = new Float64Array(multiples.length * cells);
    const slopes = new Float64Array(values.length);
    for (const [node, multiple] of multiples.entries()) {
      const sums = new Float64Array(2 * cells);
      const logMultiple = Math.log(multiple);
      this.addTo({ sums, cells, slopesAt: cells, multiple, logMultiple, units: 1 });
      values.set(sums.subarray(0, cells), node * cells);
      slopes.set(sums.subarray(cells), node * cells);
    }
    return { cells, values, slopes };
  }
}
