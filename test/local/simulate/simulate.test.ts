import { expect, it } from 'vitest';
import { deviationOver } from '../../../lambda/margin/statistics/scale.ts';
import { OVERSHOOT_MEAN } from '../../../local/analysis/overshoot/stationary.ts';
import { generatedDocument } from '../../../local/simulate/generated-book.ts';
import { gaussianModel } from '../../../local/simulate/price-model.ts';
import { type SimulationInput, simulate } from '../../../local/simulate/simulate.ts';
import { simulationTables } from '../../../local/simulate/tables.ts';
import { compiled, SMALL } from './documents.ts';

const INPUT: SimulationInput = { ...SMALL, paths: 22, workers: 1, capitalRate: 0.1 };

it('the result is byte-identical for any number of workers', async () => {
  const texts = await Promise.all(
    [1, 2, 3].map(async (workers) => JSON.stringify(await simulate({ ...INPUT, workers }))),
  );
  expect(new Set(texts).size).toBe(1);
});

it('a stopped simulation reports the finished paths, as if only they had been asked for', async () => {
  const stop = new AbortController();
  const onProgress = (done: number) => done >= 8 && stop.abort();
  const { signal } = stop;
  const stopped = await simulate({ ...INPUT, workers: 2, paths: 500, signal, onProgress });
  expect(stopped.pathsAsked).toBe(500);
  expect(stopped.paths).toBeGreaterThanOrEqual(8);
  expect(stopped.paths).toBeLessThan(40);
  const { paths } = stopped;
  expect({ ...stopped, pathsAsked: paths }).toEqual(await simulate({ ...INPUT, paths }));
});

it('a simulation stopped before its first path has nothing to report', async () => {
  await expect(simulate({ ...INPUT, signal: AbortSignal.abort() })).rejects.toThrow('stopped');
});

it('costs add up, a buffer costs capital, and the frontier rises in cost and falls in bad debt', async () => {
  const result = await simulate({
    ...INPUT,
    paths: 60,
    model: { ...INPUT.model, jumpsPerYear: 900 },
  });
  expect(result.grid).toHaveLength(8);
  for (const { confidence, costPerMonth: cost } of result.grid) {
    expect(cost.total).toBeCloseTo(cost.badDebt + cost.capital + cost.aws, 6);
    expect(cost.capital > 0).toBe(confidence !== null);
    expect(cost.aws).toBeGreaterThan(10);
  }
  expect(result.frontiers.map(({ executionSeconds }) => executionSeconds)).toEqual([0, 60]);
  for (const { points, recommended, executionSeconds } of result.frontiers) {
    const own = result.grid.filter((cell) => cell.executionSeconds === executionSeconds);
    const best = own.find((cell) =>
      Object.entries(recommended).every(([name, value]) => cell[name as 'confidence'] === value),
    );
    expect(best?.costPerMonth.total).toBe(
      Math.min(...own.map(({ costPerMonth }) => costPerMonth.total)),
    );
    for (const [index, point] of points.slice(1).entries()) {
      expect(point.runningCost).toBeGreaterThan(points[index]?.runningCost ?? Infinity);
      expect(point.badDebt).toBeLessThan(points[index]?.badDebt ?? 0);
    }
  }
  expect(result.closedForms.map(({ confidence }) => confidence)).toEqual([0.99]);
  expect(simulationTables(result)).toContain('Lowest total cost: a check every');
});

it('the fund takes a fee on liquidations, and falls by less', async () => {
  const model = { ...INPUT.model, jumpsPerYear: 900 };
  const [without, fed] = await Promise.all(
    [0, 0.02].map((fundFee) => simulate({ ...INPUT, paths: 40, model, fundFee })),
  );
  for (const [index, cell] of (without?.grid ?? []).entries()) {
    const { fundDrawdown } = fed?.grid[index] ?? {};
    expect(fundDrawdown?.mean).toBeLessThanOrEqual(cell.fundDrawdown.mean);
    expect(fed?.grid[index]?.badDebtBasisPoints).toEqual(cell.badDebtBasisPoints);
    expect(cell.fundDrawdown.worst).toBeGreaterThanOrEqual(cell.fundDrawdown.p99);
  }
});

it('accounts on Gaussian steps overshoot their lines by β·s_Δ', async () => {
  const { grid } = await simulate({
    ...INPUT,
    model: gaussianModel(0.8),
    document: compiled(generatedDocument({ seed: 2, accounts: 400, leverage: 20 })),
    grid: { intervals: [10], confidences: [null], executions: [0] },
    paths: 80,
    hours: 12,
  });
  const overshoot = (grid[0]?.meanOvershootBasisPoints ?? 0) / 10_000;
  // Some 5,000 liquidations, many of them found at one check: a deviation of 2 %.
  expect(Math.abs(overshoot / (OVERSHOOT_MEAN * deviationOver(0.8, 10)) - 1)).toBeLessThan(0.06);
});
