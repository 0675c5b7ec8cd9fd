import erfcx from '@stdlib/math-base-special-erfcx';
import { describe, expect, it } from 'vitest';
import { millsRatio } from '../../../../lambda/margin/option/mills-ratio.ts';

describe('the ratio of tail and density of the normal distribution', () => {
  it.each([
    [0, Math.sqrt(Math.PI / 2)],
    [1, 0.655679542418798],
    [100, 0.00999900029985],
  ])('at %d is %d', (z, ratio) => {
    expect(millsRatio(z)).toBeCloseTo(ratio, 14);
  });

  it('is that of the whole erfcx to the last digit, from 0 to infinity', () => {
    const steps = Array.from({ length: 20_000 }, (_, step) => step / 200);
    const powers = Array.from({ length: 309 }, (_, power) => 10 ** power);
    for (const z of [...steps, ...powers, Number.MIN_VALUE, Number.POSITIVE_INFINITY]) {
      expect(millsRatio(z)).toBe(Math.sqrt(Math.PI / 2) * erfcx(z * Math.SQRT1_2));
    }
  });
});
