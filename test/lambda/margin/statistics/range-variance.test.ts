import { expect, it } from 'vitest';
import { ArgumentRangeError } from '../../../../lambda/margin/statistics/argument-range.ts';
import {
  rangeVariance,
  returnVariance,
} from '../../../../lambda/margin/statistics/range-variance.ts';
import { YEAR_SECONDS } from '../../../../lambda/margin/statistics/scale.ts';
import { gapsOf, LAWS } from './paths.ts';

it('a range of 2·√(ln 2) deviations, and a return of one, give the variance itself', () => {
  // A volatility of 80 % over an hour.
  const deviation = 0.8 * Math.sqrt(3600 / YEAR_SECONDS);
  expect(rangeVariance(2 * Math.sqrt(Math.LN2) * deviation, 3600)).toBeCloseTo(0.64, 12);
  expect(returnVariance(-deviation, 3600)).toBeCloseTo(0.64, 12);
  expect(rangeVariance(0, 60)).toBe(0);
});

it('the ranges of random walks have their variance on average', () => {
  let [ranges, returns] = [0, 0];
  const count = 20_000;
  for (const { fall, rise, moved, seconds } of gapsOf(LAWS.Gaussian, { seed: 3, count })) {
    ranges += rangeVariance(fall + rise, seconds) / count;
    returns += returnVariance(moved, seconds) / count;
  }
  const known = returnVariance(0.001, 60);
  expect(returns / known).toBeCloseTo(1, 1);
  // High and low are drawn apart here, given the end, which makes ranges a little different.
  expect(ranges / known).toBeGreaterThan(0.9);
  expect(ranges / known).toBeLessThan(1.1);
});

it.each([0, -1, Number.NaN])('refuses a gap of %s seconds', (seconds) => {
  expect(() => rangeVariance(0.01, seconds)).toThrow(ArgumentRangeError);
  expect(() => returnVariance(0.01, seconds)).toThrow(ArgumentRangeError);
});
