/**
 * Finds counterparties for auto-deleveraging in one more pass over the accounts. Keeps the
 * best-ranked of each market and side.
 */
import { type AssessedSubAccount, assessAccount } from '../accounts/assess-account.ts';
import type { AccountsTable } from '../aws/accounts-table.ts';
import { isSurelyNotNegative } from '../margin/curve/figure.ts';
import { capacityKey } from '../margin/liquidation/capacity.ts';
import type { Side } from '../margin/liquidation/order-plan.ts';
import { isNegative, type Quantity } from '../margin/number/decimal.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { BestRanked } from '../margin/waterfall/best-ranked.ts';
import { counterpositionOf, linearPositions } from '../margin/waterfall/linear-holding.ts';
import type { AccountRows } from '../rows/raw-row.ts';

export interface Wanted {
  readonly market: string;
  /** The bankrupt accounts' side of the trade. */
  readonly side: Side;
  readonly quantity: Quantity;
  readonly lotSize: Quantity;
  /** Bankrupt accounts on this side, whose other books must not take over from them. */
  readonly owners: ReadonlySet<string>;
}

/** By market and the bankrupt side, see `capacityKey`. */
export type Counterparties = ReadonlyMap<string, BestRanked>;

/** @throws if an account cannot be read: it might rank highest */
export async function findCounterparties(
  wanted: readonly Wanted[],
  { accounts, snapshot }: { readonly accounts: AccountsTable; readonly snapshot: Snapshot },
): Promise<Counterparties> {
  const best = new Map(
    wanted.map(({ market, side, quantity, lotSize, owners }) => {
      return [capacityKey(market, side), new BestRanked({ wanted: quantity, lotSize, owners })];
    }),
  );
  const markets = new Set(wanted.map(({ market }) => market));
  const isIn = ({ rows }: AccountRows) =>
    rows.some(({ instrument }) => typeof instrument === 'string' && markets.has(instrument));
  await accounts.forEachAccount((account) => {
    if (isIn(account)) addAll(best, soundSubAccounts(account, snapshot));
  });
  for (const each of best.values()) each.prune();
  return best;
}

/** Not below their liquidation line at any price in doubt. */
function soundSubAccounts(account: AccountRows, snapshot: Snapshot): AssessedSubAccount[] {
  try {
    return assessAccount(account, snapshot).filter(
      ({ outcome }) =>
        outcome.certainty !== 'indeterminate' &&
        isSurelyNotNegative(outcome.surplus.liquidation.least),
    );
  } catch {
    return [];
  }
}

function addAll(best: Counterparties, assessed: readonly AssessedSubAccount[]): void {
  for (const { name, accountId, position, book, outcome, subAccount } of assessed) {
    if (book === undefined || subAccount === undefined) continue;
    if (outcome.certainty === 'indeterminate') continue;
    const equity = outcome.equity.point;
    for (const held of linearPositions(book)) {
      // A long counterparty takes over from a bankrupt short, which buys.
      const side = isNegative(held.quantity) ? 'sell' : 'buy';
      const rows = subAccount.positions;
      best
        .get(capacityKey(held.terms.instrument, side))
        ?.add(counterpositionOf(held, { key: name, accountId, position, equity, rows }));
    }
  }
}
