/** Plain data, copied to every thread. */
import { BookError, type CompiledDocument } from './compile-document.ts';
import { type CompiledBook, callSurplusAt, compiledBook, slopesOf } from './compiled-book.ts';
import { EVENT_STEP_SECONDS } from './events.ts';
import type { ForecastPolicy } from './forecasts.ts';
import { type Cell, cellsOf, type Grid, stepOf } from './grid.ts';
import { type PriceSource, spacingOf } from './market-paths.ts';
import { isRefinable } from './refined-rows.ts';
import type { CellTerms } from './run-cell.ts';

/**
 * funded: each account also holds the buffer that its cell requires at the start, so it is equally
 * far from its line in all cells and the buffer's capital exists. given: each account holds the
 * same in every cell, so a larger buffer liquidates it earlier.
 */
export type Collateral = 'funded' | 'given';

/**
 * Λ at the stated confidence, or so much of it that every interval holds as much capital; or at the
 * confidence, with checks that a move of the price starts.
 */
export type Basis = 'confidence' | 'capital' | 'events';

export interface Setup {
  readonly book: CompiledBook;
  /** dH/dx by account. */
  readonly slopes: Float64Array;
  readonly source: PriceSource;
  readonly forecast: ForecastPolicy;
  readonly shockMax: number;
  readonly collateral: Collateral;
  readonly seed: number;
  readonly factor: string;
  readonly stepSeconds: number;
  readonly horizonSeconds: number;
  /** Steps before and after the start. */
  readonly runIn: number;
  readonly steps: number;
  /** Cells with the same forecast follow each other. */
  readonly cells: readonly CellSetup[];
  readonly leftOut: number;
}

export interface CellSetup {
  readonly cell: Cell;
  readonly basis: Basis;
  readonly terms: CellTerms;
}

export interface SetupInput {
  readonly document: CompiledDocument;
  readonly grid: Grid;
  readonly source: PriceSource;
  readonly stress: Pick<ForecastPolicy, 'stress' | 'stressWeight'>;
  /** Default: that of the account's class. */
  readonly shockMax?: number | undefined;
  readonly seed: number;
  readonly hours: number;
  /** Default: the longest that meets every check and fill. */
  readonly stepSeconds?: number | undefined;
  readonly collateral: Collateral;
  readonly fundFee: number;
  /** Each cell is run once more, with checks that a move of the price starts. */
  readonly hasEvents?: boolean | undefined;
}

/** Checks of the longest interval that teach the forecast before the start. */
const RUN_IN_CHECKS = 300;

/** With a larger one a fall to zero would be within the buffer. */
export const SHOCK_MAX = 0.95;

/** @throws BookError when no account is left, RangeError on an invalid step. */
export function setUp(input: SetupInput): Setup {
  const { document, grid, source, seed, collateral } = input;
  const { factor, shock } = document;
  const stepSeconds = checkedStep(input);
  const shockMax = Math.min(SHOCK_MAX, input.shockMax ?? shock.shockMax);
  const isBuffered = grid.confidences.some((confidence) => confidence !== null);
  const book = keptOf(document, collateral === 'given' && isBuffered ? shockMax : 0);
  const horizonSeconds = input.hours * 3600;
  return {
    book,
    slopes: slopesOf(book),
    forecast: { ...input.stress, floor: shock.floor },
    ...{ source, shockMax, collateral, seed, factor, stepSeconds, horizonSeconds },
    runIn: Math.ceil((RUN_IN_CHECKS * Math.max(...grid.intervals)) / stepSeconds),
    steps: Math.ceil((horizonSeconds + Math.max(...grid.executions)) / stepSeconds),
    cells: cellsOf(grid).flatMap((cell): CellSetup[] => {
      const executionSteps = Math.round(cell.executionSeconds / stepSeconds);
      const holding = { scale: 1, shockMax };
      const terms = { executionSteps, fundFee: input.fundFee, holding };
      const driven = { cell, basis: 'events', terms: { ...terms, isEventDriven: true } } as const;
      return [{ cell, basis: 'confidence', terms }, ...(input.hasEvents ? [driven] : [])];
    }),
    leftOut: document.accounts.length - book.size,
  };
}

/** Drops accounts that would be called before the price moves. */
function keptOf({ accounts, multipliers }: CompiledDocument, largest: number): CompiledBook {
  const all = compiledBook(accounts, multipliers);
  const shock = { down: largest, up: largest };
  const kept = accounts.filter((_, account) => callSurplusAt(all, account, { x: 1, shock }) >= 0);
  if (kept.length > 0) return compiledBook(kept, multipliers);
  throw new BookError('every account is below its call line before the price moves');
}

function checkedStep({ stepSeconds, grid, source, hasEvents }: SetupInput): number {
  const spacing = spacingOf(source);
  const longest = hasEvents
    ? EVENT_STEP_SECONDS
    : stepOf(grid, source.kind === 'model' ? spacing : 0);
  const step = stepSeconds ?? longest;
  const times = [...grid.intervals, ...grid.executions];
  const missed = (source.kind === 'model' ? [...times, spacing] : times).find(
    (seconds) => seconds % step !== 0,
  );
  if (missed !== undefined) throw new RangeError(`a step of ${step} s does not divide ${missed} s`);
  if (source.kind === 'model' || step % spacing === 0 || isRefinable(spacing, step)) return step;
  throw new RangeError(
    `a step of ${step} s is no multiple of the ${spacing} s of the prices, and no part of a minute of them`,
  );
}
