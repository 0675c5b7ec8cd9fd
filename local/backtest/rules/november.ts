/**
 * The rule of November 2026, kept for comparison: an EWMA of the ends of gaps, capped, with a share
 * of stress; z tracked from one-gap returns at p/2 and never below Student-t; the larger branch of
 * the core's `latencyShock`. `fixed` is the same with a z that stays.
 */

import type { Gap } from '../../../lambda/margin/statistics/gap-variance.ts';
import { deviationOver } from '../../../lambda/margin/statistics/scale.ts';
import type { Sides } from '../../../lambda/margin/statistics/shock-forecast.ts';
import {
  annualVolatility,
  nextVariance,
  usedVolatility,
} from '../../../lambda/margin/statistics/variance.ts';
import { studentQuantile } from '../../analysis/overshoot/student.ts';
import { quantileOf } from '../coverage.ts';
import { allowedBy, halfLifeFor, type Parameters } from '../parameters.ts';
import { type Rule, type RuleTerms, sidesOf } from './rule.ts';
import { shockTable } from './shock-table.ts';

type Quantiles = Sides<number>;
/** @param residual log return ÷ its deviation */
type Learn = (quantiles: Quantiles, residual: number) => Quantiles;

export const fixedRule = (terms: RuleTerms): Rule => ewmaRule(terms, (quantiles) => quantiles);

export const novemberRule = (terms: RuleTerms): Rule => ewmaRule(terms, trackedBy(terms));

function ewmaRule(terms: RuleTerms, learn: Learn): Rule {
  const { parameters, intervalSeconds } = terms;
  const measure = measuredBy(terms);
  const stress = parameters.stress ?? stressOf(terms);
  const { executionSeconds } = terms;
  const { slippage, jumpFloor } = parameters;
  const shockOf = shockTable({ intervalSeconds, executionSeconds, slippage, jumpFloor });
  const usedOf = (variance: number) =>
    usedVolatility(annualVolatility(variance), { ...parameters, stress });
  const start = startQuantile(parameters);
  let variance = startVariance(terms.training);
  let quantiles: Quantiles = { down: start, up: start };
  return {
    close(gap) {
      const seconds = Math.max(gap.seconds, intervalSeconds);
      quantiles = learn(quantiles, residualOf(gap.moved, deviationOver(usedOf(variance), seconds)));
      variance = measure(variance, gap);
    },
    hold({ running }) {
      const volatility = usedOf(running === undefined ? variance : measure(variance, running));
      const { down, up } = quantiles;
      const buffer = { long: shockOf(volatility, down), short: shockOf(volatility, up) };
      return { volatility, quantile: sidesOf(quantiles), buffer };
    },
  };
}

const startQuantile = ({ quantile, confidence, degrees }: Parameters): number =>
  quantile ?? studentQuantile(confidence, degrees);

/** Avoids 0 ÷ 0. */
const residualOf = (moved: number, deviation: number): number =>
  moved === 0 ? 0 : moved / deviation;

/** z is at most so many times its start. */
const MOST = 4;
/** Half as many ends of gaps as furthest points lie beyond a line (reflection principle). */
const ENDS_SHARE = 0.5;

/** z ← z·e^{γ·(1 − a)} after an exceedance, z·e^{−γ·a} otherwise, a = p/2 [Gibbs and Candès 2021]. */
function trackedBy({ parameters }: RuleTerms): Learn {
  const allowed = allowedBy(parameters.confidence) * ENDS_SHARE;
  const least = startQuantile(parameters);
  const next = (quantile: number, isExceeded: boolean): number => {
    const moved = quantile * Math.exp(parameters.trackingStep * ((isExceeded ? 1 : 0) - allowed));
    return Math.min(MOST * least, Math.max(least, moved));
  };
  return ({ down, up }, residual) => ({
    down: next(down, -residual > down),
    up: next(up, residual > up),
  });
}

/** Per second. */
const measuredBy = ({ parameters, intervalSeconds }: Measuring) => {
  const halfLifeSeconds = parameters.halfLifeSeconds ?? halfLifeFor(intervalSeconds);
  return (variance: number, { moved, seconds }: Gap): number =>
    nextVariance(variance, { logReturn: moved, seconds, halfLifeSeconds });
};

/** Gaps whose mean gives the first variance. */
const START_GAPS = 24;

function startVariance(training: readonly Gap[]): number {
  const first = training.slice(0, START_GAPS);
  const squares = first.reduce((sum, { moved }) => sum + moved ** 2, 0);
  return squares / first.reduce((sum, { seconds }) => sum + seconds, 0);
}

const STRESS_SHARE = 0.99;

type Measuring = Pick<RuleTerms, 'parameters' | 'intervalSeconds' | 'training'>;

/** σ at each check of the training days, annual. */
export function trainingVolatilities(terms: Measuring): number[] {
  const measure = measuredBy(terms);
  let variance = startVariance(terms.training);
  return terms.training.map((gap) => {
    variance = measure(variance, gap);
    return annualVolatility(variance);
  });
}

const stressOf = (terms: RuleTerms): number =>
  terms.parameters.stressWeight === 0 ? 0 : quantileOf(trainingVolatilities(terms), STRESS_SHARE);
