import { type Advice, adviceOf } from './advice.ts';
import {
  type CellResult,
  type CellTotals,
  cellResult,
  figureOf,
  pathCosts,
} from './cell-result.ts';
import { type CompiledBook, exposuresOf } from './compiled-book.ts';
import { crashBlocks } from './crash-blocks.ts';
import { PILOT_PATHS, withEqualCapital } from './equal-capital.ts';
import { EVENT_STEP_SECONDS } from './events.ts';
import type { ModelFit } from './fit-model.ts';
import { type FrontierPoint, frontierOf } from './frontier.ts';
import type { Grid } from './grid.ts';
import type { PriceSource } from './market-paths.ts';
import { runPaths } from './pool.ts';
import type { PriceModel } from './price-model.ts';
import type { PriceRows } from './price-rows.ts';
import { isRefinable } from './refined-rows.ts';
import { type Collateral, type Setup, type SetupInput, setUp } from './setup.ts';

export interface SimulationInput extends Omit<SetupInput, 'source'> {
  readonly model: PriceModel;
  /** A history that is replayed beside the model. */
  readonly history?: PriceRows | undefined;
  readonly fit?: ModelFit | undefined;
  readonly paths: number;
  readonly workers: number;
  /** Per year, as a fraction above zero. */
  readonly capitalRate: number;
  /** Once aborted, the result covers the paths that are done. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** The same for any number of workers. */
export interface SimulationResult {
  readonly isStopped: boolean;
  readonly pathsAsked: number;
  readonly hours: number;
  readonly seed: number;
  readonly factor: string;
  readonly model: PriceModel;
  readonly fit?: ModelFit | undefined;
  readonly shockMax: number;
  readonly capitalRate: number;
  readonly collateral: Collateral;
  readonly book: SimulatedBook;
  /** The model; then the replay, if there is a history. */
  readonly runs: readonly SimulationRun[];
}

export interface SimulationRun {
  readonly source: PriceSource['kind'];
  readonly paths: number;
  readonly stepSeconds: number;
  /** Seconds between the rows of the file, if what lies between them is drawn. */
  readonly drawnBetweenSeconds?: number | undefined;
  readonly executions: readonly ExecutionResult[];
  /** Settings that the history is too coarse for. */
  readonly notReplayed: Pick<Grid, 'intervals' | 'executions'>;
  readonly crashes: number;
}

export interface ExecutionResult {
  readonly executionSeconds: number;
  /** Every setting at its confidence, and the buffered ones once more at equal capital. */
  readonly grid: readonly CellResult[];
  readonly equalCapital: readonly CellResult[];
  /** Each setting of the grid with checks that a move of the price starts; empty unless asked for. */
  readonly events: readonly CellResult[];
  readonly frontier: readonly FrontierPoint[];
  readonly advice: Advice;
}

export interface SimulatedBook {
  /** Sub-accounts: cross books and isolated positions. */
  readonly accounts: number;
  readonly simulated: number;
  readonly indeterminate: number;
  /** Below a call line of the grid before the price moves. */
  readonly leftOut: number;
  readonly still: readonly string[];
  /** USD: all longs or all shorts, whichever is more. */
  readonly openInterest: number;
  /** USD: Σ |d surplus/dx|, which a buffer is charged on. */
  readonly exposure: number;
}

export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** @throws StoppedError if stopped before any path was done, and as `setUp` does. */
export async function simulate(input: SimulationInput): Promise<SimulationResult> {
  const { history, paths, onProgress } = input;
  const modelled = setUp({ ...input, source: { kind: 'model', model: input.model } });
  const runs: SimulationRun[] = [];
  const first = await runOf(input, modelled, { notReplayed: NONE, crashes: 0 });
  if (first === undefined) throw new StoppedError('stopped before any path was done');
  runs.push(first);
  if (history !== undefined) {
    const replayed = replaySetup(input, history);
    const after = (done: number) => onProgress?.(paths + done);
    const second =
      replayed && (await runOf({ ...input, onProgress: after }, replayed.setup, replayed.told));
    if (second !== undefined) runs.push(second);
  }
  const { hours, seed, capitalRate, collateral, model, fit } = input;
  return {
    isStopped: runs.some((run) => run.paths < paths) || input.signal?.aborted === true,
    pathsAsked: paths,
    ...{ hours, seed, model, fit, capitalRate, collateral, runs },
    factor: input.document.factor,
    shockMax: modelled.shockMax,
    book: bookOf(input, modelled),
  };
}

const NONE = { intervals: [], executions: [] };

function drawnBetween({ source, stepSeconds }: Setup): number | undefined {
  if (source.kind === 'model') return undefined;
  const { spacingSeconds } = source.replay.rows;
  return stepSeconds < spacingSeconds ? spacingSeconds : undefined;
}

/** Undefined if the history is too coarse for every setting. */
function replaySetup(input: SimulationInput, rows: PriceRows) {
  const { spacingSeconds: spacing } = rows;
  const { intervals, executions } = input.grid;
  const isDrawn =
    input.hasEvents === true || intervals.some((seconds) => isRefinable(spacing, seconds));
  const isTold = (seconds: number) =>
    seconds % spacing === 0 || (isDrawn && isRefinable(spacing, seconds));
  const grid = {
    ...input.grid,
    intervals: intervals.filter(isTold),
    executions: executions.filter(isTold),
  };
  if (grid.intervals.length === 0 || grid.executions.length === 0) return undefined;
  const crashes = crashBlocks(rows);
  const source = { kind: 'replay', replay: { rows, crashes } } as const;
  const hasEvents = input.hasEvents && isRefinable(spacing, EVENT_STEP_SECONDS);
  const isOther = (seconds: number) => !isTold(seconds);
  return {
    setup: setUp({ ...input, grid, source, hasEvents, stepSeconds: undefined }),
    told: {
      notReplayed: { intervals: intervals.filter(isOther), executions: executions.filter(isOther) },
      crashes: crashes.length,
    },
  };
}

/** Undefined if stopped before any path was done. */
async function runOf(
  input: SimulationInput,
  setup: Setup,
  told: Pick<SimulationRun, 'notReplayed' | 'crashes'>,
): Promise<SimulationRun | undefined> {
  const { paths, workers, signal, onProgress } = input;
  const pilotPaths = Math.min(PILOT_PATHS, paths);
  const pilot = await runPaths({ setup, work: 'pilot', paths: pilotPaths, workers, signal });
  if (pilot.length < pilotPaths) return undefined;
  const whole = withEqualCapital(setup, pilot);
  const rows = await runPaths({ setup: whole, work: 'run', paths, workers, signal, onProgress });
  if (rows.length === 0) return undefined;
  const { accounts, openInterest } = bookOf(input, whole);
  const { hours, capitalRate, seed } = input;
  const totals = { rows, cells: whole.cells, hours, accounts, openInterest, capitalRate };
  const results = whole.cells.map((_, index) => cellResult(index, totals));
  const executions = [...new Set(whole.cells.map(({ cell }) => cell.executionSeconds))];
  return {
    ...told,
    source: setup.source.kind,
    paths: rows.length,
    stepSeconds: setup.stepSeconds,
    drawnBetweenSeconds: drawnBetween(setup),
    executions: executions.map((each) => executionResult(each, { results, totals, seed })),
  };
}

interface Results {
  readonly results: readonly CellResult[];
  readonly totals: CellTotals;
  readonly seed: number;
}

function executionResult(
  executionSeconds: number,
  { results, totals, seed }: Results,
): ExecutionResult {
  const own = results.filter((cell) => cell.executionSeconds === executionSeconds);
  const grid = own.filter(({ basis }) => basis === 'confidence');
  const costed = grid.map((result) => {
    const index = results.indexOf(result);
    return { result, costs: pathCosts(totals, index), held: figureOf(totals, index, 'held') };
  });
  return {
    executionSeconds,
    grid,
    equalCapital: own.filter(({ basis }) => basis === 'capital'),
    events: own.filter(({ basis }) => basis === 'events'),
    frontier: frontierOf(grid),
    advice: adviceOf(costed, seed),
  };
}

function bookOf({ document }: SimulationInput, { book, slopes, leftOut }: Setup): SimulatedBook {
  const { down, up } = exposuresOf(slopes);
  return {
    accounts: document.subAccounts,
    simulated: book.size,
    indeterminate: document.indeterminate.length,
    leftOut,
    still: document.still,
    openInterest: openInterestOf(book),
    exposure: down + up,
  };
}

/** Without positions, as on a lending desk: the amount that would have to be sold or bought. */
function openInterestOf({ notional, equity }: CompiledBook): number {
  const larger = (values: Float64Array) =>
    Math.max(sum(values.filter((value) => value > 0)), -sum(values.filter((value) => value < 0)));
  return larger(notional) || larger(equity.filter((_, index) => index % 2 === 1));
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
