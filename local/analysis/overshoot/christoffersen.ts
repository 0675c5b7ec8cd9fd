/** Christoffersen's tests [1998] of whether exceedances cluster. */

import { count, share } from '../../../lambda/margin/statistics/argument-range.ts';
import { type Coverage, kupiec, logLikelihood, type TestResult, testResult } from './kupiec.ts';

/** n_ij: how often state j followed state i; 1 is an exceedance. */
export interface Transitions {
  readonly n00: number;
  readonly n01: number;
  readonly n10: number;
  readonly n11: number;
}

/** @param exceeded in order of time */
export function transitionsOf(exceeded: readonly boolean[]): Transitions {
  const seen = { n00: 0, n01: 0, n10: 0, n11: 0 };
  exceeded.slice(1).forEach((now, index) => {
    seen[`n${exceeded[index] ? 1 : 0}${now ? 1 : 0}`]++;
  });
  return seen;
}

/** Log-likelihood at the observed share; an empty cell adds nothing. */
function atOwnShare(failed: number, held: number): number {
  const all = failed + held;
  return logLikelihood(failed, failed / all) + logLikelihood(held, held / all);
}

function checked(transitions: Transitions): Transitions {
  const { n00, n01, n10, n11 } = transitions;
  for (const [name, value] of Object.entries({ n00, n01, n10, n11 })) count(name, value);
  if (n00 + n01 + n10 + n11 === 0) throw new RangeError('transitions must be at least 1, not 0');
  return transitions;
}

/**
 * Independence: LR = −2·ln[L(π)/L(π₀₁, π₁₁)] ~ χ²(1): one chance for all cases, against one after
 * none and one after an exceedance.
 * @throws RangeError unless all are whole numbers, and some not 0.
 */
export function christoffersen(transitions: Transitions): TestResult {
  const { n00, n01, n10, n11 } = checked(transitions);
  const apart = atOwnShare(n01, n00) + atOwnShare(n11, n10);
  return testResult(Math.max(0, 2 * (apart - atOwnShare(n01 + n11, n00 + n10))), 1);
}

/**
 * Kupiec's LR of the same transitions + independence ~ χ²(2). The first case follows none and is
 * left out. @throws RangeError as the two do.
 */
export function conditionalCoverage(
  transitions: Transitions,
  allowed: Coverage['allowed'],
): TestResult {
  const { n00, n01, n10, n11 } = checked(transitions);
  const cases = n00 + n01 + n10 + n11;
  const covered = kupiec(n01 + n11, { cases, allowed: share('allowed', allowed) });
  return testResult(covered.ratio + christoffersen(transitions).ratio, 2);
}
