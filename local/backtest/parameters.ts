/** Defaults suit any asset. docs/backtest.md gives the reasons. */
import { TRACKED_STEP } from '../../lambda/margin/statistics/tracked-quantile.ts';

export const METHODS = ['tracked', 'windows', 'lines', 'fixed', 'trained'] as const;
/**
 * Source of the quantile z:
 * - tracked: as in a check. Starts at Student-t and learns from every move between checks.
 * - windows: learns from all prices of every window. May fall below Student-t.
 * - lines: learns from every crossing of a line.
 * - fixed: stays at its start.
 * - trained: from the training days, with a Pareto tail.
 */
export type Method = (typeof METHODS)[number];

export interface Parameters {
  readonly confidence: number;
  readonly method: Method;
  /** Replaces Student-t's z, fixed or as a start. */
  readonly quantile?: number | undefined;
  /** ν of Student-t. */
  readonly degrees: number;
  /** γ of a tracked quantile: 0.2 doubles Student-t's within 250 windows at 99 %. */
  readonly trackingStep: number;
  /** Default: 30 minutes or 12 intervals, whichever is longer. */
  readonly halfLifeSeconds?: number | undefined;
  /** Annual, like `cap` and `stress`. */
  readonly floor: number;
  readonly cap: number;
  /** Default: 99th percentile measured on the training days. */
  readonly stress?: number | undefined;
  readonly stressWeight: number;
  readonly executionSeconds: number;
  readonly jumpFloor: number;
  readonly slippage: number;
  /** mm: margin left once the buffer is gone, as a share of notional. */
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
/** One return weighs at most 5.6 %, as with RiskMetrics' λ = .94. */
const HALF_LIFE_INTERVALS_MIN = 12;

/** Without float error: 0.01 for 0.99. */
export const allowedBy = (confidence: number): number => Number((1 - confidence).toPrecision(12));

export const halfLifeFor = (intervalSeconds: number): number =>
  Math.max(HALF_LIFE_SECONDS_MIN, HALF_LIFE_INTERVALS_MIN * intervalSeconds);

/** Lower bound of a learned quantile, as a share of its start. */
export const LEARNT_LEAST = 0.5;
