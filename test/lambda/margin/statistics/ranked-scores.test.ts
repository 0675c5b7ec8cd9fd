import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CODE_MAX,
  codeOf,
  largestScores,
  NO_SCORES,
  rankedFrom,
  type ScoreWindow,
  scoreAtRank,
  scoreOf,
  sizeOf,
  withScore,
} from '../../../../lambda/margin/statistics/ranked-scores.ts';

const rankedAfter = (codes: readonly number[], window: ScoreWindow) =>
  codes.reduce((scores, code) => withScore(scores, code, window), NO_SCORES);

/** Few different codes, so that many are equal. */
const CODES = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 80 });
const WINDOWS = fc.record({
  last: fc.integer({ min: 1, max: 30 }),
  ranks: fc.integer({ min: 1, max: 12 }),
});

describe('ranked scores', () => {
  it('have the ranks of a full window of the last scores', () => {
    fc.assert(
      fc.property(CODES, WINDOWS, (codes, window) => {
        const scores = rankedAfter(codes, window);
        const full = codes.slice(-window.last).toSorted((left, right) => right - left);
        expect(sizeOf(scores, window)).toBe(full.length);
        const count = Math.min(full.length, window.ranks);
        const largest = full.slice(0, count).map(scoreOf);
        expect(largest.map((_, index) => scoreAtRank(scores, index + 1))).toEqual(largest);
        expect(largestScores(scores, count)).toEqual(largest);
      }),
    );
  });

  it('are the same after a restart from what was stored, in any order', () => {
    fc.assert(
      fc.property(CODES, WINDOWS, (codes, window) => {
        const scores = rankedAfter(codes, window);
        const stored = scores.kept.map(({ code, number }) => ({ code, number })).reverse();
        expect(rankedFrom(stored, { taken: scores.taken, last: window.last })).toEqual(scores);
      }),
    );
  });

  it('keep about 200 of 1,000 independent scores', () => {
    const window = { last: 1000, ranks: 51 };
    const codes = Array.from({ length: 5000 }, (_, index) => (index * 7919) % 5003);
    expect(rankedAfter(codes, window).kept.length).toBeLessThan(300);
  });

  it('lose nothing of a code, and at most 0.03 % of a score, upwards', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e6, noNaN: true }), (score) => {
        const code = codeOf(score);
        expect(scoreOf(code) / score).toBeGreaterThan(1 - 1e-12);
        expect(scoreOf(code) / score).toBeLessThan(1.0003);
      }),
    );
    expect([0, 1e-9, 1e9].map(codeOf)).toEqual([0, 1, CODE_MAX]);
    expect(scoreOf(0)).toBe(0);
  });
});

it('a score is rounded up by at most 0.03 %', () => {
  for (const score of [0.02, 0.5, 1, 3.7, 26, 1e5]) {
    expect(scoreOf(codeOf(score)) / score).toBeGreaterThanOrEqual(1 - 1e-12);
    expect(scoreOf(codeOf(score)) / score).toBeLessThan(1.0003);
  }
  expect(scoreOf(codeOf(0))).toBe(0);
});
