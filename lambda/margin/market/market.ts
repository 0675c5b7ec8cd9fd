/** The market table in domain types. */

import type { Amount, Price, Quantity, Ratio } from '../number/decimal.ts';
import type { Lookup, Reason } from '../number/reason.ts';
import type { Policy } from './policy.ts';
import type { RiskClass } from './risk-class.ts';

export interface Tradable {
  /** Contracts or units. */
  readonly lotSize?: Quantity | undefined;
  readonly minNotional?: Amount | undefined;
  /** V: notional traded per day. */
  readonly dailyVolume?: Amount | undefined;
  /** Notional resting within 1 % of the mark, on each side. */
  readonly depth?: Amount | undefined;
}

export type Compounding = 'simple' | 'perSecond' | 'binomial' | 'taylor';

export interface Asset extends Tradable {
  readonly asset: string;
  readonly feed?: string | undefined;
  /** w and v. */
  readonly collateralWeight: Ratio;
  readonly liabilityWeight: Ratio;
  /** At most w, at least v, which are the defaults. */
  readonly initialCollateralWeight?: Ratio | undefined;
  readonly initialLiabilityWeight?: Ratio | undefined;
  /** k: w(A) = min(w, 1.1/(1 + k·√|A|)), v(A) = max(v, 0.8·v + k·√|A|). Absent: no scaling. */
  readonly sizeScaling?: Ratio | undefined;
  /** Default: sizeScaling. */
  readonly initialSizeScaling?: Ratio | undefined;
  /** The feed of a second price: initially the more cautious of the two counts. */
  readonly initialPriceFeed?: string | undefined;
  /** Decimal places to which scaled weights are cut down. Absent: none is. */
  readonly weightPlaces?: number | undefined;
  /** Units that all accounts hold. */
  readonly totalDeposits?: Quantity | undefined;
  /** Value of all deposits from which the initial collateral weight falls. */
  readonly weightScaleStart?: Amount | undefined;
  /** A share of the value repaid, in a swap of this collateral; replaces the bonus of the policy. */
  readonly swapBonus?: Ratio | undefined;
  readonly borrowRatePerHour?: Ratio | undefined;
  /** How interest on a loan grows; ../book/accrual.ts has the formulas. Default: simple. */
  readonly interestCompounding?: Compounding | undefined;
  /** Default: the class named like the asset, if any. */
  readonly riskClass?: string | undefined;
  /** Whether the portfolio model of its class may revalue it. */
  readonly riskCancelling: boolean;
  /** Feed of another underlying, with whose book it is revalued. Default: its own. */
  readonly hedges?: string | undefined;
}

/** Where collateral lies, such as a chain. */
export interface Location {
  readonly location: string;
  /** From observing a balance until it is final. */
  readonly finalitySeconds: number;
  /** Multiplies the weight of a final balance. */
  readonly weight: Ratio;
  /** Multiplies any other balance's weight: not final, or the location not observed lately. */
  readonly pendingWeight: Ratio;
  readonly observedAt?: number | undefined;
  /** Largest age of `observedAt`. */
  readonly staleAfterSeconds?: number | undefined;
}

export interface Instrument extends Tradable {
  readonly instrument: string;
  readonly type: 'perpetual' | 'future' | 'option';
  /** Feed of the risk factor. */
  readonly underlying: string;
  /** Feed of the own price, if it is not the underlying's. An option always has one. */
  readonly markFeed?: string | undefined;
  /** Feed of an option's forward. Default: spot·e^{rτ}. */
  readonly forwardFeed?: string | undefined;
  /** Read after expiry. */
  readonly settlementFeed?: string | undefined;
  /** r of its expiry: annual, continuous. Default: the forward feed's, else the class's. */
  readonly rate?: Ratio | undefined;
  /** Part of the forward that is fixed already, as an amount or as a share. */
  readonly fixedForward?: Price | undefined;
  readonly fixedForwardShare?: Ratio | undefined;
  /** By row of its class's table: loss of one long contract, instead of a model. */
  readonly lossArray?: readonly Amount[] | undefined;
  readonly settlementAsset: string;
  /** Underlying per contract; numeraire for an inverse perpetual or future. */
  readonly contractSize: Quantity;
  /** Settled in the coin; an inverse option is also quoted in it. */
  readonly inverse: boolean;
  readonly riskClass: string;
  /** A binary contract is worth at most this, per unit of underlying. */
  readonly payout?: Price | undefined;
  readonly expiresAt?: number | undefined;
  readonly strike?: Price | undefined;
  readonly optionType?: 'call' | 'put' | undefined;
  /** Unrealised profits less losses of all accounts. */
  readonly netProfit?: Amount | undefined;
  /** Contracts. */
  readonly openInterest?: Quantity | undefined;
}

export interface Quote {
  readonly feed: string;
  readonly source: string;
  readonly price: Price;
  /** Half-width, in the unit of the price. */
  readonly confidence?: Price | undefined;
  /** Furthest prices since the writer's quote before; low ≤ price ≤ high. */
  readonly high?: Price | undefined;
  readonly low?: Price | undefined;
  readonly publishedAt: number;
  /** Annual, as a fraction; on an option's own feed. */
  readonly impliedVolatility?: Ratio | undefined;
  readonly fundingRatePerHour?: Ratio | undefined;
  /** r of an expiry, annual and continuous; on the feed of its forward. */
  readonly interestRate?: Ratio | undefined;
  /** Trust of the source, 0 to 1. Default: 1. */
  readonly confidenceScore?: Ratio | undefined;
}

export interface VolatilityQuote {
  readonly feed: string;
  readonly source: string;
  readonly impliedVolatility: Ratio;
  readonly publishedAt: number;
  readonly confidenceScore?: Ratio | undefined;
}

/** The market table as read; a reason replaces each unusable row. */
export interface Market {
  readonly policy: Policy;
  readonly assets: Lookup<Asset>;
  readonly locations: Lookup<Location>;
  readonly instruments: Lookup<Instrument>;
  readonly riskClasses: Lookup<RiskClass>;
  /** By feed. */
  readonly quotes: ReadonlyMap<string, readonly Quote[]>;
  readonly volatilityQuotes: ReadonlyMap<string, readonly VolatilityQuote[]>;
  /** By feed. */
  readonly quoteFaults: ReadonlyMap<string, Reason>;
  /** By feed: classes beyond those of its assets and instruments. */
  readonly feedClasses: ReadonlyMap<string, readonly string[]>;
}
