import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviationOver } from '../../../../lambda/margin/statistics/scale.ts';
import { gaussLegendre, nodesOn } from '../../../../local/analysis/overshoot/gauss-legendre.ts';
import {
  type LatencyTimes,
  latencyMoveAbove,
  latencyMoveDensity,
  latencyMoveExcess,
  latencyMoveQuantile,
} from '../../../../local/analysis/overshoot/latency-move.ts';
import { normalAbove, normalQuantile } from '../../../../local/analysis/overshoot/normal.ts';
import {
  OVERSHOOT_MEAN,
  overshootAbove,
  overshootExcess,
  overshootQuantile,
} from '../../../../local/analysis/overshoot/stationary.ts';
import { invertedTail } from './inversion.ts';

const timed = (gapSeconds: number, executionSeconds: number): LatencyTimes => ({
  volatility: 0.8,
  gapSeconds,
  executionSeconds,
});

describe('the move until an account is closed out', () => {
  it.each([
    [60, 30, 30.7252],
    [300, 60, 60.11],
  ])(
    'with a gap of %i s and an execution of %i s has a 99 % quantile of %d bp',
    (gap, execution, basisPoints) => {
      const move = latencyMoveQuantile(0.99, timed(gap, execution)) * 1e4;
      expect(move).toBeCloseTo(basisPoints, 4);
    },
  );

  /**
   * Independent check: P(R > x − dZ) summed over Z by the trapezoidal rule, which converges
   * exponentially where the integrand is smooth. The tail of R is the inverted transform. Its kink
   * at 0 leaves an error of 1e-6.
   */
  it.each([
    [60, 30],
    [300, 60],
  ])(
    'with a gap of %i s and an execution of %i s has the tail of a sum over the inverted transform',
    (gap, execution) => {
      const times = timed(gap, execution);
      const step = deviationOver(0.8, gap);
      const d = Math.sqrt(execution / gap);
      const x = latencyMoveQuantile(0.99, times) / step;
      let sum = normalAbove(x / d);
      const width = (x / d + 8) / 400;
      for (let index = 0; index < 400; index++) {
        const z = -8 + (index + 0.5) * width;
        const mass = normalAbove(z - width / 2) - normalAbove(z + width / 2);
        sum += mass * invertedTail(x - d * z);
      }
      expect(Math.abs(sum - 0.01)).toBeLessThan(2e-6);
    },
  );

  it('has the mean of the overshoot, and the sum of both variances', () => {
    const times = timed(60, 30);
    const step = deviationOver(0.8, 60);
    const spread = Math.sqrt(0.25 + 0.5) * step;
    const whole = nodesOn(gaussLegendre(120), { from: -8 * step, to: 12 * step });
    const moment = (of: (move: number) => number) =>
      whole.reduce(
        (sum, { at, weight }) => sum + weight * of(at) * latencyMoveDensity(at, times),
        0,
      );
    expect(moment(() => 1)).toBeCloseTo(1, 11);
    expect(moment((move) => move / step)).toBeCloseTo(OVERSHOOT_MEAN, 11);
    const square = moment((move) => (move / step - OVERSHOOT_MEAN) ** 2);
    expect(square).toBeCloseTo((spread / step) ** 2, 11);
  });

  it('has an excess with the tail as slope, and a tail with the density as slope', () => {
    for (const move of [-0.001, 0, 0.0005, 0.003]) {
      const times = timed(60, 30);
      const h = 1e-6;
      const slope = (of: typeof latencyMoveAbove) =>
        (of(move - h, times) - of(move + h, times)) / (2 * h);
      expect(slope(latencyMoveExcess)).toBeCloseTo(latencyMoveAbove(move, times), 6);
      expect(slope(latencyMoveAbove) / latencyMoveDensity(move, times)).toBeCloseTo(1, 5);
    }
  });

  it('is only the overshoot without an execution time', () => {
    const step = deviationOver(0.8, 60);
    const times = timed(60, 0);
    expect(latencyMoveQuantile(0.99, times)).toBeCloseTo(step * overshootQuantile(0.99), 15);
    expect(latencyMoveAbove(2 * step, times)).toBe(overshootAbove(2));
    expect(latencyMoveExcess(2 * step, times)).toBeCloseTo(step * overshootExcess(2), 16);
    const brief = timed(60, 1e-9);
    expect(latencyMoveAbove(2 * step, brief)).toBeCloseTo(overshootAbove(2), 10);
    expect(latencyMoveQuantile(0.99, brief) / step).toBeCloseTo(overshootQuantile(0.99), 9);
  });

  it.each([1e-300, 1e-12, 0.5, 1 - 1e-12, 1 - 2 ** -53])(
    'has a quantile at the confidence %d',
    (confidence) => {
      for (const [gap, execution] of [
        [60, 0],
        [60, 30],
        [1e-9, 600],
      ] as const) {
        const move = latencyMoveQuantile(confidence, timed(gap, execution));
        expect(latencyMoveAbove(move, timed(gap, execution)) / (1 - confidence)).toBeCloseTo(1, 9);
      }
    },
  );

  it('is the normal move over the execution with hardly any gap', () => {
    const normal = normalQuantile(0.99) * deviationOver(0.8, 60);
    expect(latencyMoveQuantile(0.99, timed(1e-9, 60)) / normal).toBeCloseTo(1, 5);
  });
});

describe('the shape of the move', () => {
  const seconds = fc.double({ min: 0.1, max: 3600, noNaN: true });
  const confidence = fc.double({ min: 0.001, max: 0.9999, noNaN: true });

  it('has a quantile that inverts the tail', () => {
    fc.assert(
      fc.property(seconds, seconds, confidence, (gap, execution, level) => {
        const times = timed(gap, execution);
        const move = latencyMoveQuantile(level, times);
        expect(1 - latencyMoveAbove(move, times)).toBeCloseTo(level, 12);
      }),
      { numRuns: 30 },
    );
  });

  it('has a high quantile that grows with the gap, the execution and the confidence', () => {
    fc.assert(
      fc.property(seconds, seconds, seconds, (gap, execution, more) => {
        const before = latencyMoveQuantile(0.99, timed(gap, execution));
        expect(latencyMoveQuantile(0.99, timed(gap + more, execution))).toBeGreaterThan(before);
        expect(latencyMoveQuantile(0.99, timed(gap, execution + more))).toBeGreaterThan(before);
        expect(latencyMoveQuantile(0.995, timed(gap, execution))).toBeGreaterThan(before);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [{ gapSeconds: 0 }, 'gap must be finite and above zero, not 0'],
    [{ gapSeconds: Number.NaN }, 'gap must be finite and above zero, not NaN'],
    [{ executionSeconds: -1 }, 'execution must be finite and not below zero, not -1'],
    [{ volatility: 0 }, 'volatility must be finite and above zero, not 0'],
    [{ volatility: Number.POSITIVE_INFINITY }, 'volatility must be finite and above zero, not Inf'],
  ])('refuses the times %j', (bad, told) => {
    const times = { ...timed(60, 30), ...bad };
    expect(() => latencyMoveQuantile(0.99, times)).toThrow(RangeError);
    expect(() => latencyMoveAbove(0, times)).toThrow(told);
    expect(() => latencyMoveExcess(0, times)).toThrow(told);
    expect(() => latencyMoveDensity(0, times)).toThrow(told);
  });

  it('refuses a move that is not a number', () => {
    expect(() => latencyMoveAbove(Number.NaN, timed(60, 30))).toThrow('move must be a finite');
    expect(() => latencyMoveQuantile(1, timed(60, 30))).toThrow('confidence must be strictly');
  });
});
