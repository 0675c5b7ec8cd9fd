/** Pure: the same rows and market give the same assessment. */
import type { SubAccount } from '../book/account.ts';
import type { Book } from '../book/book.ts';
import { buildBook } from '../book/build-book.ts';
import type { Curve } from '../curve/curve.ts';
import {
  type CurveAtMark,
  curveAtMark,
  latencyLoss,
  uncertaintyRange,
  worstLoss,
} from '../curve/curve-at-mark.ts';
import type { Range } from '../curve/figure.ts';
import {
  addPoints,
  type Loss,
  type Point,
  type SurplusFormula,
  surplusAt,
} from '../curve/figure.ts';
import type { MovingPrice, ResolvedPrice } from '../curve/risk-factor.ts';
import type { Policy } from '../market/policy.ts';
import type { Shocks } from '../market/shock.ts';
import {
  type Amount,
  add,
  isNegative,
  larger,
  NO_AMOUNT,
  ONE,
  type Ratio,
  smaller,
  subtract,
  sumOf,
  times,
  ZERO,
} from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import { OptionBook } from '../option/option-book.ts';
import { PortfolioPart } from '../portfolio/portfolio-part.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type AccountGreeks, greeksByFactor, isOption, type OptionPosition } from './greeks.ts';
import { type Level, levelOf } from './level.ts';

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

export interface Assessment {
  readonly certainty: 'certain' | 'uncertain';
  readonly level: Level;
  /** Below the line at the quoted prices, but too uncertain to act on. */
  readonly isLiquidationWithheld: boolean;
  /** Why a liquidation would be withheld. */
  readonly reasons: readonly Reason[];
  /** Why something counts for less than it might. */
  readonly notes: readonly Reason[];
  readonly equity: Range;
  readonly marginBalance: Range;
  readonly initialRequirement: Amount;
  readonly maintenanceRequirement: Amount;
  readonly latencyBuffer: Amount;
  readonly lines: Lines<Amount>;
  readonly surplus: Lines<Range>;
  readonly factors: readonly FactorDetail[];
  readonly prices: readonly MovingPrice[];
  readonly options: readonly OptionPosition[];
}

export interface Indeterminate {
  readonly certainty: 'indeterminate';
  readonly reasons: readonly Reason[];
}

/** The assessment of one sub-account, or why it could not be assessed. */
export type Outcome = Assessment | Indeterminate;

/** Builds the book and assesses it: indeterminate if a needed row or price is unknown. */
export function assess(subAccount: SubAccount, snapshot: Snapshot): Outcome {
  const built = buildBook(subAccount, snapshot);
  if (!built.ok) return { certainty: 'indeterminate', reasons: built.reasons };
  return assessBook(built.book, snapshot.policy);
}

const EQUITY: SurplusFormula = { of: 'equity' };
const BALANCE: SurplusFormula = { of: 'balance' };
const OVER_INITIAL: SurplusFormula = {
  of: 'balance',
  less: { requirement: 'initial', multiple: ONE },
};

/** B − m·MM, before the buffer. */
export const overMaintenance = (multiple: Ratio): SurplusFormula => ({
  of: 'balance',
  less: { requirement: 'maintenance', multiple },
});

/** Level, surpluses, requirements and latency buffer of a book. */
export function assessBook(book: Book, policy: Policy): Assessment {
  const overLiquidation = overMaintenance(policy.liquidationMultiplier);
  const overCall = overMaintenance(policy.callMultiplier);
  const atMarks = book.curves.map(curveAtMark);
  const greeks = greeksByFactor(book);
  const factors = atMarks.map((atMark): FactorDetail => {
    const { factor, uncertainty, shockDown, shockUp, shock } = atMark.curve;
    const loss = latencyLoss(atMark, overLiquidation);
    const shocks = { shockDown, shockUp, shock };
    const parts = partsOf(atMark.curve);
    return {
      factor,
      uncertainty,
      ...shocks,
      loss,
      greeks: greeks.get(factor),
      ...parts,
      ...atMark.now,
    };
  });
  const total = totalOf(book, factors);
  const crossed = crossTermBound(book, 'uncertainties');
  const range = (formula: SurplusFormula): Range =>
    widened(rangeOf(total, atMarks, formula), crossed);

  const { initial: initialRequirement, maintenance: maintenanceRequirement } = total;
  const losses = factors.map(({ loss }) => loss);
  const latencyBuffer = add(
    bufferOf(losses, policy.jointShockWeight),
    crossTermBound(book, 'shocks'),
  );
  const callRequirement = times(maintenanceRequirement, policy.callMultiplier);
  const restoreRequirement = larger(initialRequirement, callRequirement);
  const isCalledAtInitial = policy.callAt === 'initial';
  const liquidation = lower(range(overLiquidation), latencyBuffer);
  const overMultiple = lower(range(overCall), latencyBuffer);
  const restore = smallerRange(lower(range(OVER_INITIAL), latencyBuffer), overMultiple);
  const call = isCalledAtInitial ? restore : overMultiple;
  const equityRange = range(EQUITY);
  const reasons = book.prices.flatMap(reasonsNotToAct);
  const mayAct = reasons.length === 0;
  return {
    ...levelOf({ surplus: { liquidation, call }, equity: equityRange, mayAct }),
    reasons,
    notes: book.notes,
    equity: equityRange,
    marginBalance: range(BALANCE),
    initialRequirement,
    maintenanceRequirement,
    latencyBuffer,
    lines: {
      liquidation: add(times(maintenanceRequirement, policy.liquidationMultiplier), latencyBuffer),
      call: add(isCalledAtInitial ? restoreRequirement : callRequirement, latencyBuffer),
      restore: add(restoreRequirement, latencyBuffer),
    },
    surplus: { liquidation, call, restore },
    factors,
    prices: book.prices,
    options: book.positions.filter(isOption),
  };
}

export interface MarginFigures {
  readonly equity: Amount;
  readonly marginBalance: Amount;
  readonly initialRequirement: Amount;
  readonly maintenanceRequirement: Amount;
  readonly latencyBuffer: Amount;
}

/** As in `assessBook`, at the quoted prices, for less work. */
export function marginFiguresOf(book: Book, policy: Policy): MarginFigures {
  const overLiquidation = overMaintenance(policy.liquidationMultiplier);
  const atMarks = book.curves.map(curveAtMark);
  const losses = atMarks.map((atMark) => latencyLoss(atMark, overLiquidation));
  const points = atMarks.map(({ now }) => now);
  const { equity, balance, initial, maintenance } = totalOf(book, points);
  return {
    equity,
    marginBalance: balance,
    initialRequirement: initial,
    maintenanceRequirement: maintenance,
    latencyBuffer: add(bufferOf(losses, policy.jointShockWeight), crossTermBound(book, 'shocks')),
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
  !isNegative(lowCallSurplus(book, book.curves.map(curveAtMark), policy));

/** Never above an assessment's low call surplus. */
export const lowCallSurplus = (
  book: Book,
  atMarks: readonly CurveAtMark[],
  policy: Policy,
): Amount =>
  callFormulas(policy)
    .map((formula) => lowestOver(book, { atMarks, formula, policy }))
    .reduce(smaller);

/** The lowest is the surplus over the call line, before the buffer. */
export function callFormulas({ callMultiplier, callAt }: Policy): SurplusFormula[] {
  const overCall = overMaintenance(callMultiplier);
  return callAt === 'initial' ? [overCall, OVER_INITIAL] : [overCall];
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
  let low = book.constant.balance;
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
    low = subtract(low, add(crossTermBound(book, 'uncertainties'), crossTermBound(book, 'shocks')));
  }
  return low;
}

export const totalOf = ({ constant }: Book, factors: readonly Point[]): Point =>
  factors.reduce(addPoints, { ...constant, initial: NO_AMOUNT, maintenance: NO_AMOUNT });

/** Bounds the extra loss of two prices that move together. */
export function crossTermBound({ crosses }: Book, by: 'uncertainties' | 'shocks'): Amount {
  return sumOf(
    crosses.map(({ size, factors, uncertainties }) => {
      const [first, second] = by === 'shocks' ? factors.map(({ shock }) => shock) : uncertainties;
      return times(times(size, first ?? ZERO), second ?? ZERO);
    }),
  );
}

const widened = ({ low, point, high }: Range, by: Amount): Range => ({
  low: subtract(low, by),
  point,
  high: add(high, by),
});

/** Prices may be off independently, so their ranges add up. */
function rangeOf(total: Point, atMarks: readonly CurveAtMark[], formula: SurplusFormula): Range {
  const point = surplusAt(total, formula);
  const ranges = atMarks.map((atMark) => uncertaintyRange(atMark, formula));
  return {
    low: subtract(point, sumOf(ranges.map(({ below }) => below))),
    point,
    high: add(point, sumOf(ranges.map(({ above }) => above))),
  };
}

const lower = (range: Range, by: Amount): Range => ({
  low: subtract(range.low, by),
  point: subtract(range.point, by),
  high: subtract(range.high, by),
});

const smallerRange = (left: Range, right: Range): Range => ({
  low: smaller(left.low, right.low),
  point: smaller(left.point, right.point),
  high: smaller(left.high, right.high),
});

/** LB = (1 − φ)·Σ loss + φ·max(0, joint loss all down, joint loss all up) */
export function bufferOf(losses: readonly Loss[], jointWeight: Ratio): Amount {
  const summed = sumOf(losses.map(({ worst }) => worst));
  if (jointWeight === ZERO) return summed;
  const down = sumOf(losses.map((loss) => loss.down));
  const up = sumOf(losses.map((loss) => loss.up));
  const together = larger(NO_AMOUNT, larger(down, up));
  return add(times(summed, subtract(ONE, jointWeight)), times(together, jointWeight));
}

function reasonsNotToAct(price: ResolvedPrice): Reason[] {
  const { feed, ageSeconds } = price;
  const reasons: Reason[] = [];
  if (!price.isFresh) {
    const detail = `${feed}: the price is ${ageSeconds} s old, which is too old for a liquidation`;
    reasons.push({ code: 'price-too-old-to-act', subject: feed, detail });
  }
  if (price.isSuspect) {
    const detail =
      `${feed}: the price jumped, ` +
      'and neither a second source nor a later check has confirmed it yet';
    reasons.push({ code: 'price-suspect', subject: feed, detail });
  }
  return reasons;
}
