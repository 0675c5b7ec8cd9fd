import { expect, it } from 'vitest';
import { deviationOver } from '../../../lambda/margin/statistics/scale.ts';
import { OVERSHOOT_MEAN } from '../../../local/analysis/overshoot/stationary.ts';
import { generatedDocument } from '../../../local/simulate/generated-book.ts';
import { BITCOIN, gaussianModel } from '../../../local/simulate/price-model.ts';
import { pricePath } from '../../../local/simulate/price-path.ts';
import {
  type ExecutionResult,
  type SimulationInput,
  type SimulationResult,
  simulate,
} from '../../../local/simulate/simulate.ts';
import { simulationTables } from '../../../local/simulate/tables.ts';
import { compiled, rowsOf, SMALL } from './documents.ts';

const WILD = { ...BITCOIN, volatility: 2.5 };
const INPUT: SimulationInput = {
  ...{ ...SMALL, model: WILD },
  ...{ paths: 10, workers: 1, capitalRate: 0.1 },
};

const executionsOf = ({ runs }: SimulationResult): readonly ExecutionResult[] =>
  runs[0]?.executions ?? [];
const gridOf = (result: SimulationResult) => executionsOf(result).flatMap(({ grid }) => grid);

it('the result is byte-identical for any number of workers', async () => {
  const texts = await Promise.all(
    [1, 2, 3].map(async (workers) => JSON.stringify(await simulate({ ...INPUT, workers }))),
  );
  expect(new Set(texts).size).toBe(1);
});

it('a stopped simulation reports the finished paths', async () => {
  const stop = new AbortController();
  const onProgress = (done: number) => done >= 8 && stop.abort();
  const { signal } = stop;
  const stopped = await simulate({ ...INPUT, workers: 2, paths: 500, signal, onProgress });
  expect(stopped).toMatchObject({ pathsAsked: 500, isStopped: true });
  expect(stopped.runs[0]?.paths).toBeGreaterThanOrEqual(8);
  expect(stopped.runs[0]?.paths).toBeLessThan(40);
  expect(simulationTables(stopped)).toContain('Stopped before all 500 paths were done');
});

it('a simulation stopped before its first path has nothing to report', async () => {
  await expect(simulate({ ...INPUT, signal: AbortSignal.abort() })).rejects.toThrow('stopped');
});

it('costs add up, a buffer costs capital, and the frontier rises in cost and falls in bad debt', async () => {
  const result = await simulate({ ...INPUT, paths: 30 });
  expect(gridOf(result)).toHaveLength(8);
  for (const { confidence, costPerMonth: cost, ...cell } of gridOf(result)) {
    expect(cost.total).toBeCloseTo(cost.badDebt + cost.capital + cost.aws, 6);
    expect(cost.capital > 0).toBe(confidence !== null);
    expect(cost.aws).toBeGreaterThan(10);
    expect(cell.shockHeld.mean).toBeLessThanOrEqual(result.shockMax + 1e-12);
    expect(cell.shockHeld.mean).toBeLessThanOrEqual(cell.shockForecast + 1e-12);
  }
  expect(executionsOf(result).map(({ executionSeconds }) => executionSeconds)).toEqual([0, 60]);
  for (const { frontier, advice, grid } of executionsOf(result)) {
    const totals = grid.map(({ costPerMonth }) => costPerMonth.total);
    const best = grid[totals.indexOf(Math.min(...totals))];
    expect(best).toMatchObject(advice.best);
    for (const [index, point] of frontier.slice(1).entries()) {
      expect(point.runningCost).toBeGreaterThan(frontier[index]?.runningCost ?? Infinity);
      expect(point.badDebt).toBeLessThan(frontier[index]?.badDebt ?? 0);
    }
  }
});

it('at equal capital every interval holds the buffer of the shortest, a longer one less of its Λ*', async () => {
  const grid = { intervals: [60, 300, 900], confidences: [0.95, 0.99], executions: [60] };
  const result = await simulate({ ...INPUT, model: BITCOIN, grid, paths: 12, shockMax: 0.2 });
  const [{ equalCapital } = { equalCapital: [] }] = executionsOf(result);
  for (const confidence of grid.confidences) {
    const cells = equalCapital.filter((cell) => cell.confidence === confidence);
    expect(cells.map(({ intervalSeconds }) => intervalSeconds)).toEqual(grid.intervals);
    const [shortest, ...longer] = cells;
    expect(shortest?.scale).toBeCloseTo(1, 6);
    for (const cell of longer) {
      expect(cell.scale).toBeLessThan(0.9);
      expect(Math.abs(cell.bufferHeld / (shortest?.bufferHeld ?? 0) - 1)).toBeLessThan(0.06);
    }
    expect(longer[1]?.scale).toBeLessThan(longer[0]?.scale ?? 0);
  }
});

it('a bound of 0 is as no buffer, and a higher bound holds more and exceeds less', async () => {
  const document = compiled(generatedDocument({ seed: 1, accounts: 100, leverage: 20 }));
  const grid = { intervals: [300], confidences: [null, 0.99], executions: [60] };
  const [none, some, much] = await Promise.all(
    [0, 0.01, 0.1].map(async (shockMax) =>
      gridOf(await simulate({ ...INPUT, document, grid, shockMax, paths: 40 })),
    ),
  );
  expect(none?.[1]?.costPerMonth.badDebt).toBe(none?.[0]?.costPerMonth.badDebt);
  expect(none?.[1]?.bufferHeld).toBe(0);
  expect(some?.[1]?.bufferHeld).toBeGreaterThan(0);
  expect(much?.[1]?.bufferHeld).toBeGreaterThan(some?.[1]?.bufferHeld ?? Infinity);
  expect(much?.[1]?.exceedanceProbability).toBeLessThan(some?.[1]?.exceedanceProbability ?? 0);
  expect(some?.[1]?.costPerMonth.badDebt).toBeLessThan(none?.[1]?.costPerMonth.badDebt ?? 0);
});

it('a history is replayed beside the model with the same accounts, where it is fine enough', async () => {
  const request = { seed: 1, factor: 'X', path: 0, stepSeconds: 60, runIn: 0, steps: 3000 };
  const { closes } = pricePath(WILD, request).logs;
  const moves = closes.subarray(1).map((log, step) => log - (closes[step] ?? 0));
  const grid = { intervals: [60, 300], confidences: [null, 0.99], executions: [0, 30] };
  const result = await simulate({ ...INPUT, grid, history: rowsOf(moves), paths: 8 });
  const [model, replay] = result.runs;
  expect([model?.source, replay?.source]).toEqual(['model', 'replay']);
  expect(replay?.executions.map(({ executionSeconds }) => executionSeconds)).toEqual([0]);
  expect(replay?.notReplayed).toEqual({ intervals: [], executions: [30] });
  expect(replay?.executions[0]?.grid).toHaveLength(4);
  expect(JSON.stringify(result).length).toBeLessThan(60_000);
  const text = simulationTables(result);
  expect(text).toContain('real Λ');
  expect(text).toContain('Real prices, replayed: ');
  expect(text).toContain('too coarse: orders filled after 30 s');
});

it('the fund takes a fee on liquidations, and falls by less', async () => {
  const [without, fed] = await Promise.all(
    [0, 0.02].map(async (fundFee) => gridOf(await simulate({ ...INPUT, paths: 40, fundFee }))),
  );
  for (const [index, cell] of (without ?? []).entries()) {
    const { fundDrawdown, badDebtBasisPoints } = fed?.[index] ?? {};
    expect(fundDrawdown?.mean).toBeLessThanOrEqual(cell.fundDrawdown.mean);
    expect(badDebtBasisPoints).toEqual(cell.badDebtBasisPoints);
    expect(cell.fundDrawdown.worst).toBeGreaterThanOrEqual(cell.fundDrawdown.p99);
  }
});

it('accounts on Gaussian steps overshoot their lines by β·s_Δ', async () => {
  const result = await simulate({
    ...INPUT,
    model: gaussianModel(0.8),
    document: compiled(generatedDocument({ seed: 2, accounts: 400, leverage: 20 })),
    grid: { intervals: [10], confidences: [null], executions: [0] },
    paths: 80,
    hours: 12,
  });
  const overshoot = (gridOf(result)[0]?.meanOvershootBasisPoints ?? 0) / 10_000;
  // Some 5,000 liquidations, many of them found at one check: a deviation of 2 %.
  expect(Math.abs(overshoot / (OVERSHOOT_MEAN * deviationOver(0.8, 10)) - 1)).toBeLessThan(0.06);
});
