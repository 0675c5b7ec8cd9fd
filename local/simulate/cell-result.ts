import { awsCost } from './check-cost.ts';
import { type Distribution, distributionOf, type Mean, meanOf } from './distribution.ts';
import type { Cell } from './grid.ts';
import { FIGURES, type Figure } from './run-cell.ts';
import type { Basis, CellSetup } from './setup.ts';

/** USD for 30 days. */
export interface CellCosts {
  readonly badDebt: number;
  readonly capital: number;
  readonly aws: number;
  readonly total: number;
  /** Only bad debt and capital differ by path. */
  readonly totalStandardError: number;
}

export interface CellResult extends Cell {
  readonly basis: Basis;
  /** The part of Λ* that is held, up to the bound: 1 unless at equal capital. */
  readonly scale: number;
  readonly liquidations: number;
  readonly liquidationsPerDay: number;
  /** Basis points of open interest, per day. */
  readonly badDebtBasisPoints: Mean;
  /** USD for 30 days more than at the shortest interval, on the same paths. */
  readonly badDebtMore: Mean;
  /** USD: largest fall of the insurance fund below its peak within a path. */
  readonly fundDrawdown: Distribution;
  readonly shortfalls: number;
  /** Share of liquidations that left a debt; null without any. */
  readonly shortfallProbability: number | null;
  /**
   * Share of liquidations that left less than ℓ·MM, to compare with 1 − confidence; null without
   * any.
   */
  readonly exceedanceProbability: number | null;
  /** Share of liquidations that a rise of Λ alone caused; null without any. */
  readonly byBufferProbability: number | null;
  /** Log return beyond the line at detection; null without any. */
  readonly meanOvershootBasisPoints: number | null;
  /** Checks that a move of the price has started. */
  readonly eventChecksPerDay: number;
  readonly callsPerDay: number;
  readonly falseCallsPerDay: number;
  /** USD, mean over checks and paths. */
  readonly bufferHeld: number;
  /** Λ* and Λ, as fractions of the price: means over checks, sides and paths. */
  readonly shockForecast: number;
  readonly shockHeld: Mean;
  /** Share of checks at which Λ is at its bound. */
  readonly boundedShare: number;
  readonly costPerMonth: CellCosts;
}

export interface CellTotals {
  readonly rows: readonly Float64Array[];
  readonly cells: readonly CellSetup[];
  readonly hours: number;
  /** The whole book, as all of it is checked. */
  readonly accounts: number;
  readonly openInterest: number;
  /** Per year, as a fraction. */
  readonly capitalRate: number;
}

const DAY_HOURS = 24;
const MONTH_HOURS = 30 * DAY_HOURS;
const MONTHS_A_YEAR = 365 / 30;
const BASIS_POINTS = 10_000;

/** By path. */
export const figureOf = ({ rows }: CellTotals, index: number, figure: Figure): number[] =>
  rows.map((row) => row[index * FIGURES.length + FIGURES.indexOf(figure)] as number);

/** USD for 30 days, by path. */
export const badDebts = (totals: CellTotals, index: number): number[] =>
  figureOf(totals, index, 'badDebt').map((debt) => (debt * MONTH_HOURS) / totals.hours);

/** USD for 30 days, by path: bad debt and capital, which differ by path. */
export function pathCosts(totals: CellTotals, index: number): number[] {
  const buffers = figureOf(totals, index, 'buffer');
  return badDebts(totals, index).map(
    (debt, path) => debt + ((buffers[path] as number) * totals.capitalRate) / MONTHS_A_YEAR,
  );
}

export function cellResult(index: number, totals: CellTotals): CellResult {
  const { rows, cells, hours, openInterest } = totals;
  const { cell, basis, terms } = cells[index] as CellSetup;
  const of = (figure: Figure): number[] => figureOf(totals, index, figure);
  const sum = (figure: Figure): number => of(figure).reduce((total, value) => total + value, 0);
  const perDay = (figure: Figure): number => ((sum(figure) / rows.length) * DAY_HOURS) / hours;
  const liquidations = sum('liquidations');
  const perLiquidation = (figure: Figure): number | null =>
    liquidations === 0 ? null : sum(figure) / liquidations;
  const overshoot = perLiquidation('overshoot');
  const debtADay = (BASIS_POINTS * DAY_HOURS) / hours / openInterest;
  const events = perDay('liquidations') + perDay('calls') + perDay('falseCalls');
  return {
    ...cell,
    basis,
    scale: terms.holding.scale,
    liquidations,
    liquidationsPerDay: perDay('liquidations'),
    badDebtBasisPoints: meanOf(of('badDebt').map((debt) => debt * debtADay)),
    badDebtMore: moreThanShortest(index, totals),
    fundDrawdown: distributionOf(of('drawdown')),
    shortfalls: sum('shortfalls'),
    shortfallProbability: perLiquidation('shortfalls'),
    exceedanceProbability: perLiquidation('exceedances'),
    byBufferProbability: perLiquidation('byBuffer'),
    meanOvershootBasisPoints: overshoot === null ? null : overshoot * BASIS_POINTS,
    eventChecksPerDay: perDay('eventChecks'),
    callsPerDay: perDay('calls'),
    falseCallsPerDay: perDay('falseCalls'),
    bufferHeld: meanOf(of('buffer')).mean,
    shockForecast: meanOf(of('forecast')).mean,
    shockHeld: meanOf(of('held')),
    boundedShare: meanOf(of('bounded')).mean,
    costPerMonth: costsOf(index, { cell, events, eventChecks: perDay('eventChecks') }, totals),
  };
}

/** The paths are the same, so the difference is known better than either. */
function moreThanShortest(index: number, totals: CellTotals): Mean {
  const { cells } = totals;
  const own = cells[index] as CellSetup;
  const alike = cells.filter(
    ({ cell, basis }) =>
      basis === own.basis &&
      cell.confidence === own.cell.confidence &&
      cell.executionSeconds === own.cell.executionSeconds,
  );
  const shortest = alike.reduce((left, right) =>
    right.cell.intervalSeconds < left.cell.intervalSeconds ? right : left,
  );
  const there = badDebts(totals, cells.indexOf(shortest));
  return meanOf(badDebts(totals, index).map((debt, path) => debt - (there[path] as number)));
}

interface Costed {
  readonly cell: Cell;
  /** Per day. */
  readonly events: number;
  readonly eventChecks: number;
}

const DAY_SECONDS = DAY_HOURS * 3600;

function costsOf(index: number, costed: Costed, totals: CellTotals): CellCosts {
  const { cell, events, eventChecks } = costed;
  const { accounts } = totals;
  const intervalSeconds = DAY_SECONDS / (DAY_SECONDS / cell.intervalSeconds + eventChecks);
  const debt = meanOf(badDebts(totals, index)).mean;
  const both = meanOf(pathCosts(totals, index));
  const eventsPerCheck = (events * intervalSeconds) / DAY_SECONDS;
  const aws = awsCost({ accounts, intervalSeconds, eventsPerCheck });
  return {
    badDebt: debt,
    capital: both.mean - debt,
    aws,
    total: both.mean + aws,
    totalStandardError: both.standardError,
  };
}
