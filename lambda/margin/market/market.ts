/** The market table in domain types. */

import type { Amount, Price, Quantity, Ratio } from '../number/decimal.ts';
import type { Lookup, Reason } from '../number/reason.ts';
import type { Policy } from './policy.ts';
import type { RiskClass } from './risk-class.ts';

/** Order size limits and liquidity of a market. */
export interface Tradable {
  /** Orders are multiples of this, in contracts or units. */
  readonly lotSize?: Quantity | undefined;
  readonly minNotional?: Amount | undefined;
  /** V: notional traded per day. */
  readonly dailyVolume?: Amount | undefined;
  /** Notional resting within 1 % of the mark, on each side. */
  readonly depth?: Amount | undefined;
}

export interface Asset extends Tradable {
  readonly asset: string;
  /** Absent only for the numeraire. */
  readonly feed?: string | undefined;
  /** w and v of the margin balance. */
  readonly collateralWeight: Ratio;
  readonly liabilityWeight: Ratio;
  /** Weights in the initial requirement: at most w, at least v. Default: w and v. */
  readonly initialCollateralWeight?: Ratio | undefined;
  readonly initialLiabilityWeight?: Ratio | undefined;
  /** k: w(A) = min(w, 1.1/(1 + k·√|A|)), v(A) = max(v, 0.8·v + k·√|A|). Absent: no scaling. */
  readonly sizeScaling?: Ratio | undefined;
  /** k of the initial weights. Default: sizeScaling. */
  readonly initialSizeScaling?: Ratio | undefined;
  readonly borrowRatePerHour?: Ratio | undefined;
  /** Default: the class with the asset's own name, if there is one. */
  readonly riskClass?: string | undefined;
}

/**
 * Where collateral lies, such as a chain. It counts less while it is not final, or when the
 * location was not observed lately.
 */
export interface Location {
  readonly location: string;
  /** Time from the observation of a balance until it is final. */
  readonly finalitySeconds: number;
  /** Multiplies the weight of a final balance. */
  readonly weight: Ratio;
  /**
   * Multiplies the weight of any other balance: not yet final, or its location not observed lately.
   */
  readonly pendingWeight: Ratio;
  /** When the location itself was last observed. */
  readonly observedAt?: number | undefined;
  /** Age of observedAt above which the location is not observed lately. */
  readonly staleAfterSeconds?: number | undefined;
}

export interface Instrument extends Tradable {
  readonly instrument: string;
  readonly type: 'perpetual' | 'future' | 'option';
  /** The feed that is the risk factor. */
  readonly underlying: string;
  /**
   * Feed of the instrument's own price, if it is not the underlying's. An option always has one.
   */
  readonly markFeed?: string | undefined;
  /** For an option: feed of the forward of its expiry. Default: spot·e^{rτ}. */
  readonly forwardFeed?: string | undefined;
  /** Feed of the settlement price, read after expiry. */
  readonly settlementFeed?: string | undefined;
  readonly settlementAsset: string;
  /**
   * Units of underlying per contract; for an inverse perpetual or future, numeraire per contract.
   */
  readonly contractSize: Quantity;
  /** Settled in the coin; an inverse option is also quoted in it. */
  readonly inverse: boolean;
  readonly riskClass: string;
  readonly expiresAt?: number | undefined;
  readonly strike?: Price | undefined;
  readonly optionType?: 'call' | 'put' | undefined;
  /** Contracts open at the venue. Needed for a requirement scaled by open interest. */
  readonly openInterest?: Quantity | undefined;
}

export interface Quote {
  readonly feed: string;
  readonly source: string;
  readonly price: Price;
  /** Half-width, in the unit of the price. */
  readonly confidence?: Price | undefined;
  readonly publishedAt: number;
  /** For an option's own feed: annual, as a fraction. */
  readonly impliedVolatility?: Ratio | undefined;
  readonly fundingRatePerHour?: Ratio | undefined;
  /** How much the source trusts the price, 0 to 1. Default: 1. */
  readonly confidenceScore?: Ratio | undefined;
}

/** A source's implied volatility without a price. */
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
  /** By feed. */
  readonly volatilityQuotes: ReadonlyMap<string, readonly VolatilityQuote[]>;
  /** By feed: why a quote cannot be used. */
  readonly quoteFaults: ReadonlyMap<string, Reason>;
  /** By feed: risk classes beyond those that its assets and instruments name. */
  readonly feedClasses: ReadonlyMap<string, readonly string[]>;
}
