import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baselZone } from '../../../../local/analysis/overshoot/basel.ts';
import {
  christoffersen,
  conditionalCoverage,
  transitionsOf,
} from '../../../../local/analysis/overshoot/christoffersen.ts';
import { acceptedExceedances, kupiec } from '../../../../local/analysis/overshoot/kupiec.ts';
import { normalAbove } from '../../../../local/analysis/overshoot/normal.ts';

const year = { cases: 250, allowed: 0.01 };

describe('the test of unconditional coverage', () => {
  it('has LR 1.956810 for 5 exceedances in 250 at 1 %', () => {
    const { ratio, pValue } = kupiec(5, year);
    expect(ratio).toBeCloseTo(1.95681, 6);
    expect(pValue).toBeCloseTo(2 * normalAbove(Math.sqrt(ratio)), 14);
  });

  it('has LR −2T·ln(1 − p) without exceedances, and −2T·ln p if every case exceeds', () => {
    expect(kupiec(0, year).ratio).toBeCloseTo(-500 * Math.log(0.99), 10);
    expect(kupiec(250, year).ratio).toBeCloseTo(-500 * Math.log(0.01), 9);
    expect(kupiec(250, year).pValue).toBe(0);
  });

  it('has LR 0 for exactly the allowed number', () => {
    expect(kupiec(2, { cases: 200, allowed: 0.01 })).toEqual({ ratio: 0, pValue: 1 });
  });

  it('keeps small probabilities precise: 20 in 250', () => {
    const { ratio, pValue } = kupiec(20, year);
    expect(pValue / (2 * normalAbove(Math.sqrt(ratio)))).toBeCloseTo(1, 10);
    expect(pValue).toBeLessThan(1e-10);
  });

  /** The values for 255, 510 and 1000 days are from [Kupiec 1995, table 2]. */
  it.each([
    [250, 0.01, 1, 6],
    [255, 0.01, 1, 6],
    [255, 0.05, 7, 20],
    [510, 0.01, 2, 10],
    [1000, 0.01, 5, 16],
    [1000, 0.05, 38, 64],
    [100, 0.01, 0, 3],
  ])('accepts for %i cases at %d from %i to %i exceedances', (cases, allowed, fewest, most) => {
    expect(acceptedExceedances({ cases, allowed })).toEqual({ fewest, most });
  });

  it('accepts exactly the counts with a p-value of at least 5 %', () => {
    const cases = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(cases, fc.double({ min: 0.001, max: 0.3, noNaN: true }), (size, allowed) => {
        const of = { cases: size, allowed };
        const { fewest, most } = acceptedExceedances(of);
        expect(kupiec(fewest, of).pValue).toBeGreaterThanOrEqual(0.05 - 1e-9);
        expect(kupiec(most, of).pValue).toBeGreaterThanOrEqual(0.05 - 1e-9);
        if (fewest > 0) expect(kupiec(fewest - 1, of).pValue).toBeLessThan(0.05);
        if (most < size) expect(kupiec(most + 1, of).pValue).toBeLessThan(0.05);
      }),
    );
  });

  it.each([
    [-1, year, 'exceedances must be a whole number, 0 or more, not -1'],
    [1.5, year, 'exceedances must be a whole number, 0 or more, not 1.5'],
    [251, year, 'exceedances must be at most 250, not 251'],
    [0, { ...year, cases: 0 }, 'cases must be at least 1, not 0'],
    [1, { ...year, allowed: 0 }, 'allowed must be strictly between 0 and 1, not 0'],
    [1, { ...year, allowed: Number.NaN }, 'allowed must be strictly between 0 and 1, not NaN'],
  ])('refuses %d exceedances with %j', (exceedances, coverage, told) => {
    expect(() => kupiec(exceedances, coverage)).toThrow(new RangeError(told));
  });

  it('reports a confidence that would accept no count', () => {
    expect(() => acceptedExceedances(year, 0.01)).toThrow(
      'no number of exceedances is accepted at a confidence of 0.01',
    );
  });
});

describe('the test of independence', () => {
  const seen = { n00: 230, n01: 7, n10: 7, n11: 5 };

  it('has LR 16.791355 for (230, 7, 7, 5)', () => {
    expect(christoffersen(seen).ratio).toBeCloseTo(16.791355, 6);
    const { ratio, pValue } = christoffersen(seen);
    expect(pValue / (2 * normalAbove(Math.sqrt(ratio)))).toBeCloseTo(1, 10);
  });

  it('has LR 0 if the probabilities after both states are equal', () => {
    expect(christoffersen({ n00: 80, n01: 20, n10: 8, n11: 2 }).ratio).toBeCloseTo(0, 12);
  });

  it.each([
    { n00: 249, n01: 0, n10: 0, n11: 0 },
    { n00: 0, n01: 0, n10: 0, n11: 9 },
    { n00: 0, n01: 5, n10: 4, n11: 0 },
    { n00: 240, n01: 5, n10: 4, n11: 0 },
    { n00: 1, n01: 0, n10: 0, n11: 0 },
  ])('has a valid ratio even with empty cells: %j', (cells) => {
    const { ratio, pValue } = christoffersen(cells);
    expect(ratio).toBeGreaterThanOrEqual(0);
    expect(pValue).toBeGreaterThanOrEqual(0);
    expect(pValue).toBeLessThanOrEqual(1);
  });

  it('has the LR of certainty for a strict alternation', () => {
    const { ratio } = christoffersen({ n00: 0, n01: 5, n10: 5, n11: 0 });
    expect(ratio).toBeCloseTo(20 * Math.LN2, 12);
  });

  it('adds up with coverage to a test with two degrees of freedom', () => {
    const { ratio, pValue } = conditionalCoverage(seen, 0.01);
    const covered = kupiec(12, { cases: 249, allowed: 0.01 }).ratio;
    expect(ratio).toBeCloseTo(covered + christoffersen(seen).ratio, 12);
    expect(pValue).toBeCloseTo(Math.exp(-ratio / 2), 14);
  });

  it('counts the transitions of a series', () => {
    const series = [false, false, true, true, false, true].map(Boolean);
    expect(transitionsOf(series)).toEqual({ n00: 1, n01: 2, n10: 1, n11: 1 });
    expect(transitionsOf([true])).toEqual({ n00: 0, n01: 0, n10: 0, n11: 0 });
  });

  it('counts one transition fewer than there are cases', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 2 }), (series) => {
        const cells = transitionsOf(series);
        const { n00, n01, n10, n11 } = cells;
        expect(n00 + n01 + n10 + n11).toBe(series.length - 1);
        expect(n01 + n11).toBe(series.slice(1).filter(Boolean).length);
        expect(christoffersen(cells).ratio).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('refuses cells that are no counts, and a table of zeros', () => {
    expect(() => christoffersen({ ...seen, n10: -1 })).toThrow(
      new RangeError('n10 must be a whole number, 0 or more, not -1'),
    );
    const none = { n00: 0, n01: 0, n10: 0, n11: 0 };
    expect(() => christoffersen(none)).toThrow('transitions must be at least 1, not 0');
    expect(() => conditionalCoverage(none, 0.01)).toThrow(RangeError);
    expect(() => conditionalCoverage(seen, 1)).toThrow('allowed must be strictly between');
  });
});

describe('the Basel traffic light', () => {
  it.each([
    [0, 'green'],
    [4, 'green'],
    [5, 'yellow'],
    [9, 'yellow'],
    [10, 'red'],
    [250, 'red'],
  ])('is for %i exceedances over 250 days at 99 % the zone %s', (exceedances, zone) => {
    expect(baselZone(exceedances, year)).toBe(zone);
  });

  it('is green without exceedances, however few the cases', () => {
    expect(baselZone(0, { cases: 1, allowed: 0.01 })).toBe('green');
  });

  it('refuses more exceedances than cases', () => {
    expect(() => baselZone(11, { cases: 10, allowed: 0.01 })).toThrow(
      new RangeError('exceedances must be at most 10, not 11'),
    );
  });
});
