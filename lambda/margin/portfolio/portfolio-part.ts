/** An account's portfolio margin holdings in one underlying and class, as a part of its curve. */

import type { Point } from '../curve/figure.ts';
import { type NonLinearPart, type NonLinearSegment, spansOf } from '../curve/non-linear-part.ts';
import type { PriceGrid } from '../curve/price-grid.ts';
import { ZERO_SEGMENT } from '../curve/segment.ts';
import type { Requirement } from '../market/schedule.ts';
import { coefficient } from '../number/arithmetic.ts';
import {
  type Amount,
  absolute,
  add,
  approximately,
  asAmount,
  asRatio,
  countOf,
  isAbove,
  isBelow,
  isNegative,
  isZero,
  larger,
  NO_AMOUNT,
  NO_QUANTITY,
  negate,
  type Quantity,
  type Ratio,
  smaller,
  subtract,
  sumOf,
  times,
  unitsOf,
  worthOf,
  ZERO,
} from '../number/decimal.ts';
import { groupBy } from '../number/group-by.ts';
import type { OptionLeg } from '../option/option-sums.ts';
import type { PricedOption } from '../option/priced-option.ts';
import type { ScenarioOption } from '../option/scenario-option.ts';
import { fixedShare, type Row } from './cells.ts';
import type { ClassTerms } from './class-terms.ts';
import {
  type Expiry,
  type NearRequirement,
  PortfolioBook,
  type PortfolioPositions,
  type RequirementParts,
} from './portfolio-book.ts';
import type { Kind } from './requirement.ts';

interface Held {
  /** Contracts. */
  readonly quantity: Quantity;
  readonly openBuyQuantity: Quantity;
  readonly openSellQuantity: Quantity;
}

export interface ScannedLinear {
  readonly type: 'perpetual' | 'future';
  readonly contractValue: Amount;
  readonly expiresAt?: number | undefined;
  readonly years: number;
}

export interface ScannedOption {
  readonly expiresAt: number;
  readonly contractSize: Quantity;
  readonly strikeId: number;
  readonly spot: Amount;
  readonly quoteUncertainty: Amount;
  readonly option: PricedOption;
  readonly plain: ScenarioOption;
  readonly scan?: ScenarioOption | undefined;
  readonly settlement: { readonly rate: Ratio };
}

export interface HeldLinear extends Held {
  readonly terms: ScannedLinear;
  /** Gain of one contract in the numeraire per unit of the price multiple. */
  readonly slope: Amount;
}

export interface HeldOption extends Held {
  readonly terms: ScannedOption;
}

export interface PortfolioHoldings {
  readonly ofClass: ClassTerms;
  readonly grid: PriceGrid;
  readonly linears: readonly HeldLinear[];
  readonly options: readonly HeldOption[];
  /** Gain of coin balances per unit of the price multiple. */
  readonly coin: Amount;
}

/** Which open orders are assumed filled: none, all buy orders, or all sell orders. */
export type Filling = 'none' | 'buys' | 'sells';

/** The book's gain in one row of the table, with the row's weight applied. */
export interface ScenarioProfit {
  readonly row: Row;
  readonly profit: Amount;
}

export interface FilledScenario extends ScenarioProfit {
  readonly filling: Filling;
}

export interface FilledParts extends RequirementParts {
  readonly filling: Filling;
}

export class PortfolioPart implements NonLinearPart {
  private readonly holdings: PortfolioHoldings;
  /** All three if there are open orders, otherwise `none` alone. */
  readonly fillings: readonly Filling[];
  private readonly books: readonly PortfolioBook[];
  readonly quoteUncertainty: Amount;
  readonly magnitude: number;
  private known: Point | undefined;

  constructor(holdings: PortfolioHoldings) {
    this.holdings = holdings;
    this.fillings = fillingsOf(holdings);
    this.books = this.fillings.map((filling) => bestBook(holdings, filling));
    this.quoteUncertainty = sumOf(
      holdings.options
        .filter(({ terms }) => !isZero(terms.quoteUncertainty))
        .map(({ terms, quantity }) =>
          times(terms.quoteUncertainty, unitsIn(terms, absolute(quantity))),
        ),
    );
    this.magnitude = Math.max(...this.books.map((book) => book.magnitude));
  }

  /** Exact, on first use: most accounts are screened without it. */
  get now(): Point {
    this.known ??= this.pointNow();
    return this.known;
  }

  private pointNow(): Point {
    const [asItIs] = this.books as [PortfolioBook];
    const value = asItIs.valueNow();
    return { equity: value, balance: value, ...requirementOfAll(this.books) };
  }

  /** In float64, off by at most `magnitude`·`ROUNDING`. */
  nearRequirement(): NearRequirement {
    const near = this.books.map((book) => book.nearRequirement());
    return {
      initial: Math.max(...near.map(({ initial }) => initial)),
      maintenance: Math.max(...near.map(({ maintenance }) => maintenance)),
    };
  }

  get ofClass(): ClassTerms {
    return this.holdings.ofClass;
  }

  scenarios(filling: Filling = 'none'): ScenarioProfit[] {
    const rows = this.holdings.ofClass.portfolio?.rows ?? [];
    const book = this.books[this.fillings.indexOf(filling)];
    return rows.map((row) => ({ row, profit: negate(book?.lossOf(row) ?? NO_AMOUNT) }));
  }

  /** The row that loses most over all fillings; the first if several are equal. */
  worst(): FilledScenario {
    const [first, ...others] = this.fillings.flatMap((filling) =>
      this.scenarios(filling).map((each) => ({ ...each, filling })),
    );
    if (first === undefined) throw new RangeError('the portfolio has no scenario');
    return others.reduce(
      (least, each) => (isBelow(each.profit, least.profit) ? each : least),
      first,
    );
  }

  /** Parts of the largest requirement over all fillings; the first if several are equal. */
  breakdown(kind: Kind): FilledParts {
    const [first, ...others] = this.books.map((book, index) => ({
      filling: this.fillings[index] ?? 'none',
      ...book.breakdown(kind),
    }));
    if (first === undefined) throw new RangeError('the portfolio has no book');
    return others.reduce(
      (most, each) => (isAbove(each.requirement, most.requirement) ? each : most),
      first,
    );
  }

  /** The same holdings, with hedging collateral chosen at the price `now` of another grid. */
  seenFrom(grid: PriceGrid): PortfolioPart {
    return new PortfolioPart({ ...this.holdings, grid });
  }

  segmentsOver(grid: PriceGrid): NonLinearSegment[] {
    const required = this.books.map((book) => book.segmentsOver(grid));
    const values = this.books[0]?.valuesOver(grid) ?? [];
    return spansOf(grid).map(({ index }) => {
      const each = required.map((of) => of[index] as (typeof of)[number]);
      const value = values[index] ?? ZERO_SEGMENT;
      return {
        equity: value,
        balance: value,
        initial: each.flatMap(({ initial }) => initial),
        maintenance: each.flatMap(({ maintenance }) => maintenance),
        slack: Math.max(...each.map(({ slack }) => slack)),
      };
    });
  }
}

function requirementOfAll(books: readonly PortfolioBook[]): Requirement {
  const required = books.map((book) => book.requirement());
  return {
    initial: required.map(({ initial }) => initial).reduce(larger),
    maintenance: required.map(({ maintenance }) => maintenance).reduce(larger),
  };
}

const hasOrders = ({ openBuyQuantity, openSellQuantity }: Held): boolean =>
  !(isZero(openBuyQuantity) && isZero(openSellQuantity));

function fillingsOf({ linears, options }: PortfolioHoldings): Filling[] {
  const isOpen = linears.some(hasOrders) || options.some(hasOrders);
  return isOpen ? ['none', 'buys', 'sells'] : ['none'];
}

/**
 * In mode `hedge`, includes the coin as far as it offsets the delta, or leaves it out if that
 * requires less: collateral counts where it cancels risk.
 */
function bestBook(holdings: PortfolioHoldings, filling: Filling): PortfolioBook {
  const { ofClass, coin } = holdings;
  const mode = ofClass.portfolio?.rules.collateral ?? 'none';
  const bare = bookOf(holdings, filling, NO_AMOUNT);
  if (mode === 'none' || isZero(coin)) return bare;
  if (mode === 'all') return bookOf(holdings, filling, coin);
  const offset = negate(asAmount(bare.slopeAt(holdings.grid.now)));
  const hedge = isNegative(coin)
    ? larger(coin, smaller(offset, NO_AMOUNT))
    : smaller(coin, larger(offset, NO_AMOUNT));
  if (isZero(hedge)) return bare;
  const hedged = bookOf(holdings, filling, hedge);
  const isDearer = hedged.nearRequirement().maintenance > bare.nearRequirement().maintenance;
  return isDearer ? bare : hedged;
}

function bookOf(holdings: PortfolioHoldings, filling: Filling, hedge: Amount): PortfolioBook {
  const { portfolio, rates } = holdings.ofClass;
  if (portfolio === undefined || rates === undefined) {
    throw new RangeError(
      `risk class ${holdings.ofClass.riskClass.riskClass} has no portfolio model`,
    );
  }
  const positions = positionsOf(holdings, filling, hedge);
  return new PortfolioBook({ portfolio, rates, grid: holdings.grid, positions });
}

const filled = (held: Held, filling: Filling): Quantity => {
  if (filling === 'buys') return add(held.quantity, held.openBuyQuantity);
  return filling === 'sells' ? subtract(held.quantity, held.openSellQuantity) : held.quantity;
};

function positionsOf(
  { linears, options, ofClass }: PortfolioHoldings,
  filling: Filling,
  hedge: Amount,
): PortfolioPositions {
  const held = linears.map((linear) => {
    const quantity = filled(linear, filling);
    const { terms } = linear;
    return {
      terms,
      contracts: absolute(quantity),
      notional: worthOf(absolute(quantity), terms.contractValue),
      slope: times(linear.slope, countOf(quantity)),
    };
  });
  const fixed = held.map((linear) => ({ ...linear, slope: fixedSlope(linear, ofClass) }));
  const notionalOf = (type: ScannedLinear['type']): Amount =>
    sumOf(held.filter(({ terms }) => terms.type === type).map(({ notional }) => notional));
  const legs = options.map((option): Leg => {
    const quantity = filled(option, filling);
    return { option, quantity, units: unitsIn(option.terms, quantity) };
  });
  const perpetualNotional = notionalOf('perpetual');
  const futureNotional = notionalOf('future');
  const linear = add(perpetualNotional, futureNotional);
  return {
    expiries: expiriesOf(legs, { held, fixed }, ofClass),
    slope: add(sumOf(held.map(({ slope }) => slope)), hedge),
    fixed: sumOf(fixed.map(({ slope }) => slope)),
    hedge: ofClass.portfolio?.rules.collateral === 'hedge' ? hedge : NO_AMOUNT,
    collateral: hedge,
    perpetualNotional,
    futureNotional,
    naked: isNakedCharged(ofClass) ? nakedOf(legs) : NO_AMOUNT,
    ...minimumOn(ofClass, { legs, held, linear }),
    grossSlope: sumOf(held.map(({ slope }) => absolute(slope))),
  };
}

const isNakedCharged = ({ portfolio }: ClassTerms): boolean =>
  portfolio !== undefined && !isZero(portfolio.rules.nakedShortCharge.initial);

interface HeldContracts {
  readonly contracts: Quantity;
}

function minimumOn(
  ofClass: ClassTerms,
  on: {
    readonly legs: readonly Leg[];
    readonly held: readonly HeldContracts[];
    readonly linear: Amount;
  },
): Pick<PortfolioPositions, 'minimumNotional' | 'perContract'> {
  const minimum = ofClass.portfolio?.rules.minimum;
  if (minimum === undefined) return NO_MINIMUM;
  const shortLegs = on.legs.filter(({ units }) => isNegative(units));
  const shorts = shortLegs.map(({ option: { terms }, units }) =>
    times(terms.spot, absolute(units)),
  );
  const contracts = [
    ...on.held.map((each) => each.contracts),
    ...shortLegs.map(({ quantity }) => absolute(quantity)),
  ].reduce(add, NO_QUANTITY);
  const count = countOf(contracts);
  return {
    minimumNotional: add(on.linear, sumOf(shorts)),
    perContract: {
      initial: times(minimum.perContract.initial, count),
      maintenance: times(minimum.perContract.maintenance, count),
    },
  };
}

const NO_MINIMUM = {
  minimumNotional: NO_AMOUNT,
  perContract: { initial: NO_AMOUNT, maintenance: NO_AMOUNT },
};

interface Leg {
  readonly option: HeldOption;
  readonly quantity: Quantity;
  readonly units: Ratio;
}

interface SlopedFuture {
  readonly terms: ScannedLinear;
  readonly slope: Amount;
}

/** Part of a future's slope that no scenario moves: its settlement price is partly fixed. */
function fixedSlope({ terms, slope }: SlopedFuture, { portfolio }: ClassTerms): Amount {
  if (portfolio === undefined || terms.expiresAt === undefined) return NO_AMOUNT;
  const share = fixedShare(terms, portfolio.rules);
  return share === 0 ? NO_AMOUNT : times(slope, asRatio(share));
}

function expiriesOf(
  legs: readonly Leg[],
  linears: { readonly held: readonly SlopedFuture[]; readonly fixed: readonly SlopedFuture[] },
  { portfolio, riskClass }: ClassTerms,
): Expiry[] {
  const rate = approximately(riskClass.rate);
  const optionsOf = (some: readonly Leg[]) =>
    some.map(({ option, units }) => legOf(option.terms, units));
  if (portfolio?.isByExpiry !== true) {
    return [{ years: 0, rate, options: optionsOf(legs), slope: NO_AMOUNT }];
  }
  const optionsBy = groupBy(legs, ({ option }) => option.terms.expiresAt);
  const futuresBy = groupBy(linears.held, ({ terms }) => terms.expiresAt);
  const fixedBy = groupBy(linears.fixed, ({ terms }) => terms.expiresAt);
  const expiries = new Set([...optionsBy.keys(), ...futuresBy.keys()]);
  return [...expiries].flatMap((expiresAt) => {
    if (expiresAt === undefined) return [];
    const options = optionsBy.get(expiresAt) ?? [];
    const futures = futuresBy.get(expiresAt) ?? [];
    return {
      expiresAt,
      years: options[0]?.option.terms.option.input.years ?? futures[0]?.terms.years ?? 0,
      rate,
      options: optionsOf(options),
      slope: subtract(slopeOf(futures), slopeOf(fixedBy.get(expiresAt) ?? [])),
    };
  });
}

/** S for each naked short unit: short after calls and puts of one strike and expiry are netted. */
function nakedOf(legs: readonly Leg[]): Amount {
  const byStrike = new Map<number, Ratio>();
  for (const { option, units } of legs) {
    const { strikeId } = option.terms;
    const found = byStrike.get(strikeId);
    byStrike.set(strikeId, found === undefined ? units : add(found, units));
  }
  let short = ZERO;
  for (const units of byStrike.values()) if (isNegative(units)) short = subtract(short, units);
  return times(legs[0]?.option.terms.spot ?? NO_AMOUNT, short);
}

export const unitsIn = ({ contractSize }: ScannedOption, contracts: Quantity): Ratio =>
  countOf(unitsOf(contracts, contractSize));

/** A leg whose units include the settlement rate, so that units·value is in the numeraire. */
export const legOf = (terms: ScannedOption, units: Ratio): OptionLeg => ({
  scenarios: terms.scan ?? terms.plain,
  units: coefficient(times(units, terms.settlement.rate)),
});

const slopeOf = (linears: readonly SlopedFuture[]): Amount =>
  sumOf(linears.map(({ slope }) => slope));
