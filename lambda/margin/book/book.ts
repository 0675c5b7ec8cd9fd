/** A book: everything that a sub-account holds, as one curve for each risk factor. */
import type { Curve } from '../curve/curve.ts';
import type { MovingPrice, RiskFactor } from '../curve/risk-factor.ts';
import type { Amount, Quantity, Ratio } from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import type { AssetTerms } from '../snapshot/asset-terms.ts';
import type { InstrumentTerms } from '../snapshot/instrument-terms.ts';
import type { Balance } from './account.ts';

/** All rows of one instrument, long and short netted. */
export interface NetPosition {
  readonly terms: InstrumentTerms;
  readonly quantity: Quantity;
  readonly openBuyQuantity: Quantity;
  readonly openSellQuantity: Quantity;
  readonly openOrderCount: number;
}

export interface Holding {
  readonly terms: AssetTerms;
  /** With the interest that has accrued on a loan. */
  readonly amount: Quantity;
  /** In the margin balance. */
  readonly weight: Ratio;
  /** A balance at a location of its own is out of reach of a liquidation. */
  readonly lies?: Pick<Balance, 'location' | 'observedAt'> | undefined;
}

/** A value that two prices move together: at most size·(x − 1)·(y − 1), with x and y their multiples. */
export interface CrossExposure {
  readonly size: Amount;
  /** The exact product, with its sign; absent for an option, where the size is a bound. */
  readonly slope?: Amount | undefined;
  readonly factors: readonly [RiskFactor, RiskFactor];
  /** As fractions of the two prices. */
  readonly uncertainties: readonly [Ratio, Ratio];
}

/** A value that no price moves. */
export interface Constant {
  readonly equity: Amount;
  /** Lower than the equity where a location reduces its weight. */
  readonly balance: Amount;
}

/** Equity, margin balance and requirements of a sub-account, as curves over prices. */
export interface Book {
  readonly constant: Constant;
  readonly curves: readonly Curve[];
  readonly positions: readonly NetPosition[];
  readonly holdings: readonly Holding[];
  /** Profits in an asset whose own price moves as well. */
  readonly crosses: readonly CrossExposure[];
  /** Every price that the book rests on, once. */
  readonly prices: readonly MovingPrice[];
  /** Why a balance counts for less than it might. */
  readonly notes: readonly Reason[];
}
