/**
 * Who can take over what bankrupt accounts hand over: one more pass over the accounts, in a check that
 * hands over anything and in no other. Of each market and side only the best-ranked are kept.
 */

import { assessAccount, type Subject } from '../accounts/assess-account.ts';
import type { AccountsTable } from '../aws/accounts-table.ts';
import { capacityKey } from '../margin/liquidation/capacity.ts';
import type { Side } from '../margin/liquidation/order-plan.ts';
import { isNegative, type Quantity } from '../margin/number/decimal.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { BestRanked } from '../margin/waterfall/best-ranked.ts';
import { counterpositionOf, linearPositions } from '../margin/waterfall/linear-holding.ts';
import type { AccountRows } from '../rows/raw-row.ts';

export interface Wanted {
  readonly market: string;
  /** Of the bankrupt accounts. */
  readonly side: Side;
  /** Of all of them together. */
  readonly quantity: Quantity;
  readonly lotSize: Quantity;
}

/** By market and side of the bankrupt account, as `capacityKey` names them. */
export type Counterparties = ReadonlyMap<string, BestRanked>;

/** @throws when the accounts cannot all be read: whoever ranks highest may be among the others. */
export async function findCounterparties(
  wanted: readonly Wanted[],
  { accounts, snapshot }: { readonly accounts: AccountsTable; readonly snapshot: Snapshot },
): Promise<Counterparties> {
  const best = new Map(
    wanted.map(({ market, side, quantity, lotSize }) => {
      return [capacityKey(market, side), new BestRanked({ wanted: quantity, lotSize })];
    }),
  );
  const markets = new Set(wanted.map(({ market }) => market));
  const isIn = ({ rows }: AccountRows) =>
    rows.some(({ instrument }) => typeof instrument === 'string' && markets.has(instrument));
  await accounts.visit((account) => {
    if (isIn(account)) addAll(best, soundSubjects(account, snapshot));
  });
  for (const each of best.values()) each.prune();
  return best;
}

/** Known, and not below their liquidation line. One that cannot be assessed is left out. */
function soundSubjects(account: AccountRows, snapshot: Snapshot): Subject[] {
  try {
    return assessAccount(account, snapshot).filter(
      ({ outcome }) =>
        outcome.certainty !== 'indeterminate' && !isNegative(outcome.surplus.liquidation.point),
    );
  } catch {
    return [];
  }
}

function addAll(best: Counterparties, subjects: readonly Subject[]): void {
  for (const { key, accountId, position, book, outcome, subAccount } of subjects) {
    if (book === undefined || subAccount === undefined) continue;
    if (outcome.certainty === 'indeterminate') continue;
    const equity = outcome.equity.point;
    for (const held of linearPositions(book)) {
      // Who is long takes from whoever sells less: a bankrupt short, which buys.
      const side = isNegative(held.quantity) ? 'sell' : 'buy';
      const rows = subAccount.positions;
      best
        .get(capacityKey(held.terms.instrument, side))
        ?.add(counterpositionOf(held, { key, accountId, position, equity, rows }));
    }
  }
}
