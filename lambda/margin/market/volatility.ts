/** The annual volatility σ that a feed is held to move with: fixed, or from what was measured. */
import { add, larger, ONE, type Ratio, smaller, subtract, times } from '../number/decimal.ts';
import type { VolatilityRule } from './risk-class.ts';

/** z of each side. */
export interface Quantiles<T = Ratio> {
  /** Of a price that falls. */
  readonly down: T;
  readonly up: T;
}

/** What was measured of a feed. */
export interface Measured {
  /** σ_ewma, annual. */
  readonly annual: Ratio;
  /** Absent when none are tracked: then the policy's z stands. */
  readonly quantiles?: Quantiles | undefined;
  /** σ as the initial requirement sees it; absent where it follows σ at once. */
  readonly initial?: Ratio | undefined;
}

/** null when it could not be read, so that it is not known. */
export type MeasuredVolatility = Measured | null;

/** By feed. One without an entry has not been measured yet. */
export type MeasuredVolatilities = ReadonlyMap<string, MeasuredVolatility>;

/**
 * σ = min(cap, max(floor, (1 − w)·σ_ewma + w·σ_stress)), exact. A w of 0.25 or more is one of the
 * options of EU 153/2013 art. 28 against procyclicality: the calm never lowers σ by more than 1 − w.
 * @param measured absent when nothing has been measured yet: then it is σ_stress.
 */
export function usedVolatility(rule: VolatilityRule, measured: Ratio | undefined): Ratio {
  if (rule.type === 'fixed') return rule.annual;
  const { floor, cap, stress, stressWeight } = rule;
  const calm = times(measured ?? stress, subtract(ONE, stressWeight));
  return smaller(cap, larger(floor, add(calm, times(stress, stressWeight))));
}
