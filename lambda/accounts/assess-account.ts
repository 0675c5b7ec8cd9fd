/** The rows of an account, assessed: one subject for the cross book and each isolated position. */

import { assessBook, lowCallSurplus, type Outcome } from '../margin/assess/assess.ts';
import { type SubAccount, subAccounts } from '../margin/book/account.ts';
import { type Book, buildBook } from '../margin/book/book.ts';
import { curveAtMark } from '../margin/curve/curve-at-mark.ts';
import {
  isSafeAfterMove,
  type LiquidatedByMove,
  liquidatedByMove,
} from '../margin/liquidation/cascade.ts';
import { isNegative } from '../margin/number/decimal.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { subjectOf } from '../messages/compose.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import { readAccount } from '../rows/read-account.ts';

export interface Subject {
  readonly key: string;
  readonly accountId: string;
  /** The isolated position; absent for the cross book. */
  readonly position?: string | undefined;
  readonly outcome: Outcome;
  /** Absent when a row of the account is malformed. */
  readonly subAccount?: SubAccount | undefined;
  /** Absent when the outcome is indeterminate. */
  readonly book?: Book | undefined;
}

/**
 * @param openPositions isolated positions that have an open case; one whose row is gone is assessed
 *   as empty, so that its case can end.
 */
export function assessAccount(
  { accountId, rows }: AccountRows,
  snapshot: Snapshot,
  openPositions: readonly string[] = [],
): Subject[] {
  const read = readAccount(accountId, rows);
  if (!read.ok) {
    const outcome: Outcome = { certainty: 'indeterminate', reasons: read.reasons };
    return [{ key: accountId, accountId, outcome }];
  }
  const held = subAccounts(read.account);
  const gone = openPositions
    .filter((position) => held.every(({ isolated }) => isolated !== position))
    .map((isolated): SubAccount => {
      return { account: read.account, isolated, balances: [], positions: [] };
    });
  return [...held, ...gone].map((subAccount) => subjectFor(subAccount, snapshot));
}

/** One of them, known to be held. */
export function assessOne(
  { accountId, rows }: AccountRows,
  of: { readonly position: string | undefined; readonly snapshot: Snapshot },
): Subject {
  const read = readAccount(accountId, rows);
  const held = read.ok ? subAccounts(read.account) : [];
  const subAccount = held.find(({ isolated }) => isolated === of.position);
  if (subAccount === undefined) throw new Error(`${subjectOf(accountId, of.position)}: not held`);
  return subjectFor(subAccount, of.snapshot);
}

export function subjectFor(subAccount: SubAccount, snapshot: Snapshot): Subject {
  const { accountId } = subAccount.account;
  const built = buildBook(subAccount, snapshot);
  const found = {
    key: subjectOf(accountId, subAccount.isolated),
    accountId,
    position: subAccount.isolated,
    subAccount,
  };
  if (!built.ok) {
    return { ...found, outcome: { certainty: 'indeterminate', reasons: built.reasons } };
  }
  return { ...found, outcome: assessBook(built.book, snapshot.policy), book: built.book };
}

/** An account that is healthy for certain. */
export interface SafeAccount {
  readonly subAccounts: number;
  /** What a move of 1 % would put into liquidation all the same. */
  readonly liquidated: readonly LiquidatedByMove[];
}

/** Undefined when it needs an assessment: it is not safe, or something about it is not known. */
export function screenAccount(
  { accountId, rows }: AccountRows,
  snapshot: Snapshot,
): SafeAccount | undefined {
  const read = readAccount(accountId, rows);
  if (!read.ok) return undefined;
  const held = subAccounts(read.account);
  const liquidated: LiquidatedByMove[] = [];
  for (const subAccount of held) {
    const built = buildBook(subAccount, snapshot);
    if (!built.ok) return undefined;
    const { book } = built;
    const atMarks = book.curves.map(curveAtMark);
    const low = lowCallSurplus(book, atMarks, snapshot.policy);
    if (isNegative(low)) return undefined;
    if (!isSafeAfterMove(atMarks, low, snapshot.policy)) {
      liquidated.push(...liquidatedByMove(book, snapshot.policy));
    }
  }
  return { subAccounts: held.length, liquidated };
}
