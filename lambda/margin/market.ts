/** What the market table says, in domain types: the terms on which every account is assessed. */
import type { Amount, Price, Quantity, Ratio } from './decimal.ts';
import type { Lookup, Reason } from './reason.ts';
import type { Schedule } from './schedule.ts';

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

export interface Asset {
  readonly asset: string;
  /** Absent for the numeraire only. */
  readonly feed?: string | undefined;
  readonly collateralWeight: Ratio;
  readonly liabilityWeight: Ratio;
  readonly borrowRatePerHour?: Ratio | undefined;
  /** Absent: the class that has the asset's own name, if there is one. */
  readonly riskClass?: string | undefined;
}

export interface Instrument {
  readonly instrument: string;
  readonly type: 'perpetual' | 'future';
  /** The feed of the underlying: the risk factor. */
  readonly underlying: string;
  /** The feed of the instrument's own price, when it is not the underlying's. */
  readonly markFeed?: string | undefined;
  readonly settlementAsset: string;
  /** Underlying units a contract. */
  readonly contractSize: Quantity;
  readonly riskClass: string;
  readonly expiresAt?: number | undefined;
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

export interface RiskClass {
  readonly riskClass: string;
  /** Absent for a class of assets that have no instruments. */
  readonly margin?: Schedule | undefined;
  readonly volatility: VolatilityRule;
  /** A move that no interval is too short for. */
  readonly jumpFloor: Ratio;
  readonly liquidity: { readonly fee: Ratio; readonly slippage: Ratio };
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
  /** κ: a liquidation restores the account to κ·MM + LB. */
  readonly liquidationTargetMultiplier: Ratio;
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
  readonly fundingRatePerHour?: Ratio | undefined;
}

/** The market table as read: a row that cannot be used is a reason in its place. */
export interface Market {
  readonly policy: Policy;
  readonly assets: Lookup<Asset>;
  readonly instruments: Lookup<Instrument>;
  readonly riskClasses: Lookup<RiskClass>;
  /** By feed: usable quotes. */
  readonly quotes: ReadonlyMap<string, readonly Quote[]>;
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
