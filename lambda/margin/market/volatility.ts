import { add, larger, ONE, type Ratio, smaller, subtract, times } from '../number/decimal.ts';
import type { VolatilityRule } from './risk-class.ts';

/** z for falls and for rises. */
export interface Quantiles<T = Ratio> {
  readonly down: T;
  readonly up: T;
}

export interface Measured {
  /** σ_ewma, annual. */
  readonly annual: Ratio;
  /** Absent: the policy's z. */
  readonly quantiles?: Quantiles | undefined;
  /** Absent where it follows σ at once. */
  readonly initial?: Ratio | undefined;
}

/** null: could not be read. */
export type MeasuredVolatility = Measured | null;

/** By feed. No entry: not measured yet. */
export type MeasuredVolatilities = ReadonlyMap<string, MeasuredVolatility>;

/**
 * σ = min(cap, max(floor, (1 − w)·σ_ewma + w·σ_stress)), exact. w ≥ 0.25 is an anti-procyclicality
 * option of EU 153/2013 art. 28: a calm market lowers σ by at most 1 − w.
 * @param measured undefined if not measured yet: σ_stress is used.
 */
export function usedVolatility(rule: VolatilityRule, measured: Ratio | undefined): Ratio {
  if (rule.type === 'fixed') return rule.annual;
  const { floor, cap, stress, stressWeight } = rule;
  const calm = times(measured ?? stress, subtract(ONE, stressWeight));
  return smaller(cap, larger(floor, add(calm, times(stress, stressWeight))));
}
