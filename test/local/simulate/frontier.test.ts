import { expect, it } from 'vitest';
import type { CellResult } from '../../../local/simulate/cell-result.ts';
import { distributionOf, meanOf } from '../../../local/simulate/distribution.ts';
import { frontierOf } from '../../../local/simulate/frontier.ts';
import { defaultGrid, defaultHours, stepOf } from '../../../local/simulate/grid.ts';

const cell = (intervalSeconds: number, badDebt: number, capital: number) =>
  ({
    intervalSeconds,
    confidence: 0.99,
    executionSeconds: 30,
    costPerMonth: { badDebt, capital, aws: 1, total: badDebt + capital + 1 },
  }) as CellResult;

it('a cell that costs more and loses as much is not on the frontier', () => {
  const grid = [cell(10, 5, 40), cell(60, 20, 20), cell(300, 20, 30), cell(900, 90, 10)];
  const points = frontierOf(grid);
  expect(points.map(({ intervalSeconds }) => intervalSeconds)).toEqual([900, 60, 10]);
});

it('a quantile is the least value that this share of the values does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(distributionOf(hundred)).toMatchObject({ mean: 50.5, p95: 95, p99: 99, worst: 100 });
  expect(distributionOf([7])).toEqual({ mean: 7, standardError: 0, p95: 7, p99: 7, worst: 7 });
  expect(meanOf([1, 3])).toEqual({ mean: 2, standardError: 1 });
});

it('the step is the longest that meets every check, fill and tick', () => {
  const grid = { intervals: [60, 300], confidences: [], executions: [0, 45] };
  expect(stepOf(grid, 0)).toBe(15);
  expect(stepOf({ ...grid, executions: [0] }, 60)).toBe(60);
  expect(stepOf({ ...grid, intervals: [300], executions: [300] }, 90)).toBe(30);
});

it.each([
  [1, 24, [60, 120, 300, 900, 3600], [30]],
  [60, 24, [60, 120, 300, 900, 3600], [60]],
  [300, 24, [300, 900, 3600], [300]],
  [3600, 168, [3600, 14_400, 43_200], [3600]],
  [86_400, 4032, [86_400], [86_400]],
])('prices every %d s tell about intervals from there on', (spacing, hours, intervals, fills) => {
  expect(defaultHours(spacing)).toBe(hours);
  expect(defaultGrid(spacing, hours)).toEqual({ intervals, executions: fills });
});
