import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bestInterval,
  bufferCostOf,
  costPerSecond,
} from '../../../../local/analysis/overshoot/best-interval.ts';

const venue = { quantile: 2.326, volatility: 0.8, openInterest: 1e8, capitalRate: 0.1 };
const costs = { checkCost: 0.002, bufferCost: bufferCostOf(venue) };

describe('the interval with the least cost', () => {
  it('at $.002 a check and $100M of open interest is 11.3165 s, at $1,374 in 30 days', () => {
    expect(costs.bufferCost * 1e4).toBeCloseTo(1.0507267, 7);
    const best = bestInterval(costs);
    expect(best.gapSeconds).toBeCloseTo(11.3165, 4);
    expect(best.costPerSecond * 30 * 86_400).toBeCloseTo(1374, 0);
  });

  it('is flat: twice the interval costs 11 % more, half of it 14 %', () => {
    const { gapSeconds, costPerSecond: least } = bestInterval(costs);
    expect(costPerSecond(2 * gapSeconds, costs) / least).toBeCloseTo(1.11, 2);
    expect(costPerSecond(gapSeconds / 2, costs) / least).toBeCloseTo(1.14, 2);
    expect(costPerSecond(2 * gapSeconds, costs) / least).toBeCloseTo(
      (0.5 + 2 * Math.SQRT2) / 3,
      12,
    );
    expect(costPerSecond(gapSeconds / 2, costs) / least).toBeCloseTo((2 + Math.SQRT2) / 3, 12);
  });

  it('costs J* = 1.88988·c^{1/3}·B^{2/3}', () => {
    expect(bestInterval({ checkCost: 1, bufferCost: 1 }).costPerSecond).toBeCloseTo(1.88988, 5);
  });

  it('costs no more than any other interval', () => {
    const cost = fc.double({ min: 1e-9, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(cost, cost, cost, (checkCost, bufferCost, gap) => {
        const best = bestInterval({ checkCost, bufferCost });
        const at = (seconds: number) => costPerSecond(seconds, { checkCost, bufferCost });
        expect(at(best.gapSeconds) / best.costPerSecond).toBeCloseTo(1, 12);
        expect(at(gap)).toBeGreaterThanOrEqual(best.costPerSecond * (1 - 1e-12));
      }),
    );
  });

  it('is refused for invalid costs and times', () => {
    expect(() => bestInterval({ ...costs, checkCost: 0 })).toThrow(
      new RangeError('check cost must be finite and above zero, not 0'),
    );
    expect(() => bestInterval({ ...costs, bufferCost: Number.NaN })).toThrow(RangeError);
    expect(() => costPerSecond(0, costs)).toThrow('gap must be finite and above zero, not 0');
    expect(() => bufferCostOf({ ...venue, openInterest: -1 })).toThrow(
      'open interest must be finite and above zero, not -1',
    );
  });
});
