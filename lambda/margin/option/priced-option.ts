/**
 * One option at this check: its value now, exactly, and what it would be worth at other prices of its
 * underlying. Black-76 is in float64; a value becomes a decimal here, and stays one.
 *
 * A quote that gives a price and no volatility is inverted. A price that no volatility gives (one
 * below what the option would pay now, as a stale or coarse quote may be) leaves a residue between it
 * and the model, which stays as it is whatever the underlying does.
 */

import type { PriceGrid } from '../curve/price-grid.ts';
import { type Amount, approximately, asAmount } from '../number/decimal.ts';
import {
  type OptionTerms as Black76Terms,
  type Greeks,
  optionGreeks,
  optionValueAndDelta,
} from './black76.ts';

/** A shock of the table as it bears on one option. */
export interface OptionShock {
  /** Of the forward, as a multiple. */
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
  /** r: annual, continuous. */
  readonly rate: number;
  /** The quoted premium a unit of underlying, when one was quoted. */
  readonly quoted?: Amount | undefined;
}

/** Values and slopes of one option in every cell at every node: its scenario vector. */
export interface OptionVector {
  readonly cells: number;
  /** A unit of underlying; at node n, cell c: [n·cells + c]. */
  readonly values: Float64Array;
  /** Per unit of the price's multiple. Each rises from node to node. */
  readonly slopes: Float64Array;
}

/** F/K where the price is nought: Black-76 has no logarithm of that. */
const LEAST_MONEYNESS = 1e-300;

export class PricedOption {
  readonly input: OptionInput;
  /** The premium a unit of underlying, as quoted or by the model. */
  readonly mark: Amount;
  /** mark − model: nought unless a price was quoted that no volatility gives. */
  readonly residue: number;

  constructor(input: OptionInput) {
    this.input = input;
    const model = this.modelAt(1, { multiple: 1, ...input }).value;
    this.mark = input.quoted ?? asAmount(model);
    this.residue = input.quoted === undefined ? 0 : approximately(input.quoted) - model;
  }

  /** Value and its slope per unit of the price's multiple, at a multiple of the current price. */
  at(multiple: number, shock: OptionShock): { value: number; slope: number } {
    const { value, slope } = this.modelAt(multiple, shock);
    return { value: value + this.residue, slope };
  }

  private modelAt(multiple: number, shock: OptionShock) {
    const { forward, rate } = this.input;
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

  /** A unit of underlying: delta per unit of its price, theta a year, vega per 1.00 of volatility. */
  greeks(): Greeks {
    const { forward, volatility, rate, years } = this.input;
    const discount = Math.exp(-rate * years);
    return optionGreeks(this.termsIn(years), { forward, volatility, discount }, rate);
  }
}
