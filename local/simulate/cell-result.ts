import { awsCost } from './check-cost.ts';
import { type Distribution, distributionOf, type Mean, meanOf } from './distribution.ts';
import type { Cell } from './grid.ts';
import { FIGURES, type Figure } from './run-cell.ts';

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
  readonly liquidationsPerDay: number;
  /** Basis points of open interest, per day. */
  readonly badDebtBasisPoints: Mean;
  /** USD: largest fall of the insurance fund below its peak within a path. */
  readonly fundDrawdown: Distribution;
  /** Share of liquidations that left a debt; null without any. */
  readonly shortfallProbability: number | null;
  /**
   * Share of liquidations that left less than ℓ·MM, to compare with 1 − confidence; null without
   * any.
   */
  readonly exceedanceProbability: number | null;
  /** Log return beyond the line at detection; null without any. */
  readonly meanOvershootBasisPoints: number | null;
  readonly callsPerDay: number;
  readonly falseCallsPerDay: number;
  /** USD, mean over checks and paths. */
  readonly bufferHeld: number;
  readonly costPerMonth: CellCosts;
}

export interface CellTotals {
  readonly rows: readonly Float64Array[];
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

export function cellResult(cell: Cell, index: number, totals: CellTotals): CellResult {
  const { rows, hours, openInterest } = totals;
  const of = (figure: Figure): number[] =>
    rows.map((row) => row[index * FIGURES.length + FIGURES.indexOf(figure)] as number);
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
    liquidationsPerDay: perDay('liquidations'),
    badDebtBasisPoints: meanOf(of('badDebt').map((debt) => debt * debtADay)),
    fundDrawdown: distributionOf(of('drawdown')),
    shortfallProbability: perLiquidation('shortfalls'),
    exceedanceProbability: perLiquidation('exceedances'),
    meanOvershootBasisPoints: overshoot === null ? null : overshoot * BASIS_POINTS,
    callsPerDay: perDay('calls'),
    falseCallsPerDay: perDay('falseCalls'),
    bufferHeld: meanOf(of('buffer')).mean,
    costPerMonth: costsOf({ cell, events, debts: of('badDebt'), buffers: of('buffer') }, totals),
  };
}

interface Costed {
  readonly cell: Cell;
  /** Per day. */
  readonly events: number;
  readonly debts: readonly number[];
  readonly buffers: readonly number[];
}

function costsOf({ cell, events, debts, buffers }: Costed, totals: CellTotals): CellCosts {
  const { accounts, hours, capitalRate } = totals;
  const { intervalSeconds } = cell;
  const debtCosts = debts.map((debt) => (debt * MONTH_HOURS) / hours);
  const capitalCosts = buffers.map((buffer) => (buffer * capitalRate) / MONTHS_A_YEAR);
  const both = meanOf(debtCosts.map((debt, path) => debt + (capitalCosts[path] as number)));
  const eventsPerCheck = (events * intervalSeconds) / (DAY_HOURS * 3600);
  const aws = awsCost({ accounts, intervalSeconds, eventsPerCheck });
  return {
    badDebt: meanOf(debtCosts).mean,
    capital: meanOf(capitalCosts).mean,
    aws,
    total: both.mean + aws,
    totalStandardError: both.standardError,
  };
}
