/** One sub-account with its distance to liquidation. */
import type { AssessedSubAccount } from '../../lambda/accounts/assess-account.ts';
import type { Assessment } from '../../lambda/margin/assess/assess.ts';
import { overMaintenance } from '../../lambda/margin/assess/formulas.ts';
import type { Book, NetPosition } from '../../lambda/margin/book/book.ts';
import type { Bound, SurplusFormula } from '../../lambda/margin/curve/figure.ts';
import { unitNotionalOf } from '../../lambda/margin/liquidation/closable.ts';
import type { Policy } from '../../lambda/margin/market/policy.ts';
import {
  type Amount,
  absolute,
  approximately,
  isPositive,
  NO_AMOUNT,
  type Ratio,
  ratioBetween,
  sumOf,
  textOf,
  times,
  worthOf,
  ZERO,
} from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { isFarFromLine, isSafeWithin, safeRadius } from '../analysis/safe-radius.ts';

export const LEVELS = ['undecided', 'deficit', 'liquidation', 'call', 'healthy'] as const;
export type ListedLevel = (typeof LEVELS)[number];

export interface AccountRow {
  readonly accountId: string;
  /** Absent for the cross book. */
  readonly position?: string | undefined;
  readonly level: ListedLevel;
  /** Why it is undecided. */
  readonly reason?: string | undefined;
  /** Absent if a row or price that it needs is missing. */
  readonly figures?: AccountFigures | undefined;
}

export interface AccountFigures {
  readonly equity: Amount;
  /** Over the liquidation line, buffer included, at the believed prices. */
  readonly surplus: Amount;
  /** The same, at the worst of doubt and uncertainty. */
  readonly low: Bound;
  /** Of all positions, at their marks. */
  readonly notional: Amount;
  /** Notional ÷ equity; absent without equity. */
  readonly leverage?: Ratio | undefined;
  readonly book: Book;
}

export function accountRow(assessed: AssessedSubAccount): AccountRow {
  const { accountId, position, outcome, book, name } = assessed;
  const named = { accountId, ...(position === undefined ? {} : { position }) };
  if (outcome.certainty === 'indeterminate') {
    const reason = outcome.reasons[0]?.detail;
    const { figures } = outcome;
    const known = figures && book ? { figures: accountFigures(figures, book) } : {};
    return { ...named, level: 'undecided', reason, ...known };
  }
  if (book === undefined) throw new RangeError(`${name} has a level and no book`);
  return { ...named, level: outcome.level, figures: accountFigures(outcome, book) };
}

/**
 * How far all prices may move together until the account is liquidated; 0 if it is, or undecided.
 * @param within undefined is returned for an account that is surely farther away than this
 */
export function distanceOf(
  { level, figures }: AccountRow,
  { policy }: Snapshot,
  within?: Ratio,
): Ratio | undefined {
  if (figures === undefined || (level !== 'healthy' && level !== 'call')) return ZERO;
  const line = overMaintenance(policy.liquidationMultiplier);
  if (within !== undefined && isFarther(figures, line, { within, policy })) return undefined;
  return safeRadius(figures.book, line);
}

function isFarther(
  { book, low }: AccountFigures,
  line: SurplusFormula,
  { within, policy }: { readonly within: Ratio; readonly policy: Policy },
): boolean {
  const multiple = approximately(policy.liquidationMultiplier);
  const isFar =
    low !== 'unbounded' &&
    isFarFromLine(book, { low: approximately(low), multiple, radius: approximately(within) });
  return isFar || isSafeWithin(book, line, within);
}

/** As decimal texts; empty if nothing is known. */
export function accountFiguresOf({ outcome, book }: AssessedSubAccount): {
  readonly notional?: string;
  readonly leverage?: string;
} {
  const figures = outcome.certainty === 'indeterminate' ? outcome.figures : outcome;
  if (figures === undefined || book === undefined) return {};
  const { notional, leverage } = accountFigures(figures, book);
  return {
    notional: textOf(notional),
    ...(leverage === undefined ? {} : { leverage: textOf(leverage) }),
  };
}

function accountFigures(
  { equity, surplus }: Pick<Assessment, 'equity' | 'surplus'>,
  book: Book,
): AccountFigures {
  const notional = sumOf(book.positions.map(notionalOf));
  return {
    equity: equity.point,
    surplus: surplus.liquidation.point,
    low: surplus.liquidation.low,
    notional,
    ...(isPositive(equity.point) ? { leverage: ratioBetween(notional, equity.point) } : {}),
    book,
  };
}

function notionalOf({ terms, quantity }: NetPosition): Amount {
  if (terms.kind === 'settled') return NO_AMOUNT;
  return times(worthOf(absolute(quantity), unitNotionalOf(terms)), terms.settlement.rate);
}
