/** The rows of an account, assessed: one subject for the cross book and each isolated position. */
import { subjectOf } from './contract/compose.ts';
import type { AccountRows } from './contract/document.ts';
import { readAccount } from './contract/read-account.ts';
import { type SubAccount, subAccounts } from './margin/account.ts';
import { assess, assessBook, type Outcome } from './margin/assess.ts';
import { buildBook } from './margin/book.ts';
import { add, isZero, NO_QUANTITY, subtract, times } from './margin/decimal.ts';
import { type Plan, planLiquidation } from './margin/plan.ts';
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
  return [...held, ...gone].map((subAccount) => ({
    key: subjectOf(accountId, subAccount.isolated),
    accountId,
    position: subAccount.isolated,
    outcome: assess(subAccount, snapshot),
    subAccount,
  }));
}

/** The plan for a subject that is to be liquidated: its open orders are cancelled first. */
export function planFor(subAccount: SubAccount, snapshot: Snapshot): Plan {
  const { policy } = snapshot;
  const positions = subAccount.positions.map((position) => ({
    ...position,
    openBuyQuantity: NO_QUANTITY,
    openSellQuantity: NO_QUANTITY,
  }));
  const built = buildBook({ ...subAccount, positions }, snapshot);
  if (!built.ok) throw new Error(`${subAccount.account.accountId}: no plan without a book`);
  const { marginBalance, maintenanceRequirement, latencyBuffer } = assessBook(built.book, policy);
  const target = add(
    times(maintenanceRequirement, policy.liquidationTargetMultiplier),
    latencyBuffer,
  );
  const cancelOpenOrders = subAccount.positions
    .filter(({ openBuyQuantity, openSellQuantity }) => {
      return !(isZero(openBuyQuantity) && isZero(openSellQuantity));
    })
    .map(({ instrument }) => instrument);
  return planLiquidation({
    book: built.book,
    cancelOpenOrders: [...new Set(cancelOpenOrders)],
    shortfall: subtract(target, marginBalance.point),
    policy,
  });
}
