/** A risk class as it stands at one check on one factor: its rules compiled, and its volatility scale. */

import type { RiskFactor } from '../curve/risk-factor.ts';
import type { DynamicRule, RiskClass } from '../market/risk-class.ts';
import { type RatePair, type Schedule, scaledSchedule } from '../market/schedule.ts';
import { larger, ONE, type Ratio, ratioBetween, smaller } from '../number/decimal.ts';
import { type CompiledOptionRule, compileOptionRule } from '../option/option-rule.ts';
import { type CompiledPortfolio, compilePortfolio } from './cells.ts';
import { type ClassRates, ratesOf } from './portfolio-book.ts';

export interface ClassTerms {
  readonly riskClass: RiskClass;
  /** What the requirements are multiplied by: 1 unless the class follows the volatility. */
  readonly scale: RatePair;
  readonly optionRule?: CompiledOptionRule | undefined;
  readonly portfolio?: CompiledPortfolio | undefined;
  readonly rates?: ClassRates | undefined;
  /** Tiers with the scale, made once. */
  readonly tiers?: Schedule | undefined;
}

export const UNSCALED: RatePair = { initial: ONE, maintenance: ONE };

export function classTerms(riskClass: RiskClass, factor: RiskFactor): ClassTerms {
  const { margin, optionRule, portfolio: rules } = riskClass;
  const scale = requirementScale(riskClass, factor);
  const portfolio = rules && compilePortfolio(rules);
  return {
    riskClass,
    scale,
    optionRule: optionRule && compileOptionRule(optionRule, scale),
    portfolio,
    rates: portfolio && ratesOf(portfolio, scale),
    tiers: margin?.type === 'tiered' ? scaledSchedule(margin.tiers, scale) : undefined,
  };
}

/** What volatility multiplies the rates of a class by: 1 unless it is dynamic. */
export const requirementScale = ({ dynamic }: RiskClass, factor: RiskFactor): RatePair =>
  dynamic === undefined ? UNSCALED : scaleOf(dynamic, factor);

/** min(cap, max(floor, σ/reference)), of the maintenance at once and of the initial as fast as it may. */
function scaleOf(rule: DynamicRule, { volatility, initialVolatility }: RiskFactor): RatePair {
  const at = (sigma: Ratio): Ratio =>
    smaller(rule.cap, larger(rule.floor, ratioBetween(sigma, rule.referenceVolatility)));
  return { initial: at(initialVolatility), maintenance: at(volatility) };
}
