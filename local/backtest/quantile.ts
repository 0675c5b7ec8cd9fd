import { deviationOver } from '../../lambda/margin/statistics/scale.ts';
import { nextQuantile, TRACKED_MOST } from '../../lambda/margin/statistics/tracked-quantile.ts';
import { valueAtRisk } from '../analysis/overshoot/generalised-pareto.ts';
import { fitPareto } from '../analysis/overshoot/pareto-fit.ts';
import { studentQuantile } from '../analysis/overshoot/student.ts';
import { InputError } from '../cli/input.ts';
import type { Frame } from './held.ts';
import { allowedBy, LEARNT_LEAST, type Parameters } from './parameters.ts';
import type { Side } from './windows.ts';

export interface Quantile {
  /** @param time seconds since 1970 */
  at(time: number): number;
  /** @param exceeded whether the window that it was held over exceeded */
  learn(exceeded: boolean): void;
}

export type Quantiles = Readonly<Record<Side, Quantile>>;

export const startQuantile = ({ quantile, confidence, degrees }: Parameters): number =>
  quantile ?? studentQuantile(confidence, degrees);

export function learntQuantile(parameters: Parameters): Quantile {
  const start = startQuantile(parameters);
  const tracking = {
    allowed: allowedBy(parameters.confidence),
    step: parameters.trackingStep,
    least: start * LEARNT_LEAST,
    most: start * TRACKED_MOST,
  };
  let value = start;
  return {
    at: () => value,
    learn: (exceeded) => {
      value = nextQuantile(value, { exceeded, tracking });
    },
  };
}

export const fixedQuantile = (value: number): Quantile => ({ at: () => value, learn: () => {} });

const TAIL_SHARE = 0.05;
/** Leaves a tail of at least 3. */
const TRAINING_MIN = 60;

/**
 * Filtered historical simulation with a Pareto tail [McNeil and Frey 2000], on loss ÷ deviation.
 * @throws InputError if the training days have too few windows or moves.
 */
export function trainedQuantile(
  { training, parameters, times, usedOf }: Frame,
  side: Side,
): number {
  const windowSeconds = times.intervalSeconds + times.executionSeconds;
  if (training.length < TRAINING_MIN) {
    throw new InputError(
      `the training days contain ${training.length} windows of ${windowSeconds} s, but a trained ` +
        `quantile needs ${TRAINING_MIN}: raise --train-days`,
    );
  }
  const residuals = training
    .map(({ loss, measured }) => loss[side] / deviationOver(usedOf(measured), windowSeconds))
    .sort((left, right) => right - left);
  const beyond = Math.floor(TAIL_SHARE * residuals.length);
  const threshold = residuals[beyond] as number;
  const excesses = residuals.slice(0, beyond).map((residual) => residual - threshold);
  const positive = excesses.filter((excess) => excess > 0);
  if (positive.length < 2) {
    throw new InputError(
      'the training days contain too few moves for a trained quantile: use another --method',
    );
  }
  const shape = fitPareto(positive);
  const exceedShare = beyond / residuals.length;
  return valueAtRisk(parameters.confidence, { ...shape, threshold, exceedShare });
}
