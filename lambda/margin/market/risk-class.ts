/** Rules shared by everything that moves alike. */

import type { Amount, Ratio } from '../number/decimal.ts';
import type { ConfidenceCharge, DepegCharge } from './charges.ts';
import type { Opening } from './opening.ts';
import type { OptionRule } from './option-rule.ts';
import type { OracleRules } from './policy.ts';
import type { PortfolioRules } from './portfolio-rules.ts';
import type { ProfitRule } from './profit-rule.ts';
import type { MarginRule } from './schedule.ts';

/** Annual, as a fraction: 0.8 is 80 %. */
export interface FixedVolatility {
  readonly type: 'fixed';
  readonly annual: Ratio;
}

/** Annual; `usedVolatility` has the formula. */
export interface EwmaVolatility {
  readonly type: 'ewma';
  readonly halfLifeSeconds: number;
  readonly floor: Ratio;
  readonly cap: Ratio;
  /** Used until something is measured. floor ≤ stress ≤ cap. */
  readonly stress: Ratio;
  /** w, from 0 to 1. Absent: 0 for the latency shock, a quarter for all else. */
  readonly stressWeight?: Ratio | undefined;
  /** tracked: the latency shock is forecast from the feed's own moves; policy: by a law. */
  readonly quantile: 'tracked' | 'policy';
}

export type VolatilityRule = FixedVolatility | EwmaVolatility;

/** Requirements times min(cap, max(floor, σ/reference)). */
export interface DynamicRule {
  readonly referenceVolatility: Ratio;
  readonly floor: Ratio;
  readonly cap: Ratio;
  /** Limit on the rise of σ in the initial requirement, per hour. Maintenance has none. */
  readonly initialRisePerHour?: Ratio | undefined;
  /** An anti-procyclicality option of EU 153/2013 art. 28. */
  readonly buffer?: ExhaustibleBuffer | undefined;
}

/**
 * Held on top of the requirement in calm times, and used up before the requirement rises: the
 * multiplier is the larger of that of σ and (1 + share) times that of σ_buffer, which rises slowly.
 */
export interface ExhaustibleBuffer {
  readonly share: Ratio;
  /** How fast σ_buffer may follow a rise of σ, compounding. */
  readonly refillPerHour: Ratio;
}

/** As fractions of the notional x. */
export interface Liquidity {
  readonly fee: Ratio;
  readonly slippage: Ratio;
  /** Y: adds Y·σ_day·√(x/V). */
  readonly impact: Ratio;
  /** Paid into the insurance fund. */
  readonly liquidationFee: Ratio;
  /** In place of `liquidationFee`, which is then 0: by the time since the first order plan. */
  readonly liquidationFeeOpening?: Opening | undefined;
  /** Paid to a liquidator, by the same time. */
  readonly liquidatorFee?: Opening | undefined;
  /** Of what a position's margin leaves: then the fee is at most that. Absent: it is a flat one. */
  readonly liquidationFeeShare?: Ratio | undefined;
}

/** A raise of the margin rule; ./phase-in.ts has the formula. */
export interface PhaseIn {
  /** The rule before it. */
  readonly margin: MarginRule;
  /** When it began. */
  readonly from: number;
  readonly hours: Ratio;
}

export interface RiskClass {
  readonly riskClass: string;
  readonly margin?: MarginRule | undefined;
  /** The rule that `margin` replaces by and by. */
  readonly phaseIn?: PhaseIn | undefined;
  /** The price of the notional that `margin` is taken of. */
  readonly notionalAt: 'mark' | 'entry';
  /** Absent: an unrealised profit counts in full. */
  readonly profit?: ProfitRule | undefined;
  readonly optionRule?: OptionRule | undefined;
  /** Absent: the two rules above. */
  readonly portfolio?: PortfolioRules | undefined;
  /** The class whose `portfolio` this is: holdings of both are one book. */
  readonly portfolioOf?: string | undefined;
  readonly confidenceCharges: readonly ConfidenceCharge[];
  readonly depegCharge?: DepegCharge | undefined;
  /** Per open order, in both requirements. */
  readonly openOrderCharge: Amount;
  readonly dynamic?: DynamicRule | undefined;
  /** Rounds up the requirement of each perpetual and future. */
  readonly requirementPlaces?: number | undefined;
  /** r: annual, continuous. */
  readonly rate: Ratio;
  /** Least r of an expiry. Absent: none. */
  readonly rateFloor?: Ratio | undefined;
  /** Whether e^{−rT} multiplies the value of an option. Absent: it does. */
  readonly optionValue?: 'discounted' | 'undiscounted' | undefined;
  readonly volatility: VolatilityRule;
  /** Possible in any interval, however short. */
  readonly jumpFloor: Ratio;
  /** As the policy's, which counts if this is absent. */
  readonly shockConfidence?: Ratio | undefined;
  /** Most of the latency shock that is charged. Absent: what the margin rule leaves for it. */
  readonly shockMax?: Ratio | undefined;
  readonly liquidity: Liquidity;
  /** Move of this factor in a common shock of 1. */
  readonly radiusScale: Ratio;
  readonly oracle: { readonly [Rule in keyof OracleRules]?: OracleRules[Rule] | undefined };
}
