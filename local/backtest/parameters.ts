/** What a backtest assumes, and the defaults that hold for any asset. docs/backtest.md says why. */
import { TRACKED_STEP } from '../../lambda/margin/statistics/tracked-quantile.ts';

export const METHODS = ['tracked', 'windows', 'lines', 'fixed', 'trained'] as const;
/**
 * Where the quantile z comes from. tracked: as in the check, it begins at Student-t and learns from
 * every move between two checks. windows: it learns from every window instead, with all its prices,
 * and may fall below Student-t. lines: from every crossing of a line. fixed: it stays where it began.
 * trained: that of the training days, with a Pareto tail.
 */
export type Method = (typeof METHODS)[number];

export interface Parameters {
  readonly confidence: number;
  readonly method: Method;
  /** Instead of Student-t's: where z stands, or begins. */
  readonly quantile?: number | undefined;
  /** ν of Student-t. */
  readonly degrees: number;
  /** γ of a tracked quantile: 0.2 gets from Student-t to twice it within 250 windows at 99 %. */
  readonly trackingStep: number;
  /** By default 30 minutes or 12 intervals, whichever is longer. */
  readonly halfLifeSeconds?: number | undefined;
  /** Annual, as are the two below. */
  readonly floor: number;
  readonly cap: number;
  /** By default the 99th percentile of the volatility measured on the training days. */
  readonly stress?: number | undefined;
  readonly stressWeight: number;
  readonly executionSeconds: number;
  readonly jumpFloor: number;
  readonly slippage: number;
  /** mm: what is left of the position's margin once the buffer is gone, of its notional. */
  readonly maintenance: number;
  /** By default a quarter of the history. */
  readonly trainDays?: number | undefined;
}

/** Stress weight: EU 153/2013 art. 28. The rest was chosen on the first ten days of docs/backtest.md. */
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
/** The weight of one return is then at most 5.6 %, as it is with RiskMetrics' λ = .94. */
const HALF_LIFE_INTERVALS_MIN = 12;

/** p: 0.01 for 0.99, and not the last digit that a subtraction leaves. */
export const allowedBy = (confidence: number): number => Number((1 - confidence).toPrecision(12));

export const halfLifeFor = (intervalSeconds: number): number =>
  Math.max(HALF_LIFE_SECONDS_MIN, HALF_LIFE_INTERVALS_MIN * intervalSeconds);

/** One that learns from windows or lines may fall to half of where it began. */
export const LEARNT_LEAST = 0.5;
