/**
 * Volatility from prices at irregular times: an exponentially weighted mean of squared log returns
 * *per second*, whose weight halves every half-life.
 *
 *     w = e^{−ln2·dt/halfLife},   v ← w·v + (1 − w)·r²/dt
 *
 * Equal gaps give the usual λ = w [RiskMetrics 1996]. As dt → 0 the second term tends to
 * ln2/halfLife·r², so a burst adds its squared returns. After many half-lives v is r²/dt: one
 * return, an estimate with a relative deviation of √2. Combine it with a floor and a stressed value
 * (`usedVolatility`).
 */
import { ArgumentRangeError, finite, notNegative, positive } from './argument-range.ts';
import { YEAR_SECONDS } from './scale.ts';

export interface VarianceStep {
  readonly logReturn: number;
  /** dt: since the previous price; may be 0. */
  readonly seconds: number;
  readonly halfLifeSeconds: number;
}

/** The next variance per second. @throws RangeError on a negative time or variance, or NaN. */
export function nextVariance(variance: number, step: VarianceStep): number {
  const known = notNegative('variance', variance);
  const square = finite('log return', step.logReturn) ** 2;
  const seconds = notNegative('seconds', step.seconds);
  const rate = Math.LN2 / positive('half-life', step.halfLifeSeconds);
  const gained = -Math.expm1(-rate * seconds);
  const perSecond = seconds === 0 ? rate : gained / seconds;
  return known * (1 - gained) + square * perSecond;
}

export interface VolatilityPolicy {
  /** All annual. */
  readonly floor: number;
  readonly stress: number;
  readonly cap: number;
  /** w in [0, 1]; w ≥ 0.25 is an anti-procyclicality option of EU 153/2013 art. 28. */
  readonly stressWeight: number;
}

/** √(v·T_year): annual, from a variance per second. */
export const annualVolatility = (variance: number): number =>
  Math.sqrt(notNegative('variance', variance) * YEAR_SECONDS);

/**
 * σ used = min(cap, max(floor, (1 − w)·σ + w·σ_stress)), annual.
 * @throws RangeError on a weight outside [0, 1] or a cap below the floor.
 */
export function usedVolatility(measured: number, policy: VolatilityPolicy): number {
  const { floor, stress, cap, stressWeight } = policy;
  if (!(stressWeight >= 0 && stressWeight <= 1)) {
    throw new ArgumentRangeError(`stress weight must be between 0 and 1, not ${stressWeight}`);
  }
  if (!(cap >= notNegative('floor', floor))) {
    throw new ArgumentRangeError(`cap must not be below the floor of ${floor}, but is ${cap}`);
  }
  const calm = (1 - stressWeight) * notNegative('volatility', measured);
  const blended = calm + stressWeight * notNegative('stress', stress);
  return Math.min(cap, Math.max(floor, blended));
}
