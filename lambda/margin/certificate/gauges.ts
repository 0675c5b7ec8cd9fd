/**
 * Certificates also give the notional that a move of 1 % would liquidate, and the bad debt after every
 * price's forecast move. Both err high, by no more than the certificates do.
 */
import { MOVES, type Move } from '../book/exposures.ts';
import { approximately } from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { HOUR_MS } from './accruals.ts';
import type { FactorNow } from './columns.ts';
import { type Lines, NOBODY } from './lines.ts';
import type { Screen } from './screen.ts';

const PERCENT = 0.01;

/** Whether a line counts: its account is not read by this check. */
export type IsCounted = (account: number) => boolean;

/** In the numeraire. */
export type ByMove = Record<Move, number>;

function forEachLine(
  { count, of: { account } }: Lines,
  isCounted: IsCounted,
  visit: (line: number) => void,
): void {
  for (let line = 0; line < count; line++) {
    const own = account[line] as number;
    if (own !== NOBODY && isCounted(own)) visit(line);
  }
}

/** By market, of lines that a move of 1 % in one price would take below their liquidation line. */
export function liquidatedLines(
  screen: Screen,
  snapshot: Snapshot,
  isCounted: IsCounted,
): ReadonlyMap<string, ByMove> {
  if (!screen.columns.isRuledAt(snapshot)) return new Map();
  const gauge = new LineGauge(screen, snapshot);
  forEachLine(screen.lines, isCounted, (line) => gauge.add(line));
  return gauge.sums;
}

/** At the quoted prices, without their uncertainty, as the gauge of accounts that are read. */
class LineGauge {
  readonly sums = new Map<string, ByMove>();
  private readonly lines: Lines;
  private readonly factors: readonly (FactorNow | undefined)[];
  /** Four a column: what each of an entry's slopes is multiplied by. */
  private readonly weights: Float64Array;
  private readonly hours: number;
  private readonly accruedAt: number;
  /** By market: what a unit of its holdings is worth. */
  private readonly worth: readonly number[];

  constructor({ columns, lines }: Screen, snapshot: Snapshot) {
    this.lines = lines;
    this.factors = columns.factorsAt(snapshot);
    const now = columns.at(snapshot);
    this.weights = columns.ofOptions(now);
    for (const [column, factor] of this.factors.entries()) {
      if (factor !== undefined) this.weights.set(weightsOf(factor), 4 * column);
    }
    this.hours = (snapshot.asOf - columns.epoch) / HOUR_MS;
    this.accruedAt = now.accruedAt;
    this.worth = lines.markets.map(({ market, column, isOption }) =>
      isOption ? contractValueOf(market, snapshot) : (this.factors[column]?.multiple ?? Number.NaN),
    );
  }

  add(line: number): void {
    const { firstEntry, entries } = this.lines.of;
    const { column } = this.lines.ofEntries;
    const surplus = this.surplusOf(line);
    const first = firstEntry[line] as number;
    for (let entry = first; entry < first + (entries[line] as number); entry++) {
      const factor = this.factors[column[entry] as number];
      if (factor === undefined) continue;
      for (const move of MOVES) {
        if (surplus < this.lossOf(entry, factor, move)) this.addExposures(line, entry, move);
      }
    }
  }

  private surplusOf(line: number): number {
    const { x0, toLiquidation, decay, owed, firstEntry, entries } = this.lines.of;
    const { column, slopes } = this.lines.ofEntries;
    const accrued = (decay[line] as number) * this.hours + (owed[line] as number);
    let surplus = (x0[line] as number) - accrued * this.accruedAt;
    let moved = 0;
    const first = firstEntry[line] as number;
    for (let entry = first; entry < first + (entries[line] as number); entry++) {
      const weight = 4 * (column[entry] as number);
      moved = Math.max(moved, this.weights[weight] as number, this.weights[weight + 1] as number);
      for (let each = 0; each < 4; each++) {
        surplus -= (this.weights[weight + each] as number) * (slopes[4 * entry + each] as number);
      }
    }
    // The difference between the lines is a share of the requirement, which moves with the prices.
    return surplus + (toLiquidation[line] as number) * Math.max(0, 1 - moved);
  }

  /** The move itself, and what the shock takes more or less after it. */
  private lossOf(entry: number, factor: FactorNow, move: Move): number {
    const { multiple, shockDown, shockUp, isNonLinear } = factor;
    const { slopes } = this.lines.ofEntries;
    const down = slopes[4 * entry + 2] as number;
    // The buffer stays what it was, as in the gauge of accounts that are read.
    if (isNonLinear) return PERCENT * multiple * down;
    const up = slopes[4 * entry + 3] as number;
    const shocked = shockDown * down + shockUp * up;
    return PERCENT * multiple * (move === 'fall' ? down - shocked : up + shocked);
  }

  private addExposures(line: number, entry: number, move: Move): void {
    const { firstExposure, exposures } = this.lines.of;
    const { market: places, notional } = this.lines.ofExposures;
    const column = this.lines.ofEntries.column[entry] as number;
    const first = firstExposure[line] as number;
    for (let each = first; each < first + (exposures[line] as number); each++) {
      const held = notional[each] as number;
      const found = this.lines.markets[places[each] as number];
      if (found?.column !== column || held > 0 !== (move === 'fall')) continue;
      const sum = this.sums.get(found.market) ?? { fall: 0, rise: 0 };
      sum[move] += Math.abs(held) * (this.worth[places[each] as number] as number);
      this.sums.set(found.market, sum);
    }
  }
}

function weightsOf({ multiple, shockDown, shockUp, isNonLinear }: FactorNow): readonly number[] {
  const moves = [Math.max(0, 1 - multiple), Math.max(0, multiple - 1)];
  if (isNonLinear) {
    const shocked = multiple * Math.max(shockDown, shockUp);
    return [...moves, shocked, shocked];
  }
  return [...moves, multiple * shockDown, multiple * shockUp];
}

function contractValueOf(instrument: string, { instruments }: Snapshot): number {
  const found = instruments.get(instrument);
  return found?.ok ? approximately(found.value.contractValue) : Number.NaN;
}

/**
 * Bad debt of lines if every price made its forecast move at once. Zero while every shock is the
 * forecast itself: a healthy account has paid for that.
 */
export function debtOfLines(screen: Screen, snapshot: Snapshot, isCounted: IsCounted): ByMove {
  const debt = { fall: 0, rise: 0 };
  forEachDebt(screen, snapshot, (line, move, amount) => {
    if (isCounted(screen.lines.of.account[line] as number)) debt[move] += amount;
  });
  return debt;
}

/**
 * Accounts with options and such a debt. An option is taken to move by all of its forward, so the debt
 * may be far from the exact one: they have to be read.
 */
export function roughDebtors(screen: Screen, snapshot: Snapshot): Set<number> {
  const { columns, lines } = screen;
  const { account, firstEntry, entries } = lines.of;
  const isNonLinear = columns.factorsAt(snapshot).map((factor) => factor?.isNonLinear === true);
  const debtors = new Set<number>();
  // Most books hold no options, and need no further pass.
  if (!isNonLinear.includes(true)) return debtors;
  forEachDebt(screen, snapshot, (line) => {
    const first = firstEntry[line] as number;
    const named = lines.ofEntries.column.subarray(first, first + (entries[line] as number));
    if (named.some((column) => isNonLinear[column])) debtors.add(account[line] as number);
  });
  return debtors;
}

function forEachDebt(
  { columns, lines }: Screen,
  snapshot: Snapshot,
  visit: (line: number, move: Move, amount: number) => void,
): void {
  if (!isUncovered(snapshot) || !columns.isRuledAt(snapshot)) return;
  const { accruedAt } = columns.at(snapshot);
  const hours = (snapshot.asOf - columns.epoch) / HOUR_MS;
  const { equity, decay, owed, firstEntry, entries } = lines.of;
  const { column, equitySlope } = lines.ofEntries;
  for (const move of MOVES) {
    const moved = columns.forecastAt(snapshot, move);
    forEachLine(lines, EVERY, (line) => {
      const accrued = (decay[line] as number) * hours + (owed[line] as number);
      let left = (equity[line] as number) - accrued * accruedAt;
      const first = firstEntry[line] as number;
      for (let entry = first; entry < first + (entries[line] as number); entry++) {
        left += (equitySlope[entry] as number) * (moved[column[entry] as number] as number);
      }
      if (left < 0) visit(line, move, -left);
    });
  }
}

const EVERY: IsCounted = () => true;

/** Λ is Λ* itself unless it was cut. */
const isUncovered = ({ feeds }: Snapshot): boolean =>
  [...feeds.values()].some(
    ({ factor }) =>
      factor.ok &&
      (factor.value.forecastDown !== factor.value.shockDown ||
        factor.value.forecastUp !== factor.value.shockUp),
  );
