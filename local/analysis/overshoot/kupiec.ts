/** Kupiec's test [1995] of whether a buffer is exceeded as often as allowed. */
import gammaShare from '@stdlib/math-base-special-gammainc';
import chiSquareQuantile from '@stdlib/stats-base-dists-chisquare-quantile';
import { count, share } from '../../../lambda/margin/statistics/argument-range.ts';

export interface Coverage {
  /** T, at least 1. */
  readonly cases: number;
  /** p: the share of cases that may exceed the buffer. */
  readonly allowed: number;
}

export interface TestResult {
  readonly ratio: number;
  /** The chance of at least this ratio in a correct model. */
  readonly pValue: number;
}

/** P(χ² > LR) = Q(degrees/2, LR/2) */
export const testResult = (ratio: number, degrees: number): TestResult => ({
  ratio,
  pValue: gammaShare(ratio / 2, degrees / 2, true, true),
});

/** n·ln p, with 0·ln 0 = 0. */
export const logLikelihood = (observed: number, chance: number): number =>
  observed === 0 ? 0 : observed * Math.log(chance);

function ratioOf(exceedances: number, { cases, allowed }: Coverage): number {
  const seen = exceedances / cases;
  const expected = logLikelihood(cases - exceedances, 1 - allowed);
  const found = logLikelihood(cases - exceedances, 1 - seen);
  const likelihoods = expected - found + logLikelihood(exceedances, allowed);
  return Math.max(0, -2 * (likelihoods - logLikelihood(exceedances, seen)));
}

function checked({ cases, allowed }: Coverage): Coverage {
  if (count('cases', cases) === 0) throw new RangeError('cases must be at least 1, not 0');
  return { cases, allowed: share('allowed', allowed) };
}

/**
 * LR = −2·ln[(1 − p)^{T−x}·p^x ÷ ((1 − x/T)^{T−x}·(x/T)^x)] ~ χ²(1).
 * @throws RangeError unless x is a whole number from 0 to T.
 */
export function kupiec(exceedances: number, coverage: Coverage): TestResult {
  const { cases, allowed } = checked(coverage);
  if (count('exceedances', exceedances) > cases) {
    throw new RangeError(`exceedances must be at most ${cases}, not ${exceedances}`);
  }
  return testResult(ratioOf(exceedances, { cases, allowed }), 1);
}

/**
 * LR is convex in x and 0 at x = p·T, so the accepted counts are contiguous.
 * @throws RangeError if the confidence is so low that even the counts next to p·T are rejected.
 */
export function acceptedExceedances(
  coverage: Coverage,
  confidence = 0.95,
): { readonly fewest: number; readonly most: number } {
  const known = checked(coverage);
  const line = chiSquareQuantile(share('confidence', confidence), 1);
  const accepts = (exceedances: number) => ratioOf(exceedances, known) <= line;
  const expected = known.allowed * known.cases;
  const start = [Math.floor(expected), Math.ceil(expected)].find(accepts);
  if (start === undefined)
    throw new RangeError(`no number of exceedances is accepted at a confidence of ${confidence}`);
  let [fewest, most] = [start, start];
  while (fewest > 0 && accepts(fewest - 1)) fewest--;
  while (most < known.cases && accepts(most + 1)) most++;
  return { fewest, most };
}
