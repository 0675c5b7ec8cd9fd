/** What the market table says, in domain types: the terms on which every account is assessed. */

import type { Amount, Price, Quantity, Ratio } from '../number/decimal.ts';
import type { Lookup, Reason } from '../number/reason.ts';
import type { Policy } from './policy.ts';
import type { RiskClass } from './risk-class.ts';

/** What is known of a market: its grain, and how much it bears. */
export interface Tradable {
  /** Contracts or units: orders are multiples of it. */
  readonly lotSize?: Quantity | undefined;
  readonly minNotional?: Amount | undefined;
  /** V: notional that trades in a day. */
  readonly dailyVolume?: Amount | undefined;
  /** Notional that rests within 1 % of the mark, on each side. */
  readonly depth?: Amount | undefined;
}

export interface Asset extends Tradable {
  readonly asset: string;
  /** Absent for the numeraire only. */
  readonly feed?: string | undefined;
  /** w and v of the margin balance. */
  readonly collateralWeight: Ratio;
  readonly liabilityWeight: Ratio;
  /** What the initial requirement counts it for: at most w, at least v. Absent: w and v. */
  readonly initialCollateralWeight?: Ratio | undefined;
  readonly initialLiabilityWeight?: Ratio | undefined;
  /** k: w(A) = min(w, 1.1/(1 + k·√|A|)), v(A) = max(v, 0.8·v + k·√|A|). Absent: no scaling. */
  readonly sizeScaling?: Ratio | undefined;
  /** k of the initial weights; absent: as sizeScaling. */
  readonly initialSizeScaling?: Ratio | undefined;
  readonly borrowRatePerHour?: Ratio | undefined;
  /** Absent: the class that has the asset's own name, if there is one. */
  readonly riskClass?: string | undefined;
}

/** Where collateral lies, such as a chain: what is not final there, or not seen lately, counts less. */
export interface Location {
  readonly location: string;
  /** A balance is final this long after it was observed. */
  readonly finalitySeconds: number;
  /** Multiplies the weight of a balance that is final. */
  readonly weight: Ratio;
  /** Multiplies the weight of one that is not, or whose location has not been observed lately. */
  readonly pendingWeight: Ratio;
  /** When the location itself was last observed. */
  readonly observedAt?: number | undefined;
  /** Age of observedAt above which the location counts as not observed lately. */
  readonly staleAfterSeconds?: number | undefined;
}

export interface Instrument extends Tradable {
  readonly instrument: string;
  readonly type: 'perpetual' | 'future' | 'option';
  /** The feed of the underlying: the risk factor. */
  readonly underlying: string;
  /** The feed of the instrument's own price, when it is not the underlying's; an option's always. */
  readonly markFeed?: string | undefined;
  /** An option's: the feed of the forward of its expiry. Absent: spot·e^{rτ}. */
  readonly forwardFeed?: string | undefined;
  /** The feed of the settlement price, read once it has expired. */
  readonly settlementFeed?: string | undefined;
  readonly settlementAsset: string;
  /** Underlying units a contract; of an inverse perpetual or future, numeraire a contract. */
  readonly contractSize: Quantity;
  /** Settles in the coin, and an option is quoted in it. */
  readonly inverse: boolean;
  readonly riskClass: string;
  readonly expiresAt?: number | undefined;
  readonly strike?: Price | undefined;
  readonly optionType?: 'call' | 'put' | undefined;
  /** Contracts open at the venue; an open-interest scaled requirement needs it. */
  readonly openInterest?: Quantity | undefined;
}

/** One source's price of a feed. */
export interface Quote {
  readonly feed: string;
  readonly source: string;
  readonly price: Price;
  /** Half-width, in the unit of the price. */
  readonly confidence?: Price | undefined;
  readonly publishedAt: number;
  /** Of an option's own feed: annual, as a fraction. */
  readonly impliedVolatility?: Ratio | undefined;
  readonly fundingRatePerHour?: Ratio | undefined;
  /** 0 to 1: how far the source trusts it. Absent: 1. */
  readonly confidenceScore?: Ratio | undefined;
}

/** An implied volatility that one source gives without a price. */
export interface VolatilityQuote {
  readonly feed: string;
  readonly source: string;
  readonly impliedVolatility: Ratio;
  readonly publishedAt: number;
  readonly confidenceScore?: Ratio | undefined;
}

/** The market table as read: a row that cannot be used is a reason in its place. */
export interface Market {
  readonly policy: Policy;
  readonly assets: Lookup<Asset>;
  readonly locations: Lookup<Location>;
  readonly instruments: Lookup<Instrument>;
  readonly riskClasses: Lookup<RiskClass>;
  /** By feed: usable quotes. */
  readonly quotes: ReadonlyMap<string, readonly Quote[]>;
  /** By feed: implied volatilities that came without a price. */
  readonly volatilityQuotes: ReadonlyMap<string, readonly VolatilityQuote[]>;
  /** By feed: why a quote of it cannot be used. */
  readonly quoteFaults: ReadonlyMap<string, Reason>;
  /** Risk classes that a feed belongs to besides those its assets and instruments name. */
  readonly feedClasses: ReadonlyMap<string, readonly string[]>;
}
