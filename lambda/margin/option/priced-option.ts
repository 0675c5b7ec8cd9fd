/**
 * One option in this check: its exact value now, and its value at other prices of its underlying.
 * Black-76 runs in float64; its value becomes a decimal here.
 *
 * A price quoted without a volatility is inverted. If no volatility gives that price (a stale or
 * coarse quote may be below the payoff now), a residue between price and model remains, which stays
 * constant whatever the underlying does.
 */

import type { PriceGrid } from '../curve/price-grid.ts';
import { type Amount, approximately, asAmount } from '../number/decimal.ts';
import {
  type OptionTerms as Black76Terms,
  type Greeks,
  LEAST_MONEYNESS,
  optionGreeks,
  optionValueAndDelta,
} from './black76.ts';

export interface OptionShock {
  /** Multiple of the forward. */
  readonly multiple: number;
  readonly volatility: number;
  readonly years: number;
}

export interface OptionInput {
  readonly type: 'call' | 'put';
  readonly strike: number;
  readonly expiresAt: number;
  readonly years: number;
  readonly forward: number;
  readonly volatility: number;
  /** Annual, continuous: e^{−rate·T} multiplies the value. */
  readonly rate: number;
  /** r of its expiry, where the value is not discounted by it. Absent: the rate above. */
  readonly expiryRate?: number | undefined;
  /** Share of the forward that is fixed for settlement. Absent: by the class's window. */
  readonly fixedShare?: number | undefined;
  /** It has expired: the forward is its settlement price, whatever the underlying does. */
  readonly isSettled?: true | undefined;
  /** Quoted premium per unit of underlying, if any. */
  readonly quoted?: Amount | undefined;
}

/** The scenario vector of one option: values and slopes in every cell at every grid price. */
export interface OptionVector {
  readonly cells: number;
  /** Per unit of underlying; grid price n and cell c are at [n·cells + c]. */
  readonly values: Float64Array;
  /** Per unit of the price multiple. Each rises with the price. */
  readonly slopes: Float64Array;
}

export class PricedOption {
  readonly input: OptionInput;
  /** Premium per unit of underlying, quoted or from the model. */
  readonly mark: Amount;
  /** mark − model: 0 unless a price was quoted that no volatility gives. */
  readonly residue: number;

  constructor(input: OptionInput) {
    this.input = input;
    const model = this.modelAt(1, { multiple: 1, ...input }).value;
    this.mark = input.quoted ?? asAmount(model);
    this.residue = input.quoted === undefined ? 0 : approximately(input.quoted) - model;
  }

  /** Value and its slope per unit of the price multiple, at a multiple of the current price. */
  at(multiple: number, shock: OptionShock): { value: number; slope: number } {
    const { value, slope } = this.modelAt(multiple, shock);
    return { value: value + this.residue, slope };
  }

  private modelAt(multiple: number, shock: OptionShock) {
    const { forward, rate, isSettled } = this.input;
    if (isSettled) return { value: approximately(this.input.quoted ?? asAmount(0)), slope: 0 };
    const shocked = forward * shock.multiple;
    const priced = optionValueAndDelta(this.termsIn(shock.years), {
      forward: Math.max(shocked * multiple, this.input.strike * LEAST_MONEYNESS),
      volatility: shock.volatility,
      discount: Math.exp(-rate * shock.years),
    });
    return { value: priced.value, slope: priced.delta * shocked };
  }

  private termsIn(yearsToExpiry: number): Black76Terms {
    const { type, strike } = this.input;
    return { type, strike, yearsToExpiry };
  }

  vectorOver(grid: PriceGrid, shocks: readonly OptionShock[]): OptionVector {
    const cells = shocks.length;
    const values = new Float64Array(grid.multiples.length * cells);
    const slopes = new Float64Array(values.length);
    let at = 0;
    for (const multiple of grid.multiples) {
      for (const shock of shocks) {
        const { value, slope } = this.at(multiple, shock);
        values[at] = value;
        slopes[at] = slope;
        at++;
      }
    }
    return { cells, values, slopes };
  }

  /** Per unit of underlying: delta by price, theta per year, vega per 1.00 of volatility. */
  greeks(): Greeks {
    const { forward, volatility, rate, years } = this.input;
    const discount = Math.exp(-rate * years);
    return optionGreeks(this.termsIn(years), { forward, volatility, discount }, rate);
  }
}
