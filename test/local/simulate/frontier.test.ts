import { expect, it } from 'vitest';
import { bestInterval } from '../../../local/analysis/overshoot/best-interval.ts';
import type { CellResult } from '../../../local/simulate/cell-result.ts';
import { awsCost, costOfOneCheck } from '../../../local/simulate/check-cost.ts';
import { distributionOf, meanOf } from '../../../local/simulate/distribution.ts';
import { closedForm, frontierOf } from '../../../local/simulate/frontier.ts';
import { GRID_DEFAULT, stepOf } from '../../../local/simulate/grid.ts';

const cell = (intervalSeconds: number, badDebt: number, capital: number) =>
  ({
    intervalSeconds,
    confidence: 0.99,
    executionSeconds: 30,
    costPerMonth: { badDebt, capital, aws: 1, total: badDebt + capital + 1 },
  }) as CellResult;

it('a cell that costs more and loses as much is not on the frontier', () => {
  const grid = [cell(10, 5, 40), cell(60, 20, 20), cell(300, 20, 30), cell(900, 90, 10)];
  const { points, recommended } = frontierOf(30, grid);
  expect(points.map(({ intervalSeconds }) => intervalSeconds)).toEqual([900, 60, 10]);
  expect(recommended).toEqual({ intervalSeconds: 60, confidence: 0.99, executionSeconds: 30 });
});

it('the closed form is that of the core, with the book’s exposure and price of a check', () => {
  const terms = { checkCost: 0.002, volatility: 0.8, exposure: 1e8, capitalRate: 0.1 };
  const { gapSeconds, costPerMonth } = closedForm(0.99, terms);
  // The Student-t quantile 2.64949 in place of 2.326: (2.326/2.64949)^{2/3} of 11.3165 s.
  expect(gapSeconds).toBeCloseTo(11.3165 * (2.326 / 2.64949) ** (2 / 3), 3);
  const bufferCost = (1.0507267e-4 * 2.64949) / 2.326;
  const { costPerSecond } = bestInterval({ checkCost: 0.002, bufferCost });
  expect(costPerMonth / (costPerSecond * 2_592_000)).toBeCloseTo(1, 5);
});

it('the cost of one more check excludes what is paid by the month', () => {
  const book = { accounts: 100_000, eventsPerCheck: 0 };
  const [once, twice] = [60, 30].map((intervalSeconds) => awsCost({ ...book, intervalSeconds }));
  const checks = 43_200 * costOfOneCheck(100_000);
  expect((twice ?? 0) - (once ?? 0)).toBeCloseTo(checks, 6);
});

it('a quantile is the least value that this share of the values does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(distributionOf(hundred)).toMatchObject({ mean: 50.5, p95: 95, p99: 99, worst: 100 });
  expect(distributionOf([7])).toEqual({ mean: 7, standardError: 0, p95: 7, p99: 7, worst: 7 });
  expect(meanOf([1, 3])).toEqual({ mean: 2, standardError: 1 });
});

it('the step is the longest that meets every check and every fill', () => {
  expect(stepOf(GRID_DEFAULT)).toBe(10);
  expect(stepOf({ intervals: [60, 300], confidences: [], executions: [0, 45] })).toBe(15);
});
