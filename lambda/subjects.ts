/** The rows of an account, assessed: one subject for the cross book and each isolated position. */
import { subjectOf } from './contract/compose.ts';
import type { AccountRows } from './contract/document.ts';
import { readAccount } from './contract/read-account.ts';
import { type SubAccount, subAccounts } from './margin/account.ts';
import { assess, isSafe, type Outcome } from './margin/assess.ts';
import { buildBook } from './margin/book.ts';
import type { Snapshot } from './margin/snapshot.ts';

export interface Subject {
  readonly key: string;
  readonly accountId: string;
  /** The isolated position; absent for the cross book. */
  readonly position?: string | undefined;
  readonly outcome: Outcome;
  /** Absent when a row of the account is malformed. */
  readonly subAccount?: SubAccount | undefined;
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

export function subjectFor(subAccount: SubAccount, snapshot: Snapshot): Subject {
  const { accountId } = subAccount.account;
  return {
    key: subjectOf(accountId, subAccount.isolated),
    accountId,
    position: subAccount.isolated,
    outcome: assess(subAccount, snapshot),
    subAccount,
  };
}

/**
 * How many sub-accounts an account has, when each of them is healthy for certain; undefined when it
 * needs an assessment: it is not, or something about it is not known.
 */
export function safeSubAccounts(
  { accountId, rows }: AccountRows,
  snapshot: Snapshot,
): number | undefined {
  const read = readAccount(accountId, rows);
  if (!read.ok) return undefined;
  const held = subAccounts(read.account);
  const areSafe = held.every((subAccount) => {
    const built = buildBook(subAccount, snapshot);
    return built.ok && isSafe(built.book, snapshot.policy);
  });
  return areSafe ? held.length : undefined;
}
