/** An account's portfolio margin holdings in one underlying and class, as a part of its curve. */

import type { Point } from '../curve/figure.ts';
import { type NonLinearPart, type NonLinearSegment, spansOf } from '../curve/non-linear-part.ts';
import type { PriceGrid } from '../curve/price-grid.ts';
import { ZERO_SEGMENT } from '../curve/segment.ts';
import type { Requirement } from '../market/schedule.ts';
import {
  type Amount,
  absolute,
  asAmount,
  asRatio,
  isAbove,
  isBelow,
  isNegative,
  isZero,
  larger,
  NO_AMOUNT,
  negate,
  smaller,
  subtract,
  sumOf,
  times,
} from '../number/decimal.ts';
import type { RequirementParts } from './breakdown.ts';
import type { Row } from './cells.ts';
import type { ClassTerms } from './class-terms.ts';
import { type Filling, fillingsOf, type PortfolioHoldings, unitsIn } from './holdings.ts';
import { PortfolioBook } from './portfolio-book.ts';
import { type IncludedCoin, positionsOf } from './positions.ts';
import type { ByKind, Kind } from './requirement.ts';
import { reliefOf } from './segments.ts';

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
  readonly fillings: readonly Filling[];
  private readonly chosen: readonly ChosenBook[];
  private readonly books: readonly PortfolioBook[];
  readonly quoteUncertainty: Amount;
  readonly magnitude: number;
  private known: Point | undefined;

  constructor(holdings: PortfolioHoldings) {
    this.holdings = holdings;
    this.fillings = fillingsOf(holdings);
    this.chosen = this.fillings.map((filling) => bestBook(holdings, filling));
    this.books = this.chosen.map(({ book }) => book);
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
  nearRequirement(): ByKind<number> {
    const near = this.books.map((book) => book.nearRequirement());
    return {
      initial: Math.max(...near.map(({ initial }) => initial)),
      maintenance: Math.max(...near.map(({ maintenance }) => maintenance)),
    };
  }

  private get isHedged(): boolean {
    const { ofClass, coin, ownPricedCoin } = this.holdings;
    const isHeld = !(isZero(coin) && isZero(ownPricedCoin));
    return isHeld && ofClass.portfolio?.rules.collateral === 'hedge';
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
    if (!this.isHedged) return this;
    return new PortfolioPart({ ...this.holdings, grid });
  }

  segmentsOver(grid: PriceGrid): NonLinearSegment[] {
    const required = this.books.map((book) => book.segmentsOver(grid));
    const others = this.chosen.map(({ other }) => other?.segmentsOver(grid));
    const values = this.books[0]?.valuesOver(grid) ?? [];
    return spansOf(grid).map((span) => {
      const { index } = span;
      const each = required.map((of) => of[index] as (typeof of)[number]);
      const reliefs = each.map((of, filling) => reliefOf(of, others[filling]?.[index], span));
      const value = values[index] ?? ZERO_SEGMENT;
      return {
        equity: value,
        balance: value,
        initial: each.flatMap(({ initial }) => initial),
        maintenance: each.flatMap(({ maintenance }) => maintenance),
        slack: Math.max(...each.map(({ slack }) => slack)),
        relief: Math.max(...reliefs),
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

/**
 * In mode `hedge`, includes the coin as far as it offsets the delta, or leaves it out if that
 * requires less: collateral counts where it cancels risk.
 */
function bestBook(holdings: PortfolioHoldings, filling: Filling): ChosenBook {
  const { ofClass, coin, ownPricedCoin, grid } = holdings;
  const mode = ofClass.portfolio?.rules.collateral ?? 'none';
  if (mode === 'all') {
    const whole = { collateral: coin, ownPriced: ownPricedCoin, isHedge: false };
    return { book: bookOf(holdings, { filling, ...whole }) };
  }
  const bare = bookOf(holdings, { filling, ...NO_COIN });
  if (mode === 'none' || (isZero(coin) && isZero(ownPricedCoin))) return { book: bare };
  const offset = negate(asAmount(bare.slopeAt(grid.now)));
  const collateral = partThatOffsets(coin, offset);
  const now = asRatio(grid.multiples[grid.now] ?? 1);
  const rest = times(subtract(offset, collateral), now);
  const ownPriced = isZero(ownPricedCoin) ? NO_AMOUNT : partThatOffsets(ownPricedCoin, rest);
  const hedged = bookOf(holdings, { filling, collateral, ownPriced, isHedge: true });
  const isDearer =
    (isZero(collateral) && isZero(ownPriced)) ||
    hedged.nearRequirement().maintenance > bare.nearRequirement().maintenance;
  return isDearer ? { book: bare, other: hedged } : { book: hedged, other: bare };
}

const NO_COIN: IncludedCoin = { collateral: NO_AMOUNT, ownPriced: NO_AMOUNT, isHedge: false };

interface ChosenBook {
  readonly book: PortfolioBook;
  /** With or without the coin. Absent if there is no choice. */
  readonly other?: PortfolioBook | undefined;
}

const partThatOffsets = (coin: Amount, offset: Amount): Amount =>
  isNegative(coin)
    ? larger(coin, smaller(offset, NO_AMOUNT))
    : smaller(coin, larger(offset, NO_AMOUNT));

function bookOf(
  holdings: PortfolioHoldings,
  of: IncludedCoin & { readonly filling: Filling },
): PortfolioBook {
  const { portfolio, rates } = holdings.ofClass;
  if (portfolio === undefined || rates === undefined) {
    throw new RangeError(
      `risk class ${holdings.ofClass.riskClass.riskClass} has no portfolio model`,
    );
  }
  const positions = positionsOf(holdings, of);
  return new PortfolioBook({ portfolio, rates, grid: holdings.grid, positions });
}
