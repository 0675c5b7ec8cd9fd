import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  codeOf,
  NO_SCORES,
  rankedFrom,
  scoreAtRank,
  scoreOf,
  withScore,
} from '../../../../lambda/margin/statistics/ranked-scores.ts';

const WINDOW = { last: 30, ranks: 6 };
const codes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 120 });

it('the ranks that may be asked for are those of all scores in the window', () => {
  fc.assert(
    fc.property(codes, (all) => {
      const ranked = all.reduce((known, code) => withScore(known, code, WINDOW), NO_SCORES);
      const plain = all.slice(-WINDOW.last).toSorted((left, right) => right - left);
      const asked = plain.slice(0, WINDOW.ranks);
      expect(asked.map((_, index) => scoreAtRank(ranked, index + 1))).toEqual(asked.map(scoreOf));
    }),
  );
});

it('what is stored and ranked again goes on as if it had never been stored', () => {
  fc.assert(
    fc.property(codes, codes, (before, after) => {
      const add = (known: typeof NO_SCORES, code: number) => withScore(known, code, WINDOW);
      const ranked = before.reduce(add, NO_SCORES);
      const restored = rankedFrom(ranked.taken, ranked.kept);
      expect(after.reduce(add, restored)).toEqual(after.reduce(add, ranked));
    }),
  );
});

it('fewer ranks drop scores of any size that enough later ones reach', () => {
  const falling = [9, 8, 7, 6, 5].reduce(
    (known, code) => withScore(known, code, WINDOW),
    NO_SCORES,
  );
  const rising = [5, 6, 7, 8, 9].reduce((known, code) => withScore(known, code, WINDOW), NO_SCORES);
  const narrow = { ...WINDOW, ranks: 2 };
  expect(withScore(falling, 1, narrow).kept.map(({ code }) => code)).toEqual([9, 8, 7, 6, 5, 1]);
  expect(withScore(rising, 1, narrow).kept.map(({ code }) => code)).toEqual([9, 8, 1]);
});

it('a score is rounded up by at most 0.03 %', () => {
  for (const score of [0.02, 0.5, 1, 3.7, 26, 1e5]) {
    expect(scoreOf(codeOf(score)) / score).toBeGreaterThanOrEqual(1 - 1e-12);
    expect(scoreOf(codeOf(score)) / score).toBeLessThan(1.0003);
  }
  expect(scoreOf(codeOf(0))).toBe(0);
});
