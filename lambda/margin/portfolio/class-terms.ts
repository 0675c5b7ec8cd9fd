/** A risk class compiled for one factor in one check. */

import type { FeedState, RiskFactor } from '../curve/risk-factor.ts';
import type { DynamicRule, RiskClass } from '../market/risk-class.ts';
import { type RatePair, type Schedule, scaledSchedule } from '../market/schedule.ts';
import {
  add,
  countAt,
  larger,
  ONE,
  type Ratio,
  ratioBetweenUp,
  smaller,
  timesUp,
} from '../number/decimal.ts';
import { type CompiledOptionRule, compileOptionRule } from '../option/option-rule.ts';
import { type CompiledPortfolio, compilePortfolio } from './cells.ts';
import { type ClassRates, ratesOf } from './requirement.ts';

export interface ClassTerms {
  readonly riskClass: RiskClass;
  /** The class that the portfolio model is of. */
  readonly portfolioName: string;
  readonly scale: RatePair;
  readonly optionRule?: CompiledOptionRule | undefined;
  readonly portfolio?: CompiledPortfolio | undefined;
  readonly rates?: ClassRates | undefined;
  /** Tiers with the scale applied. */
  readonly tiers?: Schedule | undefined;
}

export const UNSCALED: RatePair = { initial: ONE, maintenance: ONE };

export function classTerms(
  riskClass: RiskClass,
  factor: RiskFactor,
  feeds: ReadonlyMap<string, Pick<FeedState, 'price'>>,
): ClassTerms {
  const { margin, optionRule, portfolio: rules } = riskClass;
  const scale = requirementScale(riskClass, factor);
  const portfolio = rules && compilePortfolio(rules);
  const peg = rules?.depegFactor && feeds.get(rules.depegFactor.feed)?.price;
  const stablecoin = peg?.ok ? countAt(peg.value.price) : undefined;
  return {
    riskClass,
    portfolioName: riskClass.portfolioOf ?? riskClass.riskClass,
    scale,
    optionRule: optionRule && compileOptionRule(optionRule, scale),
    portfolio,
    rates: portfolio && ratesOf(portfolio, { scale, stablecoin }),
    tiers: margin?.type === 'tiered' ? scaledSchedule(margin.tiers, scale) : undefined,
  };
}

type ScaleVolatilities = Pick<RiskFactor, 'volatility' | 'initialVolatility' | 'bufferVolatility'>;

/** Multiplies the requirements; 1 unless the class is dynamic. */
export const requirementScale = (
  { dynamic }: Pick<RiskClass, 'dynamic'>,
  factor: ScaleVolatilities,
): RatePair => (dynamic === undefined ? UNSCALED : scaleOf(dynamic, factor));

/**
 * min(cap, max(floor, σ/reference)). Maintenance uses σ, initial the σ whose rise is limited. An
 * exhaustible buffer keeps both at (1 + share) times what they were for a slow σ, so that a rise of
 * σ uses it up first; it never makes a requirement smaller.
 */
function scaleOf(rule: DynamicRule, factor: ScaleVolatilities): RatePair {
  const at = (sigma: Ratio): Ratio =>
    smaller(rule.cap, larger(rule.floor, ratioBetweenUp(sigma, rule.referenceVolatility)));
  const { buffer } = rule;
  const buffered = (sigma: Ratio): Ratio => {
    if (buffer === undefined) return at(sigma);
    const slow = at(smaller(sigma, factor.bufferVolatility));
    return larger(at(sigma), timesUp(slow, add(ONE, buffer.share)));
  };
  return {
    initial: buffered(factor.initialVolatility),
    maintenance: buffered(factor.volatility),
  };
}
