/** Plain data, copied to every thread. */
import { usedVolatility } from '../../lambda/margin/statistics/variance.ts';
import { BookError, type CompiledDocument } from './compile-document.ts';
import {
  bufferAt,
  type CompiledBook,
  callSurplusAt,
  compiledBook,
  exposuresOf,
  withCash,
} from './compiled-book.ts';
import { type Cell, cellsOf, type Grid, shockPerVolatility, stepOf } from './grid.ts';
import { type Ladders, laddersOf } from './ladder.ts';
import type { LiveVolatility } from './looks.ts';
import type { PriceModel } from './price-model.ts';
import type { CellTerms } from './run-cell.ts';

/**
 * funded: each account also holds the buffer that its cell requires at the start, so it is equally
 * far from its line in all cells and the buffer's capital exists. given: each account holds the
 * same in every cell, so a larger buffer liquidates it earlier.
 */
export type Collateral = 'funded' | 'given';

export interface Setup {
  readonly book: CompiledBook;
  readonly exposures: Float64Array;
  readonly model: PriceModel;
  readonly live: LiveVolatility;
  readonly seed: number;
  readonly factor: string;
  readonly stepSeconds: number;
  readonly horizonSeconds: number;
  readonly steps: number;
  /** Cells of one interval follow each other. */
  readonly cells: readonly CellSetup[];
  readonly leftOut: number;
}

export interface CellSetup {
  readonly cell: Cell;
  readonly terms: CellTerms;
  readonly book: CompiledBook;
  readonly ladders: Ladders;
}

export interface SetupInput {
  readonly document: CompiledDocument;
  readonly grid: Grid;
  readonly model: PriceModel;
  readonly live: LiveVolatility;
  readonly seed: number;
  readonly hours: number;
  /** Default: the longest that meets every check and fill. */
  readonly stepSeconds?: number | undefined;
  readonly collateral: Collateral;
  readonly fundFee: number;
}

/** Above it, a fall to zero would be within the buffer. */
const SHOCK_MAX = 0.95;

/** @throws BookError when no account is left, RangeError on an invalid step or volatility. */
export function setUp(input: SetupInput): Setup {
  const { document, grid, live, model, seed } = input;
  const { factor } = document;
  const stepSeconds = checkedStep(input.stepSeconds ?? stepOf(grid), grid);
  const cells = cellsOf(grid).map((cell) => ({ cell, terms: termsOf(cell, input, stepSeconds) }));
  const volatility = usedVolatility(live.initial, live);
  const strictest = Math.max(...cells.map(({ terms }) => shockOf(terms, volatility)));
  const book = keptOf(document, input.collateral === 'given' ? strictest : 0);
  const horizonSeconds = input.hours * 3600;
  return {
    book,
    exposures: exposuresOf(book),
    ...{ model, live, seed, factor, stepSeconds, horizonSeconds },
    steps: Math.ceil((horizonSeconds + Math.max(...grid.executions)) / stepSeconds),
    cells: cells.map(({ cell, terms }): CellSetup => {
      const shock = input.collateral === 'given' ? 0 : shockOf(terms, volatility);
      const own = funded(book, shock);
      return { cell, terms, book: own, ladders: laddersOf(own, largestShock(terms, live)) };
    }),
    leftOut: document.accounts.length - book.size,
  };
}

const shockOf = ({ shockFloor, shockPerVolatility: each }: CellTerms, volatility: number): number =>
  shockFloor + each * volatility;

function largestShock(terms: CellTerms, { cap }: LiveVolatility): number {
  const largest = shockOf(terms, cap);
  if (largest <= SHOCK_MAX) return largest;
  throw new RangeError(
    `a volatility cap of ${cap} allows a buffer of ${largest} times the price; at most ${SHOCK_MAX} is possible`,
  );
}

const termsOf = (cell: Cell, input: SetupInput, stepSeconds: number): CellTerms => ({
  shockFloor: cell.confidence === null ? 0 : input.document.shockFloor,
  shockPerVolatility: shockPerVolatility(cell),
  executionSteps: Math.round(cell.executionSeconds / stepSeconds),
  fundFee: input.fundFee,
});

/** Drops accounts that would be called before the price moves. */
function keptOf({ accounts, multipliers }: CompiledDocument, shock: number): CompiledBook {
  const all = compiledBook(accounts, multipliers);
  const kept = accounts.filter((_, account) => callSurplusAt(all, account, { x: 1, shock }) >= 0);
  if (kept.length > 0) return compiledBook(kept, multipliers);
  throw new BookError('every account is below its call line before the price moves');
}

function funded(book: CompiledBook, shock: number): CompiledBook {
  const buffers = Float64Array.from({ length: book.size }, (_, account) =>
    bufferAt(book, account, { x: 1, shock }),
  );
  return withCash(book, buffers);
}

function checkedStep(stepSeconds: number, { intervals, executions }: Grid): number {
  const missed = [...intervals, ...executions].find((seconds) => seconds % stepSeconds !== 0);
  if (missed === undefined) return stepSeconds;
  throw new RangeError(`a step of ${stepSeconds} s does not divide ${missed} s`);
}
