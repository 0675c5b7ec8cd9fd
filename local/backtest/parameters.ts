/** Assumptions of a backtest, with defaults for any asset. docs/backtest.md gives the reasons. */
import { TRACKED_STEP } from '../../lambda/margin/statistics/tracked-quantile.ts';

export const METHODS = ['tracked', 'windows', 'lines', 'fixed', 'trained'] as const;
/**
 * Where the quantile z comes from.
 * - tracked: as in the check. Starts at Student-t, learns from every move between two checks.
 * - windows: learns from every window, with all its prices. May fall below Student-t.
 * - lines: learns from every crossing of a line.
 * - fixed: stays at its start.
 * - trained: from the training days, with a Pareto tail.
 */
export type Method = (typeof METHODS)[number];

export interface Parameters {
  readonly confidence: number;
  readonly method: Method;
  /** Fixed or starting value of z, instead of Student-t's. */
  readonly quantile?: number | undefined;
  /** ν of Student-t. */
  readonly degrees: number;
  /** γ of a tracked quantile: 0.2 gets from Student-t to twice that within 250 windows at 99 %. */
  readonly trackingStep: number;
  /** Default: 30 minutes or 12 intervals, whichever is longer. */
  readonly halfLifeSeconds?: number | undefined;
  /** Annual, as are `cap` and `stress`. */
  readonly floor: number;
  readonly cap: number;
  /** Default: 99th percentile of the volatility measured on the training days. */
  readonly stress?: number | undefined;
  readonly stressWeight: number;
  readonly executionSeconds: number;
  readonly jumpFloor: number;
  readonly slippage: number;
  /** mm: margin of the position left once the buffer is gone, as a share of its notional. */
  readonly maintenance: number;
  /** Default: a quarter of the history. */
  readonly trainDays?: number | undefined;
}

/**
 * Stress weight: EU 153/2013 art. 28. The rest was chosen on the first ten days of
 * docs/backtest.md.
 */
export const DEFAULTS: Parameters = {
  confidence: 0.99,
  method: 'tracked',
  degrees: 4,
  trackingStep: TRACKED_STEP,
  floor: 0.02,
  cap: 5,
  stressWeight: 0.25,
  executionSeconds: 30,
  jumpFloor: 0,
  slippage: 0,
  maintenance: 0.005,
};

export const INTERVALS_DEFAULT: readonly number[] = [60, 300, 900, 3600];

const HALF_LIFE_SECONDS_MIN = 1800;
/** One return then weighs at most 5.6 %, as with RiskMetrics' λ = .94. */
const HALF_LIFE_INTERVALS_MIN = 12;

/** p = 1 − confidence without float error: 0.01 for 0.99. */
export const allowedBy = (confidence: number): number => Number((1 - confidence).toPrecision(12));

export const halfLifeFor = (intervalSeconds: number): number =>
  Math.max(HALF_LIFE_SECONDS_MIN, HALF_LIFE_INTERVALS_MIN * intervalSeconds);

/** Lower bound of a quantile learned from windows or lines, as a share of its start. */
export const LEARNT_LEAST = 0.5;
