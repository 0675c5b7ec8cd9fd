import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussLegendre, nodesOn } from '../../../../local/analysis/overshoot/gauss-legendre.ts';
import { ladderRenewal } from '../../../../local/analysis/overshoot/ladder-renewal.ts';
import {
  OVERSHOOT_MEAN,
  OVERSHOOT_THIRD_CUMULANT,
  OVERSHOOT_VARIANCE,
  overshootAbove,
  overshootDensity,
  overshootExcess,
  overshootQuantile,
} from '../../../../local/analysis/overshoot/stationary.ts';
import { overshootTransform } from '../../../../local/analysis/overshoot/transform.ts';
import {
  type Complex,
  divided,
  exponential,
  inverted,
  invertedTail,
  ladderFactor,
  transform,
} from './inversion.ts';

const WHOLE = nodesOn(gaussLegendre(60), { from: 0, to: 10 });
const integral = (f: (x: number) => number): number =>
  WHOLE.reduce((sum, { at, weight }) => sum + weight * f(at), 0);

describe('the overshoot of a line that is checked at intervals', () => {
  it('has the mean β = .5825971579', () => {
    expect(OVERSHOOT_MEAN).toBeCloseTo(0.5825971579390107, 15);
    expect(integral((x) => x * overshootDensity(x))).toBeCloseTo(OVERSHOOT_MEAN, 13);
    expect(overshootExcess(1e-300)).toBeCloseTo(OVERSHOOT_MEAN, 14);
  });

  it('has the variance ¼ and the third cumulant −2ζ(−½)/√(2π) = .1658692093', () => {
    const moment = (power: number) =>
      integral((x) => (x - OVERSHOOT_MEAN) ** power * overshootDensity(x));
    expect(OVERSHOOT_VARIANCE).toBe(0.25);
    expect(OVERSHOOT_THIRD_CUMULANT).toBeCloseTo(0.1658692093130222, 14);
    expect(moment(0)).toBeCloseTo(1, 13);
    expect(moment(2)).toBeCloseTo(OVERSHOOT_VARIANCE, 13);
    expect(moment(3)).toBeCloseTo(OVERSHOOT_THIRD_CUMULANT, 13);
  });

  /**
   * ln E e^{−sR} + ln E e^{sR} = ln[2(e^{s²/2} − 1)/s²] gives every even cumulant, so also the
   * fourth.
   */
  it('has the fourth cumulant ⅛', () => {
    const fourth = integral((x) => (x - OVERSHOOT_MEAN) ** 4 * overshootDensity(x));
    expect(fourth - 3 * OVERSHOOT_VARIANCE ** 2).toBeCloseTo(0.125, 12);
  });

  it('has P(R > 1) = .18183449, E(R − 1)₊ = .07891245 and the 99 % quantile 2.18315', () => {
    expect(overshootAbove(1)).toBeCloseTo(0.18183449, 8);
    expect(overshootExcess(1)).toBeCloseTo(0.07891245, 8);
    expect(overshootQuantile(0.99)).toBeCloseTo(2.18315, 5);
  });

  it('has the density √2 at the line, as E H = 1/√2', () => {
    expect(overshootDensity(0)).toBeCloseTo(Math.SQRT2, 14);
  });

  it('has the transform .618357691292 at 1', () => {
    expect(overshootTransform(1)).toBeCloseTo(0.618357691292, 12);
    expect(transform({ re: 1, im: 0 }).re).toBeCloseTo(0.618357691292, 12);
  });

  it.each([1e-12, 1e-6, 0.01, 0.3, 1, 4, 50])('has the transform of its density at %d', (s) => {
    const byDensity = integral((x) => Math.exp(-s * x) * overshootDensity(x));
    expect(overshootTransform(s)).toBeCloseTo(byDensity, 12);
  });

  it('has the transform 1 at 0, and √2/s for large s', () => {
    expect(overshootTransform(0)).toBe(1);
    expect(overshootTransform(1e9) * 1e9).toBeCloseTo(Math.SQRT2, 8);
  });
});

describe('the overshoot, compared with the inverted transform', () => {
  const places = [0.01, 0.05, 0.2, 0.5, 1, 1.5, 2, 2.18315, 3, 4, 5, 6];

  it.each(places)('has the same P(R > %d) to 1e-9', (x) => {
    expect(Math.abs(overshootAbove(x) - invertedTail(x))).toBeLessThan(1e-9);
  });

  it.each(places)('has the same density at %d to 1e-9', (x) => {
    expect(Math.abs(overshootDensity(x) - inverted(transform, x))).toBeLessThan(1e-9);
  });

  /** ∫₀^∞ e^{−sx}·E(R − x)₊ dx = (β − (1 − E e^{−sR})/s)/s. */
  it.each(places)('has the same E(R − %d)₊ to 1e-9', (x) => {
    const ofExcess = (s: Complex): Complex => {
      const { re, im } = transform(s);
      const tail = divided({ re: 1 - re, im: -im }, s);
      return divided({ re: OVERSHOOT_MEAN - tail.re, im: -tail.im }, s);
    };
    expect(Math.abs(overshootExcess(x) - inverted(ofExcess, x))).toBeLessThan(1e-9);
  });
});

/**
 * Independent check: with A(s) = 1 − E e^{−sH}, A(s)·A(−s) = 1 − e^{s²/2}. The renewal density of H
 * has transform 1/A(s) − 1, so
 *
 *     r(y) = √2 + 2·Re Σₖ −A(−sₖ)/sₖ·e^{sₖy} over the zeros sₖ = −√(2πk)(1 − i).
 */
describe('the renewal density of the ladder heights', () => {
  const byZeros = (y: number): number => {
    let sum = 0;
    for (let k = 1; k <= 60; k++) {
      const size = Math.sqrt(2 * Math.PI * k);
      const amount = divided(ladderFactor({ re: size, im: -size }), { re: size, im: -size });
      const decay = exponential({ re: -size * y, im: size * y });
      sum += 2 * (amount.re * decay.re - amount.im * decay.im);
    }
    return sum;
  };

  /** Sixty zeros leave an error of e^{−√(120π)·y}, below 1e-13 from y = 1.6. */
  it('is the sum over the zeros of 1 − e^{s²/2}', () => {
    const quadrature = nodesOn(gaussLegendre(40), { from: 0, to: 12 });
    const solved = ladderRenewal().map(({ at, weight }, i) => ({
      at,
      density: weight / (quadrature[i]?.weight ?? Number.NaN),
    }));
    const far = solved.filter(({ at }) => at > 1.6);
    expect(far.length).toBeGreaterThan(10);
    for (const { at, density } of far) expect(density).toBeCloseTo(byZeros(at), 13);
  });
});

describe('the shape of the overshoot', () => {
  const place = fc.double({ min: 0, max: 8, noNaN: true });
  const confidence = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });

  it('has P, E and a density that fall and stay within their bounds', () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        const [near, far] = [Math.min(one, other), Math.max(one, other)];
        for (const of of [overshootAbove, overshootExcess, overshootDensity]) {
          expect(of(far)).toBeLessThanOrEqual(of(near) + 1e-15);
          expect(of(far)).toBeGreaterThan(0);
        }
        expect(overshootAbove(near)).toBeLessThanOrEqual(1);
        expect(overshootExcess(near)).toBeGreaterThanOrEqual(OVERSHOOT_MEAN - near - 1e-15);
      }),
    );
  });

  it('has a quantile that inverts P', () => {
    fc.assert(
      fc.property(confidence, (level) => {
        expect(1 - overshootAbove(overshootQuantile(level))).toBeCloseTo(level, 13);
      }),
    );
  });

  it('has P = 1 and E(R − k)₊ = β − k at and below the line', () => {
    expect([overshootAbove(0), overshootAbove(-2)]).toEqual([1, 1]);
    expect(overshootExcess(0)).toBe(OVERSHOOT_MEAN);
    expect(overshootExcess(-2)).toBe(OVERSHOOT_MEAN + 2);
    expect(overshootDensity(-1e-9)).toBe(0);
    expect(overshootAbove(1e-12)).toBeCloseTo(1, 11);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses an overshoot of %d', (bad) => {
    expect(() => overshootAbove(bad)).toThrow(/^overshoot must be a finite number, not/);
    expect(() => overshootExcess(bad)).toThrow(RangeError);
    expect(() => overshootDensity(bad)).toThrow(RangeError);
  });

  it.each([Number.NaN, -1, 0, 1, 2])('refuses a confidence of %d', (bad) => {
    expect(() => overshootQuantile(bad)).toThrow(/^confidence must be strictly between 0 and 1/);
  });

  it.each([Number.NaN, -1])('refuses a transform at %d', (bad) => {
    expect(() => overshootTransform(bad)).toThrow(/^s must be finite and not below zero/);
  });
});
