/** What the market table says, in domain types: the terms on which every account is assessed. */
import type { Amount, Price, Quantity, Ratio } from '../number/decimal.ts';
import type { Lookup, Reason } from '../number/reason.ts';
import type { OptionRule } from '../option/option-rule.ts';
import type { PortfolioRules } from './portfolio-rules.ts';
import type { MarginRule } from './schedule.ts';

/** How prices of one risk factor are gathered, and when they are too old to use or to act on. */
export interface OracleRules {
  /** Older than this, a quote is not used at all. */
  readonly staleAfterSeconds: number;
  /** A price has to be younger than this for a liquidation to rest on it. */
  readonly maxAgeSeconds: number;
  readonly minSources: number;
  /** (highest − lowest) ÷ median above which the sources contradict each other. */
  readonly maxSourceSpread: Ratio;
  /** Relative move since the last check above which one source alone is not believed. */
  readonly maxJump: Ratio;
  /** The feed's own update threshold: it may be off by this and silent. */
  readonly deviation: Ratio;
}

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

/** Annual volatilities, as fractions: 0.8 is 80 %. */
export interface FixedVolatility {
  readonly type: 'fixed';
  readonly annual: Ratio;
}

/** Measured from the feed's own quotes: σ = min(cap, max(floor, (1 − w)·σ_ewma + w·σ_stress)). */
export interface EwmaVolatility {
  readonly type: 'ewma';
  /** After which a return counts half. */
  readonly halfLifeSeconds: number;
  readonly floor: Ratio;
  readonly cap: Ratio;
  /** Of a bad time: what counts while nothing has been measured. floor ≤ stress ≤ cap. */
  readonly stress: Ratio;
  /** w, from 0 to 1. */
  readonly stressWeight: Ratio;
  /** Where z of the latency shock comes from: the feed's own moves, or the policy alone. */
  readonly quantile: 'tracked' | 'policy';
}

export type VolatilityRule = FixedVolatility | EwmaVolatility;

/** What is charged besides the model, for doubt about a price or a settlement coin. */
export interface ConfidenceCharge {
  /** What it is due on. */
  readonly of: 'perpetuals' | 'futures' | 'shortOptions' | 'options' | 'collateral';
  /** Due when the confidence score of a price is strictly below it. */
  readonly threshold: Ratio;
  /** (1 − score)·factor·notional. */
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

/** (threshold − price)·factor·S for each unit of perpetual or future, and of short option. */
export interface DepegCharge {
  /** The stablecoin's. */
  readonly feed: string;
  readonly threshold: Ratio;
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

/** The initial requirement alone, or both. */
export type ChargedIn = 'initial' | 'both';

/**
 * A requirement that follows the volatility: times min(cap, max(floor, σ/reference)). Floor and cap,
 * and the stress weight inside σ, keep it from following the market down or up too far.
 */
export interface DynamicRule {
  readonly referenceVolatility: Ratio;
  readonly floor: Ratio;
  readonly cap: Ratio;
  /** By how much, as a fraction an hour, σ may raise the initial requirement; never the maintenance. */
  readonly initialRisePerHour?: Ratio | undefined;
}

/** What closing out costs, as fractions of the notional x. */
export interface Liquidity {
  readonly fee: Ratio;
  readonly slippage: Ratio;
  /** Y: besides, Y·σ_day·√(x/V). */
  readonly impact: Ratio;
  /** Paid into the insurance fund. */
  readonly liquidationFee: Ratio;
}

export interface RiskClass {
  readonly riskClass: string;
  /** Of perpetuals and futures; absent for a class that has none. */
  readonly margin?: MarginRule | undefined;
  /** Of options; absent for a class that has none. */
  readonly optionRule?: OptionRule | undefined;
  /** For accounts on portfolio margin; absent: they are margined by the two above. */
  readonly portfolio?: PortfolioRules | undefined;
  readonly confidenceCharges: readonly ConfidenceCharge[];
  readonly depegCharge?: DepegCharge | undefined;
  /** Due for each open order, in both requirements. */
  readonly openOrderCharge: Amount;
  readonly dynamic?: DynamicRule | undefined;
  /** Each instrument's requirement is rounded up to this many places. */
  readonly requirementPlaces?: number | undefined;
  /** r: annual, continuous; grows a spot price into a forward, and discounts options. */
  readonly rate: Ratio;
  readonly volatility: VolatilityRule;
  /** A move that no interval is too short for. */
  readonly jumpFloor: Ratio;
  readonly liquidity: Liquidity;
  /** How far this factor moves in a common shock of 1. */
  readonly radiusScale: Ratio;
  readonly oracle: { readonly [Rule in keyof OracleRules]?: OracleRules[Rule] | undefined };
}

export interface Policy {
  readonly numeraire: string;
  readonly mode: 'observe' | 'enforce';
  readonly halt: boolean;
  /** ℓ: the liquidation line is ℓ·MM + LB. */
  readonly liquidationMultiplier: Ratio;
  /** c: the call line is c·MM + LB. */
  readonly callMultiplier: Ratio;
  /** Where it lies: there, or at the initial requirement if that is more. */
  readonly callAt: 'maintenance' | 'initial';
  /** κ: a liquidation restores the account to κ·MM + LB. */
  readonly liquidationTargetMultiplier: Ratio;
  /** And leaves it at most at (κ + this)·MM + LB. */
  readonly liquidationTargetBand: Ratio;
  /** A position of no more than this is closed whole. */
  readonly closeWholeBelow: Amount;
  /** Of a larger position the first plan closes a share only. Absent: as much as is needed. */
  readonly firstShareAbove?: Amount | undefined;
  readonly firstShare: Ratio;
  /** none: a check orders whatever its plans need, however little the markets bear. */
  readonly liquidationThrottle: 'standard' | 'none';
  /** Of the depth, and of what trades between two checks: the most that one check liquidates. */
  readonly liquidationDepthShare: Ratio;
  readonly liquidationVolumeShare: Ratio;
  /** An account whose orders have not fitted for longer goes before all others. */
  readonly liquidationWaitSeconds: number;
  /** Liquidatable notional over depth from which a cascade is warned of. */
  readonly cascadeAlertRatio: Ratio;
  /** Of the limit price: P·(1 ∓ (cost + spread·mm·clamp(A·(1 − B/MM), 0, 1))). */
  readonly limitSpread: Ratio;
  /** A */
  readonly bankruptcyAdjustment: Ratio;
  /** Who bears what the insurance fund cannot. */
  readonly lossSharing: 'none' | 'haircut' | 'adl';
  readonly latencyBuffer: 'standard' | 'none';
  readonly uncertainty: 'standard' | 'none';
  /** z: the quantile, at unit variance, that the uncertainty is sized with, and the buffer at least. */
  readonly shockQuantile: Ratio;
  /** κ of the price's uncertainty: half-widths of confidence that count. */
  readonly confidenceMultiplier: Ratio;
  /** φ: 0 adds the factors' losses, 1 takes the worse of all up and all down. */
  readonly jointShockWeight: Ratio;
  /** L: seconds from an order to its fill. */
  readonly executionSeconds: number;
  readonly oracle: OracleRules;
  readonly callGraceSeconds: number;
  readonly callUpdateFraction: Ratio;
  /** A call is cured when its surplus is at least this share of the call line. */
  readonly cureMargin: Ratio;
  readonly onCallExpiry: 'liquidate' | 'remind';
  readonly liquidationCooldownSeconds: number;
  readonly planExpirySeconds: number;
  /** Decimal places of the amounts that are sent. */
  readonly amountPlaces: number;
  readonly historyDays: number;
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

/** A closed interval around a point value. */
export interface Range {
  readonly low: Amount;
  readonly point: Amount;
  readonly high: Amount;
}
