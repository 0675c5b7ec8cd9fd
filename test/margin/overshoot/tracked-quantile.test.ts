import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextQuantile } from '../../../lambda/margin/overshoot/tracked-quantile.ts';

const tracking = { allowed: 0.01, step: 0.1, least: 1, most: 10 };

it('rises by γ(1 − p) after an exceedance, and falls by γp after none', () => {
  expect(nextQuantile(2, { exceeded: true, tracking })).toBeCloseTo(2 * Math.exp(0.099), 12);
  expect(nextQuantile(2, { exceeded: false, tracking })).toBeCloseTo(2 * Math.exp(-0.001), 12);
});

it('stays within its bounds', () => {
  expect(nextQuantile(9.9, { exceeded: true, tracking })).toBe(10);
  expect(nextQuantile(1, { exceeded: false, tracking })).toBe(1);
});

it('away from its bounds, moves by γ(x − pT) whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 15 }), (series) => {
      const wide = { ...tracking, least: 1e-6, most: 1e6 };
      const last = series.reduce((z, exceeded) => nextQuantile(z, { exceeded, tracking: wide }), 2);
      const surplus = series.filter(Boolean).length - 0.01 * series.length;
      expect(Math.log(last / 2)).toBeCloseTo(0.1 * surplus, 12);
    }),
  );
});

it('refuses what is no quantile, step or share', () => {
  const next = (quantile: number, more = {}) =>
    nextQuantile(quantile, { exceeded: true, tracking: { ...tracking, ...more } });
  expect(() => next(0)).toThrow('quantile must be finite and above zero, not 0');
  expect(() => next(2, { step: 0 })).toThrow('step must be finite and above zero, not 0');
  expect(() => next(2, { allowed: 1 })).toThrow('allowed must be strictly between 0 and 1, not 1');
});
