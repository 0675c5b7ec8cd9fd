/** docs/backtest.md gives the reasons for the defaults. */

/**
 * Rules for the buffer:
 * - tracked: as in a check, by its own functions.
 * - november: the rule before it; z never below Student-t.
 * - fixed: the same volatility, and a z that stays.
 * The others are peers: what the field uses.
 */
export const METHODS = [
  'tracked',
  'november',
  'fixed',
  'fixed-volatility',
  'ewma-normal',
  'historical',
  'filtered',
  'garch',
] as const;
export type Method = (typeof METHODS)[number];

/** Laid side by side by `--peers`. */
export const COMPARED: readonly Method[] = METHODS.filter((method) => method !== 'fixed');

/**
 * What a check sees of a gap: its highest and lowest price, or its ends alone. Bars have a range,
 * and a history of single prices is a feed without one.
 */
export const QUOTES = ['range', 'ends'] as const;
export type Quotes = (typeof QUOTES)[number];

export interface Parameters {
  readonly confidence: number;
  readonly method: Method;
  /** Default: range for bars, ends for prices. */
  readonly quotes?: Quotes | undefined;
  /** Annual. Default: 1 for `tracked`, else the 99th percentile measured on the training days. */
  readonly stress?: number | undefined;
  readonly executionSeconds: number;
  readonly jumpFloor: number;
  readonly slippage: number;
  /** mm: margin left once the buffer is gone, as a share of notional. */
  readonly maintenance: number;
  /** Default: a quarter of the history. */
  readonly trainDays?: number | undefined;
  /** The rest is for `november` and `fixed`. Replaces Student-t's z, fixed or as a start. */
  readonly quantile?: number | undefined;
  /** ν of Student-t. */
  readonly degrees: number;
  /** γ: 0.2 doubles Student-t's z within 250 gaps at 99 %. */
  readonly trackingStep: number;
  /** Default: 30 minutes or 12 intervals, whichever is longer. */
  readonly halfLifeSeconds?: number | undefined;
  /** Annual, like `cap`. */
  readonly floor: number;
  readonly cap: number;
  readonly stressWeight: number;
}

export const DEFAULTS: Parameters = {
  confidence: 0.99,
  method: 'tracked',
  executionSeconds: 30,
  jumpFloor: 0,
  slippage: 0,
  maintenance: 0.005,
  degrees: 4,
  trackingStep: 0.2,
  floor: 0.02,
  cap: 5,
  stressWeight: 0.25,
};

export const INTERVALS_DEFAULT: readonly number[] = [60, 300, 900, 3600];

const HALF_LIFE_SECONDS_MIN = 1800;
/** One return weighs at most 5.6 %, as with RiskMetrics' λ = .94. */
const HALF_LIFE_INTERVALS_MIN = 12;

/** Without float error: 0.01 for 0.99. */
export const allowedBy = (confidence: number): number => Number((1 - confidence).toPrecision(12));

export const halfLifeFor = (intervalSeconds: number): number =>
  Math.max(HALF_LIFE_SECONDS_MIN, HALF_LIFE_INTERVALS_MIN * intervalSeconds);
