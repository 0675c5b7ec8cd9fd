import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentRangeError } from '../../../../lambda/margin/statistics/argument-range.ts';
import { YEAR_SECONDS } from '../../../../lambda/margin/statistics/scale.ts';
import {
  annualVolatility,
  nextVariance,
  usedVolatility,
} from '../../../../lambda/margin/statistics/variance.ts';
import { normalQuantile } from '../../../../local/analysis/overshoot/normal.ts';
import { studentQuantile } from '../../../../local/analysis/overshoot/student.ts';

describe('the variance per second', () => {
  /** A half-life of ln ½/ln λ steps. */
  it('follows RiskMetrics over equal steps: v4 = 4.05179488e-4 at λ = .94', () => {
    const halfLifeSeconds = Math.log(0.5) / Math.log(0.94);
    const variance = [0.01, -0.02, 0.015, -0.03].reduce(
      (known, logReturn) => nextVariance(known, { logReturn, seconds: 1, halfLifeSeconds }),
      4e-4,
    );
    expect(variance * 1e4).toBeCloseTo(4.05179488, 8);
  });

  const halfLifeSeconds = 3600;

  it('is half forgotten after a half-life', () => {
    const after = nextVariance(4e-8, { logReturn: 0, seconds: 3600, halfLifeSeconds });
    expect(after).toBeCloseTo(2e-8, 20);
  });

  it('stays unchanged if every squared return is as expected, however irregular the gaps', () => {
    const gaps = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(gaps, fc.double({ min: 1e-12, max: 1e-4, noNaN: true }), (seconds, variance) => {
        const after = seconds.reduce((known, gap) => {
          const logReturn = Math.sqrt(variance * gap);
          return nextVariance(known, { logReturn, seconds: gap, halfLifeSeconds });
        }, variance);
        expect(after / variance).toBeCloseTo(1, 10);
      }),
    );
  });

  it('forgets as much in two steps as in one step of both', () => {
    const gap = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(gap, gap, (first, second) => {
        const still = (known: number, seconds: number) =>
          nextVariance(known, { logReturn: 0, seconds, halfLifeSeconds });
        expect(still(still(1, first), second)).toBeCloseTo(still(1, first + second), 12);
      }),
    );
  });

  it('adds ln2/halfLife of the squared return at no gap, the limit of a short gap', () => {
    const at = (seconds: number) =>
      nextVariance(1e-8, { logReturn: 0.001, seconds, halfLifeSeconds });
    expect(at(0)).toBeCloseTo(1e-8 + (Math.LN2 / 3600) * 1e-6, 22);
    expect(at(1e-9)).toBeCloseTo(at(0), 20);
    expect(nextVariance(1e-8, { logReturn: 0, seconds: 0, halfLifeSeconds })).toBe(1e-8);
  });

  it('equals the single return over a very long gap', () => {
    const gone = nextVariance(1e-8, { logReturn: 0.5, seconds: 1e8, halfLifeSeconds });
    expect(gone).toBeCloseTo(0.25 / 1e8, 20);
  });

  it.each([
    [-1, {}, 'variance must be finite and not below zero, not -1'],
    [1, { logReturn: Number.NaN }, 'log return must be a finite number, not NaN'],
    [1, { seconds: -1 }, 'seconds must be finite and not below zero, not -1'],
    [1, { halfLifeSeconds: 0 }, 'half-life must be finite and above zero, not 0'],
  ])('refuses a variance of %d with %j', (variance, bad, told) => {
    const step = { logReturn: 0.01, seconds: 60, halfLifeSeconds, ...bad };
    expect(() => nextVariance(variance, step)).toThrow(new ArgumentRangeError(told));
  });
});

describe('the used volatility', () => {
  const policy = { floor: 0.4, stress: 2, cap: 3, stressWeight: 0.25 };

  it('is annual, from the variance per second', () => {
    expect(annualVolatility(0.64 / YEAR_SECONDS)).toBeCloseTo(0.8, 14);
    expect(() => annualVolatility(-1)).toThrow(RangeError);
  });

  it.each([
    [0.8, 1.1],
    [0, 0.5],
    [10 / 3, 3],
    [100, 3],
  ])('at a measured %d is %d, of which a quarter is stress', (measured, used) => {
    expect(usedVolatility(measured, policy)).toBeCloseTo(used, 14);
  });

  it('is never below the floor, even without stress', () => {
    expect(usedVolatility(0.1, { ...policy, stressWeight: 0 })).toBe(0.4);
    expect(usedVolatility(0.4, { ...policy, stressWeight: 0 })).toBe(0.4);
    expect(usedVolatility(0.41, { ...policy, stressWeight: 0 })).toBe(0.41);
  });

  it.each([
    [{ stressWeight: 1.1 }, 'stress weight must be between 0 and 1, not 1.1'],
    [{ stressWeight: Number.NaN }, 'stress weight must be between 0 and 1, not NaN'],
    [{ cap: 0.3 }, 'cap must not be below the floor of 0.4, but is 0.3'],
    [{ cap: Number.NaN }, 'cap must not be below the floor of 0.4, but is NaN'],
    [{ floor: -1 }, 'floor must be finite and not below zero, not -1'],
  ])('refuses the rule with %j', (bad, told) => {
    expect(() => usedVolatility(0.8, { ...policy, ...bad })).toThrow(new ArgumentRangeError(told));
  });
});

describe('quantiles with unit variance', () => {
  it.each([
    [0.99, 2.64949, 2.32635],
    [0.995, 3.25559, 2.57583],
    [0.999, 5.07221, 3.09023],
  ])(
    'at %d are %d for Student-t with 4 degrees of freedom and %d for the normal',
    (level, fat, thin) => {
      expect(studentQuantile(level, 4)).toBeCloseTo(fat, 5);
      expect(normalQuantile(level)).toBeCloseTo(thin, 5);
    },
  );

  it('tend to the normal quantile with more degrees of freedom', () => {
    expect(studentQuantile(0.99, 1e7)).toBeCloseTo(normalQuantile(0.99), 5);
  });

  it('refuse a confidence or degrees of freedom for which there is none', () => {
    expect(() => studentQuantile(1, 4)).toThrow('confidence must be strictly between 0 and 1');
    expect(() => studentQuantile(0.99, 2)).toThrow(
      new RangeError('degrees must be above 2 for a variance to exist, not 2'),
    );
    expect(() => studentQuantile(0.99, Number.NaN)).toThrow(RangeError);
    expect(() => normalQuantile(0)).toThrow(RangeError);
  });
});
