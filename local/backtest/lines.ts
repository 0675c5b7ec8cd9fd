import { deviationOver } from '../../lambda/margin/statistics/scale.ts';
import { OVERSHOOT_MEAN, overshootQuantile } from '../analysis/overshoot/stationary.ts';
import { coverageOf, meanOf, quantileOf } from './coverage.ts';
import { type Crossing, crossingsOf } from './crossings.ts';
import type { RunFrame } from './frame.ts';
import { allowedBy, type Parameters } from './parameters.ts';
import type { CrossingResult } from './result.ts';
import { trainingVolatilities } from './rules/november.ts';
import type { RuleTerms } from './rules/rule.ts';
import type { Side } from './windows.ts';

/** In deviations of one interval. */
const DISTANCES = [4, 6, 8, 12, 16, 24];
/** Keeps lines off the price if nothing moved in training and there is no floor. */
const VOLATILITY_MIN = 1e-4;

export interface Lines {
  readonly result: CrossingResult;
  readonly crossings: readonly Crossing[];
}

export function linesOf(frame: RunFrame, sides: readonly Side[]): Lines {
  const { history, checks, held, times } = frame;
  const { parameters } = frame.terms;
  const margins = marginsOf(frame.terms);
  const walked = sides.flatMap((side) =>
    margins.map((margin) =>
      crossingsOf(history, { checks, held, terms: { side, margin, ...times } }),
    ),
  );
  const crossings = walked
    .flatMap(({ found }) => found)
    .sort((left, right) => left.time - right.time);
  const nearest = crossings.filter(({ margin }) => margin === margins[0]);
  const units = crossings.filter(({ deviation }) => deviation > 0).map(unitsOf);
  const beyond = crossings.map(({ loss, buffer }) =>
    Math.max(0, loss + parameters.slippage - buffer),
  );
  const badDebt = beyond.map((part) => Math.max(0, part - parameters.maintenance));
  const allowed = allowedBy(parameters.confidence);
  const isExceeded = exceededBy(parameters);
  const notional = margins.length * sides.length;
  const result = {
    margins,
    crossings: crossings.length,
    unseen: walked.reduce((sum, { unseen }) => sum + unseen, 0),
    exceedances: crossings.filter(isExceeded).length,
    coverage: nearest.length === 0 ? undefined : coverageOf(nearest.map(isExceeded), allowed),
    meanOvershoot: meanOf(crossings.map(({ overshoot }) => overshoot)),
    meanToTheory: meanOf(units) / OVERSHOOT_MEAN,
    quantile99: quantileOf(units, 0.99),
    theoryQuantile99: overshootQuantile(0.99),
    meanBuffer: meanOf(crossings.map(({ buffer }) => buffer)),
    shortfallPerLiquidation: meanOf(beyond),
    badDebtBasisPoints: (badDebt.reduce((sum, part) => sum + part, 0) / notional) * 1e4,
    falseCalls: crossings.filter(({ loss }) => loss <= 0).length,
    meanLagSeconds: meanOf(crossings.map(({ lagSeconds }) => lagSeconds)),
  };
  return { result, crossings };
}

export const unitsOf = ({ overshoot, deviation }: Crossing): number => overshoot / deviation;

export const exceededBy =
  ({ slippage }: Parameters) =>
  ({ loss, buffer }: Crossing): boolean =>
    loss + slippage > buffer;

/** At the median volatility of the training days, or at a higher floor. */
export function marginsOf(terms: RuleTerms): number[] {
  const { parameters, intervalSeconds } = terms;
  const median = quantileOf(trainingVolatilities(terms), 0.5);
  const volatility = Math.max(median, parameters.floor, VOLATILITY_MIN);
  return DISTANCES.map((distance) => distance * deviationOver(volatility, intervalSeconds));
}
