/** The settings at one execution time that no other beats, and the best one. */
import { bestInterval, bufferCostOf } from '../analysis/overshoot/best-interval.ts';
import type { CellResult } from './cell-result.ts';
import { bufferQuantile, type Cell } from './grid.ts';

export interface Frontier {
  readonly executionSeconds: number;
  /** Cheapest to run first; each leaves less bad debt than the one before. */
  readonly points: readonly FrontierPoint[];
  readonly recommended: Cell;
  /**
   * The best has the shortest or longest interval, or the highest confidence: better may lie
   * beyond.
   */
  readonly isAtEdge: boolean;
}

/** USD for 30 days. */
export interface FrontierPoint extends Cell {
  /** Capital in the buffer, plus AWS. */
  readonly runningCost: number;
  readonly badDebt: number;
}

export function frontierOf(executionSeconds: number, grid: readonly CellResult[]): Frontier {
  const cells = grid.filter((cell) => cell.executionSeconds === executionSeconds);
  const points = cells
    .map(
      ({ costPerMonth, ...cell }): FrontierPoint => ({
        ...addressOf(cell),
        runningCost: costPerMonth.capital + costPerMonth.aws,
        badDebt: costPerMonth.badDebt,
      }),
    )
    .sort((left, right) => left.runningCost - right.runningCost || left.badDebt - right.badDebt);
  const best = cells.reduce((left, right) =>
    right.costPerMonth.total < left.costPerMonth.total ? right : left,
  );
  let least = Number.POSITIVE_INFINITY;
  return {
    executionSeconds,
    points: points.filter(({ badDebt }) => {
      const isBetter = badDebt < least;
      least = Math.min(least, badDebt);
      return isBetter;
    }),
    recommended: addressOf(best),
    isAtEdge: isOutermost(best, cells),
  };
}

function isOutermost(best: Cell, cells: readonly Cell[]): boolean {
  const intervals = cells.map(({ intervalSeconds }) => intervalSeconds);
  const ends = [Math.min(...intervals), Math.max(...intervals)];
  const highest = Math.max(...cells.map(({ confidence }) => confidence ?? 0));
  return ends.includes(best.intervalSeconds) || best.confidence === highest;
}

const addressOf = ({ intervalSeconds, confidence, executionSeconds }: Cell): Cell => ({
  intervalSeconds,
  confidence,
  executionSeconds,
});

/** Δ* of local/analysis/overshoot/best-interval.ts, which ignores bad debt. */
export interface ClosedForm {
  readonly confidence: number;
  readonly gapSeconds: number;
  /** USD for 30 days at Δ*, without floor and execution time. */
  readonly costPerMonth: number;
}

const MONTH_SECONDS = 30 * 86_400;

export function closedForm(
  confidence: number,
  terms: {
    readonly checkCost: number;
    readonly volatility: number;
    /** USD that the buffer is charged on. */
    readonly exposure: number;
    readonly capitalRate: number;
  },
): ClosedForm {
  const { checkCost, volatility, exposure: openInterest, capitalRate } = terms;
  const quantile = bufferQuantile(confidence);
  const bufferCost = bufferCostOf({ quantile, volatility, openInterest, capitalRate });
  const { gapSeconds, costPerSecond } = bestInterval({ checkCost, bufferCost });
  return { confidence, gapSeconds, costPerMonth: costPerSecond * MONTH_SECONDS };
}
