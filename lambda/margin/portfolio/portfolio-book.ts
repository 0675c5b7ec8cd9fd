/**
 * The book of one underlying on portfolio margin. It finds in float64 the rows that may be the
 * worst, given the rounding: nearly always one. Only those are computed exactly, in decimals.
 */

import { type NonLinearSegment, type Span, spansOf } from '../curve/non-linear-part.ts';
import type { PriceGrid } from '../curve/price-grid.ts';
import { between, ROUNDING, type Segment, segmentArithmetic, straight } from '../curve/segment.ts';
import { type Requirement, requirementOf } from '../market/schedule.ts';
import { type Coefficient, coefficient, EXACT, NEAR } from '../number/arithmetic.ts';
import {
  type Amount,
  approximately,
  asAmount,
  asRatio,
  isZero,
  larger,
  NO_AMOUNT,
  type Ratio,
  subtract,
  times,
  weightedSum,
} from '../number/decimal.ts';
import { type OptionLeg, OptionSums } from '../option/option-sums.ts';
import { type CompiledPortfolio, discountFactor, type Row } from './cells.ts';
import type { Expiry, PortfolioPositions } from './positions.ts';
import {
  branchesOf,
  type Charge,
  type ChargeName,
  type ClassRates,
  chargesOf,
  type Kind,
  lossIn,
  type Rates,
  type Reading,
} from './requirement.ts';

export interface NearRequirement {
  readonly initial: number;
  readonly maintenance: number;
}

export interface PortfolioInput {
  readonly portfolio: CompiledPortfolio;
  readonly rates: ClassRates;
  readonly grid: PriceGrid;
  readonly positions: PortfolioPositions;
}

/** due = of·rate. */
export interface ChargeDue {
  readonly name: ChargeName;
  readonly of: Amount;
  readonly rate: Ratio;
  readonly due: Amount;
  /** Only for a charge by expiry: its index in the class's list, and the expiry. */
  readonly index?: number | undefined;
  readonly expiresAt?: number | undefined;
}

/** max(factor·max(worstLoss, deltaFloor) + charges, minimum), and initial ≥ maintenance. */
export interface RequirementParts {
  readonly factor: Ratio;
  readonly worstLoss: Amount;
  readonly deltaFloor: Amount;
  readonly charges: readonly ChargeDue[];
  readonly minimum: Amount;
  /** Value of the included coin, in the numeraire. */
  readonly collateral: Amount;
  readonly requirement: Amount;
}

export class PortfolioBook {
  private readonly input: PortfolioInput;
  /** At the current price, by expiry and cell. */
  private readonly valuesNow: readonly Float64Array[];
  private known: Reading<Amount> | undefined;
  private shared: readonly OptionSums[] | undefined;
  readonly magnitude: number;

  constructor(input: PortfolioInput) {
    this.input = input;
    const { grid, portfolio, positions } = input;
    const at = { grid, node: grid.now, cells: portfolio.cells.length };
    this.valuesNow = positions.expiries.map(({ options }) => OptionSums.valuesAt(options, at));
    this.magnitude = this.measure();
  }

  private get exact(): Reading<Amount> {
    this.known ??= this.readExactly();
    return this.known;
  }

  /** Over the factor's grid, made on first use. */
  private get sums(): readonly OptionSums[] {
    this.shared ??= this.sumsOver(this.input.grid);
    return this.shared;
  }

  private sumsOver(grid: PriceGrid): OptionSums[] {
    const { portfolio, positions } = this.input;
    return positions.expiries.map(({ options }) =>
      OptionSums.of(options, portfolio.cells.length, grid),
    );
  }

  private measure(): number {
    const { slope, perpetualNotional, futureNotional, expiries } = this.input.positions;
    let gross =
      Math.abs(approximately(slope)) +
      approximately(perpetualNotional) +
      approximately(futureNotional);
    for (const { options } of expiries) {
      for (const { scenarios, units } of options) {
        gross += Math.abs(units.near) * scenarios.magnitude;
      }
    }
    return gross * this.input.portfolio.widest;
  }

  /** In float64, off by at most `magnitude`·`ROUNDING`. */
  nearRequirement(): NearRequirement {
    const { portfolio, rates } = this.input;
    const reading = this.nearReading();
    const losses = portfolio.rows.map((row) => lossIn(reading, portfolio, row));
    const required = (kind: Kind): number =>
      Math.max(...branchesOf(reading, portfolio, { rates: rates[kind], kind, losses }));
    const maintenance = required('maintenance');
    return { initial: Math.max(required('initial'), maintenance), maintenance };
  }

  requirement(): Requirement {
    const { initial, maintenance } = this.input.rates;
    const losses = this.worstLosses();
    const required = (rates: Rates, kind: Kind): Amount =>
      branchesOf(this.exact, this.input.portfolio, { rates, kind, losses }).reduce(larger);
    const least = required(maintenance, 'maintenance');
    return { initial: larger(required(initial, 'initial'), least), maintenance: least };
  }

  breakdown(kind: Kind): RequirementParts {
    const { portfolio, rates, positions } = this.input;
    const reading = this.exact;
    const charges = chargesOf(reading, portfolio, { rates: rates[kind], kind });
    return {
      factor: rates[kind].factor.exact,
      worstLoss: this.worstLosses().reduce(larger, NO_AMOUNT),
      deltaFloor: larger(NO_AMOUNT, reading.deltaFloor),
      charges: charges.filter(isDue).map((charge) => this.chargeDue(charge)),
      minimum: reading.minimum[kind],
      collateral: positions.collateral,
      requirement: this.requirement()[kind],
    };
  }

  private chargeDue({ name, of, rate, place }: Charge<Amount>): ChargeDue {
    const due = { name, of, rate: rate.exact, due: times(of, rate.exact) };
    if (place === undefined) return due;
    const expiresAt = this.input.positions.expiries[place.expiry]?.expiresAt;
    return { ...due, index: place.charge, expiresAt };
  }

  /** Exact loss of each row that may be the worst. */
  private worstLosses(): Amount[] {
    const { portfolio } = this.input;
    const near = this.nearReading();
    const losses = portfolio.rows.map((row) => lossIn(near, portfolio, row));
    const least = Math.max(...losses) - this.magnitude * ROUNDING;
    // The worst loss is at least 0, so no row that surely gains can be the worst.
    if (least < 0 && Math.max(...losses) < -this.magnitude * ROUNDING) return [];
    return portfolio.rows
      .filter((_, index) => (losses[index] as number) >= least)
      .map((row) => lossIn(this.exact, portfolio, row));
  }

  /** Exact w·loss of a row; negative if it gains. */
  lossOf(row: Row): Amount {
    return lossIn(this.exact, this.input.portfolio, row);
  }

  /** Δ·S: gain of the whole book per unit of the price multiple, at a grid price. */
  slopeAt(node: number): number {
    const ofOptions = this.sums.map((sums) => sums.slope(node, 0));
    const linear = approximately(this.input.positions.slope);
    return ofOptions.reduce((left, right) => left + right, linear);
  }

  private grossSlopeAt(sums: readonly OptionSums[], node: number): number {
    const linear = approximately(this.input.positions.grossSlope);
    return sums.map((each) => each.grossSlope(node)).reduce((left, right) => left + right, linear);
  }

  valueNow(): Amount {
    return this.exact.expiries.map(({ value }) => value(0)).reduce(EXACT.add, NO_AMOUNT);
  }

  private readExactly(): Reading<Amount> {
    const { positions } = this.input;
    const { minimumNotional } = positions;
    return {
      arithmetic: EXACT,
      expiries: positions.expiries.map((expiry) => ({
        value: exactValues(expiry.options),
        slope: expiry.slope,
        ...this.factorsOf(expiry),
      })),
      slope: subtract(positions.slope, positions.fixed),
      notional: { perpetual: positions.perpetualNotional, future: positions.futureNotional },
      naked: positions.naked,
      deltaFloor: asAmount(this.deltaFloorNow()),
      minimum: this.minimumAt(minimumNotional),
    };
  }

  private nearReading(): Reading<number> {
    const { positions } = this.input;
    const minimum = this.minimumAt(positions.minimumNotional);
    return {
      arithmetic: NEAR,
      expiries: positions.expiries.map((expiry, index) => ({
        value: (cell) => (this.valuesNow[index] as Float64Array)[cell] as number,
        slope: approximately(expiry.slope),
        ...this.factorsOf(expiry),
      })),
      slope: approximately(subtract(positions.slope, positions.fixed)),
      notional: {
        perpetual: approximately(positions.perpetualNotional),
        future: approximately(positions.futureNotional),
      },
      naked: approximately(positions.naked),
      deltaFloor: this.deltaFloorNow(),
      minimum: {
        initial: approximately(minimum.initial),
        maintenance: approximately(minimum.maintenance),
      },
    };
  }

  private factorsOf(expiry: Expiry) {
    const { portfolio } = this.input;
    if (!portfolio.isByExpiry) return NO_FACTORS;
    const { gainDiscount, lossDiscount } = portfolio.rules;
    const factor = (value: number): Coefficient =>
      value === 1 ? UNIT : coefficient(asRatio(value));
    return {
      gain: factor(discountFactor(gainDiscount, 'gain', expiry)),
      loss: factor(discountFactor(lossDiscount, 'loss', expiry)),
      chargeFactors: portfolio.expiryCharges.map(({ charge }) =>
        factor(approximately(charge.base) + approximately(charge.perYear) * expiry.years),
      ),
    };
  }

  private deltaFloorAt(slope: number, gross: number): number {
    const { deltaFloor } = this.input.portfolio.rules;
    if (deltaFloor === undefined) return 0;
    const net = Math.abs(slope);
    const hedged = Math.max(0, gross - net) / 2;
    return approximately(deltaFloor.net) * net + approximately(deltaFloor.hedged) * hedged;
  }

  private deltaFloorNow(): number {
    if (this.input.portfolio.rules.deltaFloor === undefined) return 0;
    const { now } = this.input.grid;
    return this.deltaFloorAt(this.slopeAt(now), this.grossSlopeAt(this.sums, now));
  }

  private minimumAt(notional: Amount): Requirement {
    const { minimum } = this.input.portfolio.rules;
    if (minimum === undefined) return { initial: NO_AMOUNT, maintenance: NO_AMOUNT };
    const { perContract } = this.input.positions;
    const { initial, maintenance } = requirementOf(minimum.tiers, notional);
    return {
      initial: EXACT.add(initial, perContract.initial),
      maintenance: EXACT.add(maintenance, perContract.maintenance),
    };
  }

  valuesOver(grid: PriceGrid): Segment[] {
    const sums = grid === this.input.grid ? this.sums : this.sumsOver(grid);
    return spansOf(grid).map(({ index, width }) => {
      const { add, zero } = segmentArithmetic(width);
      return sums.map((each) => each.segment(index, 0)).reduce(add, zero);
    });
  }

  segmentsOver(grid: PriceGrid): Pick<NonLinearSegment, 'initial' | 'maintenance' | 'slack'>[] {
    const { portfolio, rates } = this.input;
    const sums = grid === this.input.grid ? this.sums : this.sumsOver(grid);
    const slopeNow = this.slopeAt(this.input.grid.now);
    return spansOf(grid).map((span) => {
      const reading = this.readSegment(span, sums);
      const losses = portfolio.rows.map((row) => lossIn(reading, portfolio, row));
      const branches = (kind: Kind) =>
        branchesOf(reading, portfolio, { rates: rates[kind], kind, losses });
      const maintenance = branches('maintenance');
      return {
        initial: [...branches('initial'), ...maintenance],
        maintenance,
        slack: this.slackOver(span, sums, slopeNow),
      };
    });
  }

  private readSegment(
    { index, left, right, width }: Span,
    sums: readonly OptionSums[],
  ): Reading<Segment> {
    const { positions } = this.input;
    const moving = (amount: Amount): Segment => {
      const near = approximately(amount);
      return straight(near * left, near * right, width);
    };
    const floor = this.minimumAt(times(positions.minimumNotional, asRatio(left)));
    const top = this.minimumAt(times(positions.minimumNotional, asRatio(right)));
    const minimum = (kind: Kind): Segment => {
      const [from, to] = [approximately(floor[kind]), approximately(top[kind])];
      return between({ left: from, right: to }, { lowest: from, highest: to }, width);
    };
    return {
      arithmetic: segmentArithmetic(width),
      expiries: positions.expiries.map((expiry, at) => ({
        value: (cell) => (sums[at] as OptionSums).segment(index, cell),
        slope: moving(expiry.slope),
        ...this.factorsOf(expiry),
      })),
      slope: moving(subtract(positions.slope, positions.fixed)),
      notional: {
        perpetual: moving(positions.perpetualNotional),
        future: moving(positions.futureNotional),
      },
      naked: moving(positions.naked),
      deltaFloor: this.floorOver({ index, left, right, width }, sums),
      minimum: { initial: minimum('initial'), maintenance: minimum('maintenance') },
    };
  }

  /** Inside a segment the delta is not known, but its range is. */
  private floorOver({ index, left, right, width }: Span, sums: readonly OptionSums[]): Segment {
    if (this.input.portfolio.rules.deltaFloor === undefined) return straight(0, 0, width);
    const linear = approximately(this.input.positions.slope);
    const at = (node: number, multiple: number): number => {
      const net = sums.reduce((sum, each) => sum + each.slope(node, 0), linear);
      return this.deltaFloorAt(net, this.grossSlopeAt(sums, node)) * multiple;
    };
    const { low, high } = slopeRange(sums, index, linear);
    const gross = this.grossSlopeAt(sums, index) + (high - low);
    const widest = Math.max(Math.abs(low), Math.abs(high));
    const least = low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high));
    const { deltaFloor } = this.input.portfolio.rules;
    const [net, hedged] = [deltaFloor.net, deltaFloor.hedged].map(approximately) as [
      number,
      number,
    ];
    const highest = (net * widest + (hedged * Math.max(0, gross - least)) / 2) * right;
    return between(
      { left: at(index, left), right: at(index + 1, right) },
      { lowest: 0, highest },
      width,
    );
  }

  /** Hedging collateral is chosen at the current delta, so it is off by as much as delta drifts. */
  private slackOver(span: Span, sums: readonly OptionSums[], slopeNow: number): number {
    const { positions, portfolio, rates } = this.input;
    if (positions.hedge === NO_AMOUNT) return 0;
    const { low, high } = slopeRange(sums, span.index, approximately(positions.slope));
    const drift = Math.max(Math.abs(high - slopeNow), Math.abs(slopeNow - low));
    const moves = portfolio.rows.map(({ cell, weight }) => {
      return Math.abs(portfolio.cells[cell]?.move.near ?? 0) * weight.near;
    });
    // The initial factor may be the smaller one while the rise of its σ is limited.
    const factor = Math.max(rates.initial.factor.near, rates.maintenance.factor.near);
    return drift * span.right * Math.max(...moves) * factor;
  }
}

const isDue = ({ of, rate }: Charge<Amount>): boolean => !(isZero(of) || isZero(rate.exact));

const UNIT: Coefficient = coefficient(asRatio(1));

const NO_FACTORS = { gain: UNIT, loss: UNIT, chargeFactors: [] };

function exactValues(options: readonly OptionLeg[]): (cell: number) => Amount {
  const known = new Map<number, Amount>();
  const units = options.map((option) => option.units.exact);
  return (cell) => {
    const found = known.get(cell);
    if (found !== undefined) return found;
    const values = options.map(({ scenarios }) => scenarios.exactly(cell));
    const sum = weightedSum(units, values);
    known.set(cell, sum);
    return sum;
  };
}

/** Range of the total slope from a grid price to the next. */
function slopeRange(sums: readonly OptionSums[], node: number, linear: number) {
  const each = sums.map((sum) => sum.segment(node, 0));
  return {
    low: each.reduce((total, { low }) => total + low, linear),
    high: each.reduce((total, { high }) => total + high, linear),
  };
}
