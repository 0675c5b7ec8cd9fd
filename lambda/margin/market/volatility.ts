import {
  add,
  larger,
  ONE,
  type Ratio,
  ratio,
  smaller,
  subtract,
  times,
} from '../number/decimal.ts';
import type { EwmaVolatility, VolatilityRule } from './risk-class.ts';

/** z for falls and for rises. */
export interface Quantiles<T = Ratio> {
  readonly down: T;
  readonly up: T;
}

/** What the moves of a feed say about its next ones. */
export interface Forecast {
  /** σ̂: annual. */
  readonly volatility: Ratio;
  readonly quantiles: Quantiles;
}

export interface Measured {
  /** σ_ewma, annual: slow, because requirements follow it. */
  readonly annual: Ratio;
  /** For the latency shock. Absent: σ_ewma and the policy's z. */
  readonly forecast?: Forecast | undefined;
  /** Absent where it follows σ at once. */
  readonly initial?: Ratio | undefined;
  /** σ_buffer. Absent where no class has an exhaustible buffer. */
  readonly buffer?: Ratio | undefined;
}

/** null: could not be read. */
export type MeasuredVolatility = Measured | null;

/** By feed. No entry: not measured yet. */
export type MeasuredVolatilities = ReadonlyMap<string, MeasuredVolatility>;

const STRESS_WEIGHT_DEFAULT = ratio('0.25');

/**
 * σ = min(cap, max(floor, (1 − w)·σ_ewma + w·σ_stress)), exact. w ≥ 0.25 is an anti-procyclicality
 * option of EU 153/2013 art. 28: a calm market lowers σ by at most 1 − w.
 * @param measured undefined if not measured yet: σ_stress is used.
 */
export function usedVolatility(rule: VolatilityRule, measured: Ratio | undefined): Ratio {
  if (rule.type === 'fixed') return rule.annual;
  const { floor, cap, stress, stressWeight = STRESS_WEIGHT_DEFAULT } = rule;
  const blended = blend({ measured: measured ?? stress, stress, weight: stressWeight });
  return smaller(cap, larger(floor, blended));
}

/**
 * σ_Λ = max(σ̂, floor, (1 − w)·σ̂ + w·σ_stress), with no cap: what may only raise the measured one
 * stays outside of the scores, inside which z would undo it.
 */
export function shockVolatility(
  { floor, stress, stressWeight }: EwmaVolatility,
  measured: Ratio,
): Ratio {
  const least = larger(floor, measured);
  if (stressWeight === undefined) return least;
  return larger(least, blend({ measured, stress, weight: stressWeight }));
}

interface Blend {
  readonly measured: Ratio;
  readonly stress: Ratio;
  readonly weight: Ratio;
}

const blend = ({ measured, stress, weight }: Blend): Ratio =>
  add(times(measured, subtract(ONE, weight)), times(stress, weight));
