/** All that a path is run with: plain data, which every thread has a copy of. */
import { usedVolatility } from '../../lambda/margin/overshoot/volatility.ts';
import { type CallLadders, callLadders, callSurplusAt } from './calls.ts';
import { BookError, type CompiledDocument } from './compile-document.ts';
import { type CompiledBook, compiledBook } from './compiled-book.ts';
import { type Cell, cellsOf, type Grid, shockPerVolatility, stepOf } from './grid.ts';
import type { LiveVolatility } from './looks.ts';
import type { PriceModel } from './price-model.ts';
import type { CellTerms } from './run-cell.ts';

export interface Setup {
  readonly book: CompiledBook;
  readonly ladders: CallLadders;
  readonly model: PriceModel;
  readonly live: LiveVolatility;
  readonly seed: number;
  readonly factor: string;
  readonly stepSeconds: number;
  readonly horizonSeconds: number;
  readonly steps: number;
  /** In the order of the grid: cells of one interval follow each other. */
  readonly cells: readonly (Cell & CellTerms)[];
  /** Accounts that the strictest cell would have called before the first step. */
  readonly leftOut: number;
}

export interface SetupInput {
  readonly document: CompiledDocument;
  readonly grid: Grid;
  readonly model: PriceModel;
  readonly live: LiveVolatility;
  readonly seed: number;
  readonly hours: number;
  /** Of the price grid; undefined: the longest that meets every check and fill. */
  readonly stepSeconds?: number | undefined;
  readonly fundFee: number;
}

/** Above it a fall to nothing would be within the buffer. */
const SHOCK_MAX = 0.95;

/** @throws BookError when no account is left, RangeError on a step or a volatility that cannot be. */
export function setUp(input: SetupInput): Setup {
  const { document, grid, live, model, seed } = input;
  const { factor, multipliers } = document;
  const stepSeconds = checkedStep(input.stepSeconds ?? stepOf(grid), grid);
  const cells = cellsOf(grid).map((cell) => ({ ...cell, ...termsOf(cell, input, stepSeconds) }));
  const shockAt = (volatility: number): number =>
    Math.max(...cells.map((cell) => cell.shockFloor + cell.shockPerVolatility * volatility));
  const shockMax = shockAt(live.cap);
  if (shockMax > SHOCK_MAX) {
    throw new RangeError(`the volatility cap of ${live.cap} allows a buffer of ${shockMax}`);
  }
  const all = compiledBook(document.accounts, multipliers);
  const start = { x: 1, shock: shockAt(usedVolatility(live.initial, live)) };
  const kept = document.accounts.filter((_, account) => callSurplusAt(all, account, start) >= 0);
  if (kept.length === 0) {
    throw new BookError('every account is below its call line before the price has moved');
  }
  const book = compiledBook(kept, multipliers);
  const horizonSeconds = input.hours * 3600;
  return {
    book,
    ladders: callLadders(book, shockMax),
    ...{ model, live, seed, factor, stepSeconds, horizonSeconds, cells },
    steps: Math.ceil((horizonSeconds + Math.max(...grid.executions)) / stepSeconds),
    leftOut: document.accounts.length - kept.length,
  };
}

const termsOf = (cell: Cell, input: SetupInput, stepSeconds: number): CellTerms => ({
  shockFloor: cell.confidence === null ? 0 : input.document.shockFloor,
  shockPerVolatility: shockPerVolatility(cell),
  executionSteps: Math.round(cell.executionSeconds / stepSeconds),
  fundFee: input.fundFee,
});

function checkedStep(stepSeconds: number, { intervals, executions }: Grid): number {
  const missed = [...intervals, ...executions].find((seconds) => seconds % stepSeconds !== 0);
  if (missed === undefined) return stepSeconds;
  throw new RangeError(`a step of ${stepSeconds} s does not meet ${missed} s`);
}
