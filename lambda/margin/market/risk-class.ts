/** A risk class: the rules shared by everything that moves alike. */

import type { Amount, Ratio } from '../number/decimal.ts';
import type { ConfidenceCharge, DepegCharge } from './charges.ts';
import type { OptionRule } from './option-rule.ts';
import type { OracleRules } from './policy.ts';
import type { PortfolioRules } from './portfolio-rules.ts';
import type { MarginRule } from './schedule.ts';

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
