import { expect, it } from 'vitest';
import { adviceOf, type Costed, ruleOfThree } from '../../../local/simulate/advice.ts';
import type { CellResult } from '../../../local/simulate/cell-result.ts';
import { answerText, sureText } from '../../../local/simulate/sentences.ts';

const PATHS = 40;

interface Case {
  readonly intervalSeconds: number;
  readonly confidence: number | null;
  readonly cost: number;
  readonly noise?: number;
  readonly shortfalls?: number;
  readonly boundedShare?: number;
}

function costed({ cost, noise = 0, shortfalls = 5, boundedShare = 0, ...cell }: Case): Costed {
  const costs = Array.from({ length: PATHS }, (_, path) => cost + noise * Math.sin(7 * path));
  const total = costs.reduce((sum, each) => sum + each, 0) / PATHS;
  const result = {
    ...{ ...cell, executionSeconds: 30, liquidations: 1500, shortfalls, boundedShare },
    costPerMonth: { total, aws: 0 },
    shockHeld: { mean: 0.01, standardError: 0 },
  } as CellResult;
  return { result, costs, held: costs.map(() => 0.01) };
}

const CASES: readonly Case[] = [
  { intervalSeconds: 60, confidence: null, cost: 50 },
  { intervalSeconds: 60, confidence: 0.99, cost: 30 },
  { intervalSeconds: 60, confidence: 0.999, cost: 40 },
  { intervalSeconds: 300, confidence: null, cost: 60 },
  { intervalSeconds: 300, confidence: 0.99, cost: 20 },
  { intervalSeconds: 300, confidence: 0.999, cost: 45 },
  { intervalSeconds: 900, confidence: null, cost: 90 },
  { intervalSeconds: 900, confidence: 0.99, cost: 70 },
  { intervalSeconds: 900, confidence: 0.999, cost: 80 },
];

/** With another cost at one setting. */
const advised = (changed: Partial<Case> & Pick<Case, 'intervalSeconds' | 'confidence'>) =>
  adviceOf(
    CASES.map((each) =>
      costed(
        each.intervalSeconds === changed.intervalSeconds && each.confidence === changed.confidence
          ? { ...each, ...changed }
          : each,
      ),
    ),
    1,
  );

it('a least cost within the grid, with bad debt seen, is recommended', () => {
  const advice = advised({ intervalSeconds: 300, confidence: 0.99 });
  expect(advice).toMatchObject({
    outcome: 'recommended',
    best: { intervalSeconds: 300, confidence: 0.99 },
    edges: [],
    shortfallBound: null,
    sameIntervalShare: 1,
  });
  expect(advice.intervalFactor).toBeCloseTo(1, 9);
  expect(advice.otherInterval).toMatchObject({ cell: { intervalSeconds: 60, confidence: 0.99 } });
  expect(advice.otherInterval?.more.mean).toBeCloseTo(10, 9);
  expect(advice.otherBuffer?.cell).toMatchObject({ intervalSeconds: 60, confidence: 0.999 });
});

it('the rule of three: without a debt in n liquidations nothing is recommended, and 3/n stated', () => {
  const advice = advised({ intervalSeconds: 300, confidence: 0.99, shortfalls: 0 });
  expect(advice).toMatchObject({ outcome: 'unseen', shortfallBound: 0.002 });
  expect(answerText(advice)).toMatch(/^No recommendation/);
  expect(answerText(advice)).toContain('1,500 liquidations');
  expect(answerText(advice)).toContain('0.2 % (3/n)');
  expect(sureText(advice)).not.toContain('USD');
  expect(ruleOfThree(0)).toBe(1);
  // (1 − 3/n)ⁿ is about 5 %.
  expect((1 - ruleOfThree(1000)) ** 1000).toBeCloseTo(0.05, 2);
});

it.each([
  [{ intervalSeconds: 900, confidence: 0.99, cost: 1 }, ['longest interval']],
  [{ intervalSeconds: 300, confidence: 0.999, cost: 1 }, ['highest confidence']],
  [
    { intervalSeconds: 900, confidence: 0.999, cost: 1 },
    ['longest interval', 'highest confidence'],
  ],
])('a least cost at the edge of the grid is no recommendation: %j', (changed, edges) => {
  const advice = advised(changed);
  expect(advice).toMatchObject({ outcome: 'edge', edges });
  expect(answerText(advice)).toMatch(/^No recommendation, .* at the edge of what was tried .* --/);
});

it.each([
  [
    'a minute, the shortest that can be deployed',
    { intervalSeconds: 60, confidence: 0.99, cost: 1 },
  ],
  ['no buffer at all', { intervalSeconds: 300, confidence: null, cost: 1 }],
  [
    'the highest confidence of a buffer at its bound',
    { intervalSeconds: 300, confidence: 0.999, cost: 1, boundedShare: 0.95 },
  ],
])('%s is no edge', (_, changed) => {
  expect(advised(changed)).toMatchObject({ outcome: 'recommended', edges: [] });
});

it('a shortest interval above a minute is an edge: prices are too coarse to tell', () => {
  const coarse = CASES.map((each) => ({ ...each, intervalSeconds: each.intervalSeconds * 5 }));
  const all = coarse.map((each) =>
    costed(each.intervalSeconds === 300 && each.confidence === 0.99 ? { ...each, cost: 1 } : each),
  );
  expect(adviceOf(all, 1)).toMatchObject({ outcome: 'edge', edges: ['shortest interval'] });
});

it('where noise decides, the choice has a standard error and the rival is not told apart', () => {
  const noisy = { intervalSeconds: 300, confidence: 0.99, cost: 29.5, noise: 30 };
  const advice = advised(noisy);
  expect(advice.intervalFactor).toBeGreaterThan(1.5);
  expect(advice.sameIntervalShare).toBeLessThan(0.8);
  expect(sureText(advice)).toContain('too little to tell them apart');
  expect(adviceOf(CASES.map(costed), 1)).toEqual(adviceOf(CASES.map(costed), 1));
});
