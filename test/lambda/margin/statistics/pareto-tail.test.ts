import { describe, expect, it } from 'vitest';
import { paretoTail, tailQuantile } from '../../../../lambda/margin/statistics/pareto-tail.ts';

describe('a Pareto tail by probability-weighted moments', () => {
  it('has the moments of a small sample, by hand', () => {
    // Excesses over 2: ½, 1, 3, 12, at (1 − .35)/4, (2 − .35)/4 … from the smallest.
    // b₀ = 16.5/4; b₁ = (½·.8375 + 1·.5875 + 3·.3375 + 12·.0875)/4 = .7671875
    const { threshold, shape, scale } = paretoTail([14, 5, 3, 2.5], 2);
    expect(threshold).toBe(2);
    expect(shape).toBeCloseTo(2 - 4.125 / (4.125 - 2 * 0.7671875), 12);
    expect(shape).toBeCloseTo(0.40772, 5);
    expect(scale).toBeCloseTo(4.125 * (1 - 0.40772), 4);
  });

  it('keeps the mean of the data', () => {
    const { shape, scale } = paretoTail([14, 5, 3, 2.5], 2);
    expect(scale / (1 - shape)).toBeCloseTo(4.125, 12);
  });

  it.each([
    ['an end is not promised: ξ is 0', [9, 5, 3], 0],
    ['one observation does not rule: ξ is ½', [22, 5, 3, 2.5], 0.5],
    ['equal values have ξ = 0', [3, 3, 3], 0],
    ['nothing beyond the threshold has ξ = 0', [2, 2, 2], 0],
  ])('%s', (_, largest, shape) => {
    expect(paretoTail(largest, 2).shape).toBe(shape);
  });

  it('has its closed quantiles', () => {
    // u .06, ξ .25, β .025, 100 of 2,000, at 99 %.
    const tail = { threshold: 0.06, shape: 0.25, scale: 0.025 };
    expect(tailQuantile(tail, 0.01 / 0.05)).toBeCloseTo(0.1095348781, 9);
    expect(tailQuantile(tail, 1)).toBe(0.06);
    expect(tailQuantile(tail, 2)).toBe(0.06);
    expect(tailQuantile({ ...tail, shape: 0 }, Math.exp(-2))).toBeCloseTo(0.06 + 0.05, 12);
  });
});
