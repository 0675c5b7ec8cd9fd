/** The settings at one execution time that no other beats. */
import type { CellResult } from './cell-result.ts';
import type { Cell } from './grid.ts';

/** USD for 30 days. */
export interface FrontierPoint extends Cell {
  /** Capital in the buffer, plus AWS. */
  readonly runningCost: number;
  readonly badDebt: number;
}

/** Cheapest to run first; each leaves less bad debt than the one before. */
export function frontierOf(cells: readonly CellResult[]): FrontierPoint[] {
  const points = cells
    .map(
      ({ costPerMonth, ...cell }): FrontierPoint => ({
        ...addressOf(cell),
        runningCost: costPerMonth.capital + costPerMonth.aws,
        badDebt: costPerMonth.badDebt,
      }),
    )
    .sort((left, right) => left.runningCost - right.runningCost || left.badDebt - right.badDebt);
  let least = Number.POSITIVE_INFINITY;
  return points.filter(({ badDebt }) => {
    const isBetter = badDebt < least;
    least = Math.min(least, badDebt);
    return isBetter;
  });
}

export const addressOf = ({ intervalSeconds, confidence, executionSeconds }: Cell): Cell => ({
  intervalSeconds,
  confidence,
  executionSeconds,
});

export const isAt =
  (left: Cell) =>
  (right: Cell): boolean =>
    left.intervalSeconds === right.intervalSeconds &&
    left.confidence === right.confidence &&
    left.executionSeconds === right.executionSeconds;
