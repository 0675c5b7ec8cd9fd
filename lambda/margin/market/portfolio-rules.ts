/** The portfolio model of a class: its scenario table, and what is charged besides the worst loss. */
import type { Ratio } from '../number/decimal.ts';
import type { ChargedIn } from './charges.ts';
import type { RatePair, Requirement, Schedule } from './schedule.ts';

/** One cell of the table: every price of the underlying times a multiplier, its volatilities moved. */
export interface Scenario {
  readonly priceMultiplier: Ratio;
  readonly vol: 'up' | 'none' | 'down';
  /** The share of its loss that counts; below 1 for tails. */
  readonly weight: Ratio;
  /** Days that pass: the loss of time value. */
  readonly daysForward: Ratio;
  readonly skew?: Skew | undefined;
}

/**
 * A skew of the volatilities: σ·(1 + clamp(slope·k, −cap, cap)), with k = ln(K/F)/√T, or its absolute
 * value. Each expiry counts as a loss by the size of its change, whichever way it goes.
 */
export interface Skew {
  readonly slope: Ratio;
  readonly of: 'signed' | 'absolute';
  readonly cap: Ratio;
}

/**
 * Up: max(minimum, σ·(1 + up·(anchor/max(T, floor))^p)); down: σ·max(0, 1 − down·(…)^p); p is power
 * for T up to anchorDays, longPower beyond.
 */
export interface VolShock {
  readonly up: Ratio;
  readonly down: Ratio;
  readonly power: Ratio;
  readonly longPower: Ratio;
  readonly anchorDays: Ratio;
  readonly floorDays: Ratio;
  /** A volatility that was shocked up is at least this. */
  readonly minimum: Ratio;
}

/** base·e^{∓T·(r·rateMultiplier + add)}: − on a value above zero, + on one below. */
export interface Discount {
  readonly base: Ratio;
  readonly rateMultiplier: Ratio;
  readonly add: Ratio;
}

/** For each expiry the worse loss over some cells, times base + perYear·T; summed over the expiries. */
export interface ExpiryCharge {
  readonly scenarios: readonly Pick<Scenario, 'priceMultiplier' | 'vol'>[];
  readonly base: Ratio;
  readonly perYear: Ratio;
  readonly in: ChargedIn;
}

/** IM and MM = max(factor·max(worst loss, delta floor) + charges, minimum). */
export interface PortfolioRules {
  readonly scenarios: readonly Scenario[];
  readonly volShock: VolShock;
  readonly initialFactor: Ratio;
  readonly maintenanceFactor: Ratio;
  /** Of an expiry's shocked option value, by its sign; absent: as it is. */
  readonly gainDiscount?: Discount | undefined;
  readonly lossDiscount?: Discount | undefined;
  /** Before an expiry over which the settlement price is averaged: the forward fixes as it passes. */
  readonly settlementWindowSeconds: number;
  /** Whether a balance of the coin takes part: as far as it offsets the delta, whole, or not at all. */
  readonly collateral: 'hedge' | 'all' | 'none';
  /** (net·|Δ| + hedged·(gross − |Δ|)/2)·S, the least that the worst loss counts for. */
  readonly deltaFloor?: { readonly net: Ratio; readonly hedged: Ratio } | undefined;
  /** Of the notional of perpetuals, and of dated futures. */
  readonly perpetualCharge: RatePair;
  readonly futureCharge: RatePair;
  /** Of S for each naked short option: at one strike and expiry, calls and puts net. */
  readonly nakedShortCharge: RatePair;
  readonly expiryCharges: readonly ExpiryCharge[];
  /** The least due: of the notional of perpetuals, futures and short options, and for each contract. */
  readonly minimum?: { readonly tiers: Schedule; readonly perContract: Requirement } | undefined;
}
