import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  nextQuantile,
  nextQuantiles,
} from '../../../../lambda/margin/statistics/tracked-quantile.ts';

const tracking = { allowed: 0.01, step: 0.1, least: 1, most: 10 };

it('a quantile rises by γ(1 − p) after an exceedance, and falls by γp otherwise', () => {
  expect(nextQuantile(2, { exceeded: true, tracking })).toBeCloseTo(2 * Math.exp(0.099), 12);
  expect(nextQuantile(2, { exceeded: false, tracking })).toBeCloseTo(2 * Math.exp(-0.001), 12);
});

it('a quantile stays within its bounds', () => {
  expect(nextQuantile(9.9, { exceeded: true, tracking })).toBe(10);
  expect(nextQuantile(1, { exceeded: false, tracking })).toBe(1);
});

it('away from its bounds, a quantile moves by γ(x − pT) in any order of exceedances', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 15 }), (series) => {
      const wide = { ...tracking, least: 1e-6, most: 1e6 };
      const last = series.reduce((z, exceeded) => nextQuantile(z, { exceeded, tracking: wide }), 2);
      const surplus = series.filter(Boolean).length - 0.01 * series.length;
      expect(Math.log(last / 2)).toBeCloseTo(0.1 * surplus, 12);
    }),
  );
});

it('falls and rises have separate quantiles, and a residual at the quantile does not exceed it', () => {
  const [rise, fall] = [Math.exp(0.099), Math.exp(-0.001)];
  const after = (residual: number) => {
    const { down, up } = nextQuantiles({ down: 2, up: 3 }, { residual, tracking });
    return [down / 2, up / 3];
  };
  const cases: readonly (readonly [number, number, number])[] = [
    [0, fall, fall],
    [-2, fall, fall],
    [-2.000001, rise, fall],
    [3, fall, fall],
    [3.000001, fall, rise],
    [2.5, fall, fall],
    [-2.5, rise, fall],
  ];
  for (const [residual, down, up] of cases) {
    const [atDown, atUp] = after(residual);
    expect(atDown).toBeCloseTo(down, 12);
    expect(atUp).toBeCloseTo(up, 12);
  }
});

it('an invalid quantile, step or share is refused', () => {
  const next = (quantile: number, more = {}) =>
    nextQuantile(quantile, { exceeded: true, tracking: { ...tracking, ...more } });
  expect(() => next(0)).toThrow('quantile must be finite and above zero, not 0');
  expect(() => next(2, { step: 0 })).toThrow('step must be finite and above zero, not 0');
  expect(() => next(2, { allowed: 1 })).toThrow('allowed must be strictly between 0 and 1, not 1');
});
