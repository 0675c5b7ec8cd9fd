import { latencyShock } from '../../lambda/margin/market/shock.ts';
import { approximately, ONE, ratio, ZERO } from '../../lambda/margin/number/decimal.ts';
import { studentQuantile } from '../analysis/overshoot/student.ts';

export interface Cell {
  readonly intervalSeconds: number;
  /** For a Student-t quantile with ν = 4; null: no buffer. */
  readonly confidence: number | null;
  readonly executionSeconds: number;
}

export interface Grid {
  readonly intervals: readonly number[];
  readonly confidences: readonly (number | null)[];
  readonly executions: readonly number[];
}

export const GRID_DEFAULT: Grid = {
  intervals: [10, 30, 60, 300, 900, 3600],
  confidences: [null, 0.95, 0.99, 0.995, 0.999],
  executions: [0, 30, 120],
};

/** Interval, then execution time, then confidence: the order of every table and count. */
export const cellsOf = ({ intervals, confidences, executions }: Grid): Cell[] =>
  intervals.flatMap((intervalSeconds) =>
    executions.flatMap((executionSeconds) =>
      confidences.map((confidence) => ({ intervalSeconds, confidence, executionSeconds })),
    ),
  );

/** The policy's default: one-minute returns have a kurtosis of about 30. */
const BUFFER_DEGREES = 4;

export const bufferQuantile = (confidence: number): number =>
  studentQuantile(confidence, BUFFER_DEGREES);

/** K in Λ = floor + K·σ, as the core's shock above its floor is proportional to σ. */
export function shockPerVolatility({
  confidence,
  intervalSeconds,
  executionSeconds,
}: Cell): number {
  if (confidence === null) return 0;
  const shock = latencyShock({
    volatility: ONE,
    quantile: ratio(String(bufferQuantile(confidence))),
    gapSeconds: intervalSeconds,
    executionSeconds,
    slippage: ZERO,
    jumpFloor: ZERO,
  });
  return approximately(shock);
}

/** The longest step that meets every check and fill. */
export function stepOf({ intervals, executions }: Grid): number {
  const divisor = (left: number, right: number): number =>
    right === 0 ? left : divisor(right, left % right);
  return [...intervals, ...executions].reduce(divisor, 0);
}
