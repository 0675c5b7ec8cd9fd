/**
 * The book of one underlying on portfolio margin. It finds in float64 the rows that may be the
 * worst, given the rounding: nearly always one. Only those are computed exactly, in decimals.
 */

import { spansOf } from '../curve/non-linear-part.ts';
import type { PriceGrid } from '../curve/price-grid.ts';
import { ROUNDING, type Segment } from '../curve/segment.ts';
import type { Requirement } from '../market/schedule.ts';
import { type Amount, add, approximately, larger, NO_AMOUNT } from '../number/decimal.ts';
import { OptionSums } from '../option/option-sums.ts';
import { breakdownOf, type RequirementParts } from './breakdown.ts';
import type { Row } from './cells.ts';
import { deltaFloorAt } from './delta-floor.ts';
import { PortfolioSums } from './portfolio-sums.ts';
import { exactReading, nearReading, type PortfolioInput } from './reading.ts';
import {
  type ByKind,
  branchesOf,
  type Kind,
  lossesIn,
  lossIn,
  type Reading,
} from './requirement.ts';
import { type RequirementSegment, requirementsOver } from './segments.ts';

export class PortfolioBook {
  private readonly input: PortfolioInput;
  /** At the current price, by expiry and cell. */
  private readonly valuesNow: readonly Float64Array[];
  private known: Reading<Amount> | undefined;
  private shared: PortfolioSums | undefined;
  readonly magnitude: number;

  constructor(input: PortfolioInput) {
    this.input = input;
    const { grid, portfolio, positions } = input;
    const at = { grid, node: grid.now, cells: portfolio.cells.length };
    this.valuesNow = positions.expiries.map(({ options }) => OptionSums.valuesAt(options, at));
    this.magnitude = magnitudeOf(input);
  }

  private get exact(): Reading<Amount> {
    this.known ??= exactReading(this.input, this.deltaFloorNow());
    return this.known;
  }

  private readNear(): Reading<number> {
    return nearReading(this.input, { values: this.valuesNow, deltaFloor: this.deltaFloorNow() });
  }

  /** Over the factor's grid, made on first use. */
  private get sums(): PortfolioSums {
    this.shared ??= new PortfolioSums(this.input, this.input.grid);
    return this.shared;
  }

  private sumsOver(grid: PriceGrid): PortfolioSums {
    return grid === this.input.grid ? this.sums : new PortfolioSums(this.input, grid);
  }

  private deltaFloorNow(): number {
    const { deltaFloor: rule } = this.input.portfolio.rules;
    if (rule === undefined) return 0;
    return deltaFloorAt(this.sums, { node: this.input.grid.now, rule });
  }

  /** In float64, off by at most `magnitude`·`ROUNDING`. */
  nearRequirement(): ByKind<number> {
    const reading = this.readNear();
    const { rates } = this.input;
    const { initial, maintenance } = branchesOf(reading, { rates, losses: lossesIn(reading) });
    return { initial: Math.max(...initial), maintenance: Math.max(...maintenance) };
  }

  requirement(): Requirement {
    return this.requirementFor(this.worstLosses());
  }

  private requirementFor(losses: readonly Amount[]): Requirement {
    const { initial, maintenance } = branchesOf(this.exact, { rates: this.input.rates, losses });
    return { initial: initial.reduce(larger), maintenance: maintenance.reduce(larger) };
  }

  breakdown(kind: Kind): RequirementParts {
    const losses = this.worstLosses();
    const requirement = this.requirementFor(losses);
    return breakdownOf(this.input, { kind, reading: this.exact, losses, requirement });
  }

  /** Exact loss of each row that may be the worst. */
  private worstLosses(): Amount[] {
    const losses = lossesIn(this.readNear());
    const worst = Math.max(...losses);
    const rounding = this.magnitude * ROUNDING;
    // The worst loss is at least 0, so no row that surely gains can be the worst.
    if (worst < -rounding) return [];
    return this.input.portfolio.rows
      .filter((_, index) => (losses[index] as number) >= worst - rounding)
      .map((row) => this.lossOf(row));
  }

  /** Exact w·loss of a row; negative if it gains. */
  lossOf(row: Row): Amount {
    return lossIn(this.exact, row);
  }

  /** Δ·S: gain of the whole book per unit of the price multiple, at a grid price. */
  slopeAt(node: number): number {
    return this.sums.slopeAt(node);
  }

  valueNow(): Amount {
    return this.exact.expiries.map(({ value }) => value(0)).reduce(add, NO_AMOUNT);
  }

  valuesOver(grid: PriceGrid): Segment[] {
    const sums = this.sumsOver(grid);
    return spansOf(grid).map((span) => sums.valueOver(span));
  }

  segmentsOver(grid: PriceGrid): RequirementSegment[] {
    const slopeNow = this.slopeAt(this.input.grid.now);
    return requirementsOver(this.input, { sums: this.sumsOver(grid), slopeNow });
  }
}

/** Gross size of all that is summed, at the largest price multiplier. */
function magnitudeOf({ positions, portfolio }: PortfolioInput): number {
  const { slope, ownPriced, perpetualNotional, futureNotional, expiries } = positions;
  let gross =
    Math.abs(approximately(slope)) +
    Math.abs(approximately(ownPriced)) +
    approximately(perpetualNotional) +
    approximately(futureNotional);
  for (const { options } of expiries) {
    for (const { scenarios, units } of options) {
      gross += Math.abs(units.near) * scenarios.magnitude;
    }
  }
  return gross * portfolio.widest * portfolio.heaviest;
}
