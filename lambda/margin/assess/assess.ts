/** Pure: the same rows and market give the same assessment. */
import type { SubAccount } from '../book/account.ts';
import type { Book } from '../book/book.ts';
import { buildBook } from '../book/build-book.ts';
import { isOption, type OptionPosition } from '../book/equity.ts';
import type { Curve } from '../curve/curve.ts';
import {
  type CurveAtMark,
  curveAtMark,
  uncertaintyRange,
  worstLoss,
} from '../curve/curve-at-mark.ts';
import {
  type Bound,
  isSurelyNotNegative,
  type Loss,
  looser,
  type Point,
  type SurplusFormula,
  surplusAt,
  tighter,
} from '../curve/figure.ts';
import type { MovingPrice } from '../curve/risk-factor.ts';
import { leastClaim, type Policy } from '../market/policy.ts';
import { type Shocks, shocksIn } from '../market/shock.ts';
import {
  type Amount,
  add,
  isAbove,
  isNegative,
  isPositive,
  larger,
  negate,
  type Ratio,
  smaller,
  subtract,
  times,
} from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import { OptionBook } from '../option/option-book.ts';
import { PortfolioPart } from '../portfolio/portfolio-part.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type Figure, Figures, shockCrosses, uncertaintyCrosses } from './figures.ts';
import { BALANCE, callFormulas, EQUITY, OVER_INITIAL, overMaintenance } from './formulas.ts';
import { type AccountGreeks, greeksByFactor } from './greeks.ts';
import { type Level, verdictOf } from './verdict.ts';

export interface Lines<T> {
  /** ℓ·MM + LB: below it the account is liquidated. */
  readonly liquidation: T;
  /** c·MM + LB, or the restore line if the policy calls there. */
  readonly call: T;
  /** max(IM, c·MM) + LB: a call asks for this. */
  readonly restore: T;
}

export interface FactorDetail extends Point, Shocks {
  readonly factor: string;
  readonly uncertainty: Ratio;
  /** Loss of liquidation surplus in the latency shock. */
  readonly loss: Loss;
  readonly greeks?: AccountGreeks | undefined;
  /** Portfolio margin, by class. */
  readonly scans: readonly PortfolioPart[];
  /** Standard model. */
  readonly optionBooks: readonly OptionBook[];
}

/** Everything measured of a book. */
export interface BookFigures {
  readonly equity: Figure;
  readonly marginBalance: Figure;
  readonly initialRequirement: Amount;
  readonly maintenanceRequirement: Amount;
  readonly latencyBuffer: Amount;
  readonly lines: Lines<Amount>;
  readonly surplus: Lines<Figure>;
  readonly factors: readonly FactorDetail[];
  readonly prices: readonly MovingPrice[];
  readonly options: readonly OptionPosition[];
  /** Why something counts for less than it might. */
  readonly notes: readonly Reason[];
}

export interface Assessment extends BookFigures {
  readonly certainty: 'certain' | 'uncertain';
  readonly level: Level;
  /** Below the line at the believed prices, but too uncertain to act on. */
  readonly isLiquidationWithheld: boolean;
  /** Why a liquidation is withheld: the prices in doubt. */
  readonly reasons: readonly Reason[];
}

export interface Indeterminate {
  readonly certainty: 'indeterminate';
  /** The prices in doubt; or what could not be read. */
  readonly reasons: readonly Reason[];
  /** Absent if its rows could not be read. */
  readonly figures?: BookFigures | undefined;
}

/** The assessment of one sub-account, or why it could not be assessed. */
export type Outcome = Assessment | Indeterminate;

/** Builds the book and assesses it: indeterminate if a needed row or price is unknown. */
export function assess(subAccount: SubAccount, snapshot: Snapshot): Outcome {
  const built = buildBook(subAccount, snapshot);
  if (!built.ok) return { certainty: 'indeterminate', reasons: built.reasons };
  return assessBook(built.book, snapshot.policy);
}

/** Level, surpluses, requirements and latency buffer of a book; indeterminate if a doubt matters. */
export function assessBook(book: Book, policy: Policy): Outcome {
  const figures = new Figures(book, policy);
  const measured = measure(book, figures, policy);
  const verdict = verdictOf({
    ...measured,
    isDust: isDustDebt(book, measured.equity, policy),
  });
  const { reasons = [], agedReasons = [] } = book.doubt ?? {};
  if (verdict.certainty === 'indeterminate') {
    return { certainty: 'indeterminate', reasons, figures: measured };
  }
  const against = verdict.isLiquidationWithheld ? [...reasons, ...agedReasons] : [];
  return { ...verdict, reasons: against, ...measured };
}

/** Everything measured of a book, whatever may be said of its level. */
export const bookFigures = (book: Book, policy: Policy): BookFigures =>
  measure(book, new Figures(book, policy), policy);

function measure(book: Book, figures: Figures, policy: Policy): BookFigures {
  const { total, latencyBuffer } = figures;
  const { initial: initialRequirement, maintenance: maintenanceRequirement } = total;
  const callRequirement = times(maintenanceRequirement, policy.callMultiplier);
  const restoreRequirement = larger(initialRequirement, callRequirement);
  const isCalledAtInitial = policy.callAt === 'initial';
  const liquidation = figures.surplus(overMaintenance(policy.liquidationMultiplier));
  const overMultiple = figures.surplus(overMaintenance(policy.callMultiplier));
  const restore = lesserFigure(figures.surplus(OVER_INITIAL), overMultiple);
  const call = isCalledAtInitial ? restore : overMultiple;
  return {
    equity: figures.of(EQUITY),
    marginBalance: figures.of(BALANCE),
    initialRequirement,
    maintenanceRequirement,
    latencyBuffer,
    lines: {
      liquidation: add(times(maintenanceRequirement, policy.liquidationMultiplier), latencyBuffer),
      call: add(isCalledAtInitial ? restoreRequirement : callRequirement, latencyBuffer),
      restore: add(restoreRequirement, latencyBuffer),
    },
    surplus: { liquidation, call, restore },
    factors: factorDetails(book, figures),
    prices: book.prices,
    options: book.positions.filter(isOption),
    notes: book.notes,
  };
}

function factorDetails(book: Book, { factors }: Figures): FactorDetail[] {
  const greeks = greeksByFactor(book);
  return factors.map(({ atMark, loss }): FactorDetail => {
    const { factor, uncertainty } = atMark.curve;
    const parts = partsOf(atMark.curve);
    const ofFactor = { factor, uncertainty, ...shocksIn(atMark.curve), loss };
    return { ...ofFactor, greeks: greeks.get(factor), ...parts, ...atMark.now };
  });
}

/** Nothing is held but a debt too small to claim. */
function isDustDebt(
  { positions, holdings, constant, doubt }: Book,
  { low }: Figure,
  policy: Policy,
): boolean {
  if (positions.length > 0 || isPositive(constant.equity) || low === 'unbounded') return false;
  if ((doubt?.spreads.length ?? 0) > 0) return false;
  const owesOnly = holdings.every(({ amount }) => isNegative(amount));
  return owesOnly && isNegative(low) && isAbove(low, negate(leastClaim(policy)));
}

export interface MarginFigures {
  readonly equity: Amount;
  readonly marginBalance: Amount;
  readonly initialRequirement: Amount;
  readonly maintenanceRequirement: Amount;
  readonly latencyBuffer: Amount;
}

/** As in `assessBook`, at the believed prices, for less work. */
export function marginFiguresOf(book: Book, policy: Policy): MarginFigures {
  const { total, latencyBuffer } = new Figures(book, policy);
  const { equity, balance, initial, maintenance } = total;
  return {
    equity,
    marginBalance: balance,
    initialRequirement: initial,
    maintenanceRequirement: maintenance,
    latencyBuffer,
  };
}

function partsOf({ nonLinear }: Curve): Pick<FactorDetail, 'scans' | 'optionBooks'> {
  const parts = nonLinear?.parts ?? [];
  return {
    scans: parts.filter((part) => part instanceof PortfolioPart),
    optionBooks: parts.filter((part) => part instanceof OptionBook),
  };
}

/**
 * Whether the low surplus over the call line, less the losses of all factors, is not negative. The
 * account is then healthy at every price within its uncertainty. If false, the book needs an
 * assessment, at twice the work.
 */
export const isSafe = (book: Book, policy: Policy): boolean =>
  isSurelyNotNegative(lowCallSurplus(book, book.curves.map(curveAtMark), policy));

/** Never above an assessment's low call surplus. */
export function lowCallSurplus(book: Book, atMarks: readonly CurveAtMark[], policy: Policy): Bound {
  const formulas = callFormulas(policy);
  // The age of a price speaks against a liquidation alone.
  if (book.doubt === undefined || book.doubt.isOnlyAged) {
    return formulas
      .map((formula) => lowestOver(book, { atMarks, formula, policy }))
      .reduce(smaller);
  }
  const figures = new Figures(book, policy);
  return formulas
    .map((formula): Bound => figures.surplus(formula).low)
    .reduce((left, right) => looser(left, right, smaller));
}

function lowestOver(
  book: Book,
  of: {
    readonly atMarks: readonly CurveAtMark[];
    readonly formula: SurplusFormula;
    readonly policy: Policy;
  },
): Amount {
  const overCall = of.formula;
  const overLiquidation = overMaintenance(of.policy.liquidationMultiplier);
  let low = surplusAt(book.constant, overCall);
  for (const atMark of of.atMarks) {
    const least = atMark.bounds?.leastLeft(overCall, overLiquidation);
    if (least !== undefined) {
      low = add(low, least);
      continue;
    }
    const { below } = uncertaintyRange(atMark, overCall);
    const taken = add(below, worstLoss(atMark, overLiquidation));
    low = subtract(add(low, surplusAt(atMark.now, overCall)), taken);
  }
  if (book.crosses.length > 0) {
    low = subtract(low, add(uncertaintyCrosses(book), shockCrosses(book)));
  }
  return low;
}

const lesserFigure = (left: Figure, right: Figure): Figure => ({
  low: looser(left.low, right.low, smaller),
  least: looser(left.least, right.least, smaller),
  point: smaller(left.point, right.point),
  most: tighter(left.most, right.most, smaller),
  high: tighter(left.high, right.high, smaller),
  agedHigh: tighter(left.agedHigh, right.agedHigh, smaller),
  mostLow: tighter(left.mostLow, right.mostLow, smaller),
});
