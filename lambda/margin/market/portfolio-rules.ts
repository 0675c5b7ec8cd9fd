import type { Ratio } from '../number/decimal.ts';
import type { ChargedIn } from './charges.ts';
import type { RatePair, Requirement, Schedule } from './schedule.ts';

/** Multiplies every price of the underlying, and shocks its volatilities. */
export interface Scenario {
  readonly priceMultiplier: Ratio;
  readonly vol: 'up' | 'none' | 'down';
  /** Multiplies the loss; below 1 for tails. */
  readonly weight: Ratio;
  /** For the loss of time value. */
  readonly daysForward: Ratio;
  readonly skew?: Skew | undefined;
}

/**
 * σ·max(0, 1 + clamp(slope·k, −c, c)), with c = cap + capPerRootYear·√T and k = ln(K/F)/√T or its
 * absolute value. With `flatAt`, the slope is c/k* instead, and k is not divided by √T. The absolute
 * change of each expiry's value is a loss.
 */
export interface Skew {
  readonly slope: Ratio;
  readonly of: 'signed' | 'absolute';
  readonly cap: Ratio;
  readonly capPerRootYear: Ratio;
  readonly flatAt?: SkewReach | undefined;
}

/** k* = max(minimum, √T·width·(volatility + √T·volatilityPerRootYear)) */
export interface SkewReach {
  readonly minimum: Ratio;
  readonly width: Ratio;
  readonly volatility: Ratio;
  readonly volatilityPerRootYear: Ratio;
}

/**
 * With p = power for T up to anchorDays and longPower beyond,
 *
 *     up:   max(minimum, σ·(1 + up·(anchor/max(T, floor))^p))
 *     down: σ·max(0, 1 − down·(anchor/max(T, floor))^p)
 *
 * In points the shock is added to σ: σ + up·(…)^p, max(0, σ − down·(…)^p).
 */
export interface VolShock {
  readonly unit: 'relative' | 'points';
  readonly up: Ratio;
  readonly down: Ratio;
  readonly power: Ratio;
  readonly longPower: Ratio;
  readonly anchorDays: Ratio;
  readonly floorDays: Ratio;
  /** After a shock up. */
  readonly minimum: Ratio;
}

/**
 * base·e^{∓T·(r·rateMultiplier + add)}: − for a value above zero, + for one below, which grows to
 * at most its undiscounted value.
 */
export interface Discount {
  readonly base: Ratio;
  readonly rateMultiplier: Ratio;
  readonly add: Ratio;
  /** Least r in this formula. Absent: none. */
  readonly rateFloor?: Ratio | undefined;
}

/**
 * Sum over the expiries of (worst loss over the cells)·(base + perYear·T): added as a `charge`, or
 * one more candidate for the worst loss, as a `loss`.
 */
export interface ExpiryCharge {
  readonly scenarios: readonly Pick<Scenario, 'priceMultiplier' | 'vol'>[];
  readonly base: Ratio;
  readonly perYear: Ratio;
  readonly in: ChargedIn;
  readonly as: 'charge' | 'loss';
}

export interface DeltaFloor {
  readonly net: Ratio;
  readonly hedged: Ratio;
  readonly as: 'floor' | 'charge';
}

export interface Minimum {
  readonly tiers: Schedule;
  readonly perContract: Requirement;
  readonly options: 'short' | 'all';
}

/** Rates on a notional at the mark, or at the price of the underlying. */
export interface NotionalCharge extends RatePair {
  readonly on: 'mark' | 'index';
}

/** Adds factor·max(threshold − price, 0) to the factor of a requirement. */
export interface DepegFactor {
  /** Feed of the stablecoin. */
  readonly feed: string;
  readonly threshold: Ratio;
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

/** IM and MM = max(factor·max(worst loss, expiry losses, delta floor) + charges, minimum). */
export interface PortfolioRules {
  readonly scenarios: readonly Scenario[];
  readonly volShock: VolShock;
  readonly initialFactor: Ratio;
  readonly maintenanceFactor: Ratio;
  readonly depegFactor?: DepegFactor | undefined;
  /** Applies to an expiry's shocked option value. Absent: none. */
  readonly gainDiscount?: Discount | undefined;
  readonly lossDiscount?: Discount | undefined;
  /** Averages the settlement price: the forward fixes as the window passes. */
  readonly settlementWindowSeconds: number;
  /** Revalued part of a coin balance: what offsets the delta, all, or none. */
  readonly collateral: 'hedge' | 'all' | 'none';
  /** (net·|Δ| + hedged·(gross − |Δ|)/2)·S: the minimum of the worst loss, or added to it. */
  readonly deltaFloor?: DeltaFloor | undefined;
  /** coin: of values in coin, which fall less when the price does; times S now. */
  readonly lossesIn: 'numeraire' | 'coin';
  /** Whether an option stays in the scan after its expiry, as long as it is held. */
  readonly expiredOptions: 'settled' | 'scanned';
  /** On the notional of perpetuals and dated futures. */
  readonly perpetualCharge: NotionalCharge;
  readonly futureCharge: NotionalCharge;
  /** On S per naked short option; calls and puts of one strike and expiry net. */
  readonly nakedShortCharge: RatePair;
  readonly expiryCharges: readonly ExpiryCharge[];
  /** On the notional of perpetuals, futures and options; and per contract. */
  readonly minimum?: Minimum | undefined;
}
