import { deviationOver } from '../../lambda/margin/statistics/scale.ts';
import { annualVolatility } from '../../lambda/margin/statistics/variance.ts';
import { OVERSHOOT_MEAN, overshootQuantile } from '../analysis/overshoot/stationary.ts';
import { at, type PriceHistory } from '../history/price-history.ts';
import { type Checks, lastAtOrBefore } from './checks.ts';
import { coverageOf, meanOf, quantileOf } from './coverage.ts';
import { type Crossing, crossingsOf } from './crossings.ts';
import type { Frame, HeldWindow } from './held.ts';
import { allowedBy, type Parameters } from './parameters.ts';
import type { CrossingResult } from './result.ts';
import type { Side } from './windows.ts';

/** In deviations of one interval. */
const DISTANCES = [4, 6, 8, 12, 16, 24];
/** Keeps lines off the price if nothing moved in training and there is no floor. */
const VOLATILITY_MIN = 1e-4;

export interface LineInput {
  readonly history: PriceHistory;
  readonly checks: Checks;
  readonly windows: readonly HeldWindow[];
  readonly frame: Frame;
  readonly margins: readonly number[];
  readonly sides: readonly Side[];
}

export interface Lines {
  readonly result: CrossingResult;
  readonly crossings: readonly Crossing[];
}

export function linesOf(input: LineInput): Lines {
  const { history, checks, frame, margins, sides } = input;
  const { times, parameters } = frame;
  const walked = sides.flatMap((side) => {
    const bufferAt = bufferAtCheck(input, side);
    return margins.map((margin) =>
      crossingsOf(history, { checks, terms: { side, margin, ...times, bufferAt } }),
    );
  });
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
export function marginsOf({ training, times, parameters }: Frame): number[] {
  const median = quantileOf(
    training.map(({ measured }) => measured),
    0.5,
  );
  const volatility = Math.max(median, parameters.floor, VOLATILITY_MIN);
  return DISTANCES.map((distance) => distance * deviationOver(volatility, times.intervalSeconds));
}

function bufferAtCheck({ checks, windows, frame }: LineInput, side: Side) {
  const { usedOf, shockOf } = frame;
  const starts = Float64Array.from(windows, ({ time }) => time);
  return (check: number): number => {
    const last = lastAtOrBefore(starts, at(checks.time, check));
    const window = windows[Math.max(0, last)] as HeldWindow;
    const measured = annualVolatility(at(checks.variance, check));
    return shockOf(usedOf(measured), window.quantile[side]);
  };
}
