/** An option at many prices, for searches: see ./rough-sums.ts. */
import { approximately } from '../number/decimal.ts';
import { ROOT_TAU } from '../statistics/normal-density.ts';
import { LEAST_MONEYNESS, logDistanceOf } from './black76.ts';
import { millsRatio } from './mills-ratio.ts';
import type { OptionShock, PricedOption } from './priced-option.ts';

export interface RoughTarget {
  readonly values: Float64Array;
  readonly slopes: Float64Array;
  readonly multiple: number;
  readonly units: number;
}

/** If |ln(F/K)|/(σ√T) is this much above σ√T/2, φ underflows to 0. */
const FAR_MAX = 40;

/** An option in every cell, with all that does not depend on the price. */
export class RoughOption {
  private readonly isCall: boolean;
  private readonly strike: number;
  private readonly residue: number;
  private readonly forwards: Float64Array;
  private readonly deviations: Float64Array;
  private readonly discounts: Float64Array;
  /** Of the option priced last. */
  private delta = 0;

  constructor(option: PricedOption, shocks: readonly OptionShock[]) {
    const { type, strike, forward, rate, isSettled } = option.input;
    this.isCall = type === 'call';
    this.strike = strike;
    // A settled option is worth the same at every price.
    this.residue = isSettled ? approximately(option.mark) : option.residue;
    this.forwards = Float64Array.from(shocks, (shock) => forward * shock.multiple);
    this.deviations = Float64Array.from(shocks, (shock) => {
      return shock.volatility * Math.sqrt(shock.years);
    });
    this.discounts = Float64Array.from(shocks, (shock) => {
      return isSettled ? 0 : Math.exp(-rate * shock.years);
    });
  }

  /**
   * Adds units·value and units·slope, the latter per unit of the multiple.
   * @returns |units·slope| in cell 0
   */
  addTo({ values, slopes, multiple, units }: RoughTarget): number {
    const before = slopes[0] as number;
    for (let cell = 0; cell < values.length; cell++) {
      const scale = (this.discounts[cell] as number) * units;
      const shocked = this.forwards[cell] as number;
      const forward = Math.max(shocked * multiple, this.strike * LEAST_MONEYNESS);
      const priced = this.price(forward, this.deviations[cell] as number);
      values[cell] = (values[cell] as number) + scale * priced + units * this.residue;
      slopes[cell] = (slopes[cell] as number) + scale * this.delta * shocked;
    }
    return Math.abs((slopes[0] as number) - before);
  }

  /** Undiscounted, by the formulas of `outOfTheMoney` without its series near the money. */
  private price(forward: number, deviation: number): number {
    const { strike, isCall } = this;
    const isUnder = forward < strike;
    const far = logDistanceOf(forward, strike) / deviation;
    const half = deviation / 2;
    let value = 0;
    let above = forward === strike ? 0.5 : Number(!isUnder);
    if (deviation > 0 && far - half <= FAR_MAX) {
      const lesser = isUnder ? forward : strike;
      const density = (lesser * Math.exp(((half - far) * (far - half)) / 2)) / ROOT_TAU;
      const outer = millsRatio(far + half);
      const inner = millsRatio(Math.abs(far - half));
      value = far < half ? lesser - density * (inner + outer) : density * (inner - outer);
      const tail = (density / forward) * (isUnder ? inner : outer);
      above = isUnder && far >= half ? tail : 1 - tail;
    }
    this.delta = isCall ? above : above - 1;
    const payoff = Math.max(isCall ? forward - strike : strike - forward, 0);
    return Math.min(payoff + value, isCall ? forward : strike);
  }
}
