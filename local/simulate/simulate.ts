import { usedVolatility } from '../../lambda/margin/statistics/variance.ts';
import { type CellResult, cellResult } from './cell-result.ts';
import { costOfOneCheck } from './check-cost.ts';
import type { CompiledBook } from './compiled-book.ts';
import { type ClosedForm, closedForm, type Frontier, frontierOf } from './frontier.ts';
import type { LiveVolatility } from './looks.ts';
import { runPaths } from './pool.ts';
import type { PriceModel } from './price-model.ts';
import { type Collateral, type Setup, type SetupInput, setUp } from './setup.ts';

export interface SimulationInput extends SetupInput {
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
  readonly paths: number;
  /** More than `paths` if the simulation was stopped. */
  readonly pathsAsked: number;
  readonly hours: number;
  readonly stepSeconds: number;
  readonly seed: number;
  readonly factor: string;
  readonly model: PriceModel;
  readonly live: LiveVolatility;
  readonly capitalRate: number;
  readonly collateral: Collateral;
  readonly book: SimulatedBook;
  readonly grid: readonly CellResult[];
  readonly frontiers: readonly Frontier[];
  readonly closedForms: readonly ClosedForm[];
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

/** @throws StoppedError if stopped before any path was done, and as `setUp` does. */
export async function simulate(input: SimulationInput): Promise<SimulationResult> {
  const setup = setUp(input);
  const rows = await runPaths({ ...input, setup });
  if (rows.length === 0) throw new StoppedError('stopped before any path was done');
  return resultOf(input, setup, rows);
}

export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

function resultOf(
  input: SimulationInput,
  setup: Setup,
  rows: readonly Float64Array[],
): SimulationResult {
  const { document, grid, live, model, seed, hours, capitalRate, collateral } = input;
  const book = bookOf(input, setup);
  const { accounts, openInterest, exposure } = book;
  const totals = { rows, hours, accounts, openInterest, capitalRate };
  const cells = setup.cells.map(({ cell }, index) => cellResult(cell, index, totals));
  const volatility = usedVolatility(live.initial, live);
  const terms = { checkCost: costOfOneCheck(accounts), volatility, exposure, capitalRate };
  return {
    paths: rows.length,
    pathsAsked: input.paths,
    hours,
    stepSeconds: setup.stepSeconds,
    seed,
    factor: document.factor,
    ...{ model, live, capitalRate, collateral, book },
    grid: cells,
    frontiers: grid.executions.map((execution) => frontierOf(execution, cells)),
    closedForms: grid.confidences
      .filter((confidence) => confidence !== null)
      .map((confidence) => closedForm(confidence, terms)),
  };
}

const bookOf = (
  { document }: SimulationInput,
  { book, exposures, leftOut }: Setup,
): SimulatedBook => ({
  accounts: document.subAccounts,
  simulated: book.size,
  indeterminate: document.indeterminate.length,
  leftOut,
  still: document.still,
  openInterest: openInterestOf(book),
  exposure: sum(exposures),
});

/** Without positions, as on a lending desk: the amount that would have to be sold or bought. */
function openInterestOf({ notional, equity }: CompiledBook): number {
  const larger = (values: Float64Array) =>
    Math.max(sum(values.filter((value) => value > 0)), -sum(values.filter((value) => value < 0)));
  return larger(notional) || larger(equity.filter((_, index) => index % 2 === 1));
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
