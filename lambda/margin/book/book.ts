/** All that a sub-account holds, as one curve for each risk factor. */
import type { Curve } from '../curve/curve.ts';
import type { DoubtfulCurve } from '../curve/doubtful-curve.ts';
import type { Bound, Point } from '../curve/figure.ts';
import type { MovingPrice, RiskFactor, Width } from '../curve/risk-factor.ts';
import type { Amount, Quantity, Ratio } from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import type { AssetTerms } from '../snapshot/asset-terms.ts';
import type { InstrumentTerms, LinearTerms } from '../snapshot/instrument-terms.ts';
import type { Balance } from './account.ts';

/** All rows of one instrument, netted. */
export interface NetPosition {
  readonly terms: InstrumentTerms;
  readonly quantity: Quantity;
  readonly openBuyQuantity: Quantity;
  readonly openSellQuantity: Quantity;
  readonly openOrderCount: number;
  /** The least that the account or a row of the instrument chooses. */
  readonly leverage?: Ratio | undefined;
  /** Only where the requirement is taken of the notional or option price at entry. */
  readonly entered?: Entered | undefined;
}

export interface LinearPosition extends NetPosition {
  readonly terms: LinearTerms;
}

/** Without regard to the sides of the rows. */
export interface Entered {
  readonly contracts: Quantity;
  /** At the rows' entry prices: in units of contract size × price, or ÷ price if inverse. */
  readonly units: Quantity;
}

export interface Holding {
  readonly terms: AssetTerms;
  /** Includes a loan's accrued interest. */
  readonly amount: Quantity;
  /** In the margin balance. */
  readonly weight: Ratio;
  /** Set if it lies at a location of its own, out of reach of a liquidation. */
  readonly lies?: Pick<Balance, 'location' | 'observedAt'> | undefined;
}

/** Two prices move it together: at most size·(x − 1)·(y − 1), with x and y their multiples. */
export interface CrossExposure {
  readonly size: Amount;
  /** The signed product; absent for an option, where the size is a bound. */
  readonly slope?: Amount | undefined;
  readonly factors: readonly [RiskFactor, RiskFactor];
  /** As fractions of the two prices. */
  readonly uncertainties: readonly [Ratio, Ratio];
  /** The prices behind each of the two. */
  readonly moved: readonly [readonly MovingPrice[], readonly MovingPrice[]];
}

export interface Limits {
  readonly low: Bound;
  readonly high: Bound;
}

/** What a holding may add to the figures beyond what is believed. */
export interface Spread {
  readonly equity: Limits;
  readonly balance: Limits;
  /** In both requirements. */
  readonly required: Limits;
  /** In the initial requirement alone, in place of `required`. */
  readonly initial?: Limits | undefined;
  /** How much larger or smaller it may make the latency buffer. */
  readonly buffer?: Amount | undefined;
  /** aged: only when a liquidation is decided. */
  readonly width: Width;
}

export interface BookDoubt {
  readonly curves: readonly DoubtfulCurve[];
  /** Holdings without a price, and options whose own quote is in doubt. */
  readonly spreads: readonly Spread[];
  /** Prices in doubt that move one thing together: nothing limits the figures. */
  readonly coupled?: Width | undefined;
  /** No price is in doubt but by its age, which counts only when a liquidation is decided. */
  readonly isOnlyAged: boolean;
  /** Whether a price is aged. If not, a liquidation is decided by the same ranges. */
  readonly isAged: boolean;
  /** Why, by price or holding. */
  readonly reasons: readonly Reason[];
  /** Prices that are only aged, which speaks against a liquidation alone. */
  readonly agedReasons: readonly Reason[];
}

/** Equity, margin balance and requirements of a sub-account, as curves over prices. */
export interface Book {
  /** The part that no price moves: the numeraire, weighed like any asset, and settled profits. */
  readonly constant: Point;
  readonly curves: readonly Curve[];
  readonly positions: readonly NetPosition[];
  readonly holdings: readonly Holding[];
  /** Profits in an asset whose own price moves. */
  readonly crosses: readonly CrossExposure[];
  /** What may be true instead of the believed prices. Absent if all may be relied on. */
  readonly doubt?: BookDoubt | undefined;
  /** Every price that the book rests on. */
  readonly prices: readonly MovingPrice[];
  /** Why a balance counts for less than it might. */
  readonly notes: readonly Reason[];
}
