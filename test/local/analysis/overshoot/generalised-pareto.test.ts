import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussLegendre, nodesOn } from '../../../../local/analysis/overshoot/gauss-legendre.ts';
import {
  expectedShortfall,
  type ParetoTail,
  valueAtRisk,
} from '../../../../local/analysis/overshoot/generalised-pareto.ts';
import { fitPareto } from '../../../../local/analysis/overshoot/pareto-fit.ts';

const tail: ParetoTail = { threshold: 0.06, shape: 0.25, scale: 0.025, exceedShare: 100 / 2000 };

describe('a generalised Pareto tail', () => {
  it('above 6 % has a 99 % quantile of .1095348781 and an expected shortfall of .1593798375', () => {
    expect(valueAtRisk(0.99, tail)).toBeCloseTo(0.1095348781, 10);
    expect(expectedShortfall(0.99, tail)).toBeCloseTo(0.1593798375, 10);
  });

  /** ES_q = ∫_q^1 VaR_p dp/(1 − q), with 1 − p = (1 − q)·v⁴ so that the integrand is smooth. */
  it.each([-0.3, 0, 0.25, 0.6])(
    'has the mean of its quantiles as expected shortfall at shape %d',
    (shape) => {
      const at = { ...tail, shape };
      const mean = nodesOn(gaussLegendre(60), { from: 0, to: 1 }).reduce(
        (sum, { at: v, weight }) => sum + weight * 4 * v ** 3 * valueAtRisk(1 - 0.05 * v ** 4, at),
        0,
      );
      expect(expectedShortfall(0.95, at)).toBeCloseTo(mean, 6);
    },
  );

  it('starts at its threshold, and is exponential at shape 0', () => {
    expect(valueAtRisk(0.95, tail)).toBeCloseTo(0.06, 15);
    const exponential = { ...tail, shape: 0 };
    expect(valueAtRisk(0.99, exponential)).toBeCloseTo(0.06 + 0.025 * Math.log(5), 14);
    expect(valueAtRisk(0.99, { ...tail, shape: 1e-13 })).toBeCloseTo(
      valueAtRisk(0.99, exponential),
      12,
    );
  });

  it('has growing quantiles, and an expected shortfall above each', () => {
    const level = fc.double({ min: 0.951, max: 0.9999, noNaN: true });
    fc.assert(
      fc.property(level, level, fc.double({ min: -0.5, max: 0.9, noNaN: true }), (p, q, shape) => {
        const at = { ...tail, shape };
        const [low, high] = [Math.min(p, q), Math.max(p, q)];
        expect(valueAtRisk(high, at)).toBeGreaterThanOrEqual(valueAtRisk(low, at));
        expect(expectedShortfall(low, at)).toBeGreaterThan(valueAtRisk(low, at));
      }),
    );
  });

  it.each([
    [0.9, {}, 'confidence must be at least 0.95, not 0.9'],
    [1, {}, 'confidence must be strictly between 0 and 1, not 1'],
    [0.99, { scale: 0 }, 'scale must be finite and above zero, not 0'],
    [0.99, { shape: Number.NaN }, 'shape must be a finite number, not NaN'],
    [0.99, { shape: 1 }, 'shape must be below 1 for a mean to exist, not 1'],
    [0.99, { exceedShare: 0 }, 'exceedance share must be above 0, at most 1, not 0'],
  ])('refuses a confidence of %d with %j', (confidence, bad, told) => {
    expect(() => expectedShortfall(confidence, { ...tail, ...bad })).toThrow(new RangeError(told));
  });
});

describe('the fit of a generalised Pareto tail', () => {
  /** The quantiles of a known tail at evenly spaced levels. */
  const sample = (shape: number, size: number): number[] =>
    Array.from({ length: size }, (_, index) => {
      const beyond = (index + 0.5) / size;
      return valueAtRisk(1 - beyond, { threshold: 0, shape, scale: 0.025, exceedShare: 1 });
    });

  it.each([0.1, 0.25, 0.5, 0.9])('recovers the shape %d', (shape) => {
    const fit = fitPareto(sample(shape, 4000));
    expect(fit.shape).toBeCloseTo(shape, 2);
    expect(fit.scale).toBeCloseTo(0.025, 3);
  });

  it('has a higher likelihood than its neighbours', () => {
    const size = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 5 });
    const likelihood = (
      values: readonly number[],
      { shape, scale }: { shape: number; scale: number },
    ) =>
      values.reduce((sum, y) => {
        const log = shape === 0 ? y / scale : (1 + 1 / shape) * Math.log1p((shape * y) / scale);
        return sum - Math.log(scale) - log;
      }, 0);
    fc.assert(
      fc.property(size, fc.double({ min: 1, max: 4, noNaN: true }), (base, power) => {
        const values = base.map((value) => value ** power);
        const fit = fitPareto(values);
        const best = likelihood(values, fit);
        for (const shape of [fit.shape, fit.shape * 1.01, fit.shape * 0.99, fit.shape + 0.01]) {
          for (const scale of [fit.scale, fit.scale * 1.01, fit.scale * 0.99]) {
            expect(likelihood(values, { shape, scale })).toBeLessThanOrEqual(best + 1e-9);
          }
        }
      }),
    );
  });

  it('scales with its losses', () => {
    const values = sample(0.3, 200);
    const [fit, larger] = [fitPareto(values), fitPareto(values.map((value) => 1000 * value))];
    expect(larger.shape).toBeCloseTo(fit.shape, 10);
    expect(larger.scale / fit.scale).toBeCloseTo(1000, 6);
  });

  it('is exponential instead of a tail with an endpoint', () => {
    expect(fitPareto([1, 1, 1])).toEqual({ shape: 0, scale: 1 });
    expect(fitPareto(sample(-0.3, 100)).shape).toBe(0);
  });

  it('refuses too few exceedances, and values not above the threshold', () => {
    expect(() => fitPareto([0.1])).toThrow(new RangeError('exceedances must be at least 2, not 1'));
    expect(() => fitPareto([0.1, 0])).toThrow('exceedance must be finite and above zero, not 0');
    expect(() => fitPareto([0.1, Number.NaN])).toThrow(RangeError);
  });
});
