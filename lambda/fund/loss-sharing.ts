/**
 * Shares a loss that the insurance fund cannot pay, in one more pass over the accounts. An account
 * that cannot be assessed bears nothing.
 */
import { assessAccount } from '../accounts/assess-account.ts';
import type { AccountsTable } from '../aws/accounts-table.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import { type Amount, larger, NO_AMOUNT, subtract, sumOf } from '../margin/number/decimal.ts';
import { SHARES_PAGE } from '../margin/number/limits.ts';
import { lotsOf } from '../margin/number/lots-of.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { type Bearer, type Haircut, haircut, type Share } from '../margin/waterfall/haircut.ts';
import { amountText, lossKey } from '../messages/compose-fund.ts';
import { inParallel } from '../outbox/parallel.ts';
import type { AccountRows } from '../rows/raw-row.ts';

const PAGE_DIGITS = 6;

export interface SharedLoss extends Haircut {
  /** Accounts that bear nothing because their equity is unknown. */
  readonly excluded: number;
}

export class LossSharing {
  private readonly accounts: AccountsTable;
  private readonly snapshot: Snapshot;
  private bearers: readonly Bearer[] | undefined;
  private excluded = 0;

  constructor(input: { readonly accounts: AccountsTable; readonly snapshot: Snapshot }) {
    this.accounts = input.accounts;
    this.snapshot = input.snapshot;
  }

  /** @throws if an account cannot be read: all accounts share a loss, or none */
  async share(loss: Amount): Promise<SharedLoss> {
    this.bearers ??= await this.scan();
    const { amountPlaces } = this.snapshot.policy;
    return { ...haircut(loss, this.bearers, amountPlaces), excluded: this.excluded };
  }

  /** Lowers the equity that shares this check's next loss. */
  debit(shares: readonly Share[]): void {
    const owed = new Map(shares.map(({ accountId, amount }) => [accountId, amount]));
    this.bearers = this.bearers?.map((bearer) => {
      const share = owed.get(bearer.accountId);
      return share === undefined ? bearer : { ...bearer, equity: subtract(bearer.equity, share) };
    });
  }

  private async scan(): Promise<Bearer[]> {
    const bearers: Bearer[] = [];
    this.excluded = 0;
    await this.accounts.forEachAccount((account) => {
      const equity = equityOf(account, this.snapshot);
      if (equity === undefined) this.excluded++;
      else bearers.push({ accountId: account.accountId, equity });
    });
    return bearers;
  }
}

/**
 * The equity of the account at the lowest of all prices that may be true, at least 0. Undefined if
 * a row is unreadable.
 */
export function equityOf(account: AccountRows, snapshot: Snapshot): Amount | undefined {
  try {
    const outcomes = assessAccount(account, snapshot).map(({ outcome }) => outcome);
    const known = outcomes.flatMap((outcome) => {
      const equity =
        outcome.certainty === 'indeterminate' ? outcome.figures?.equity : outcome.equity;
      if (equity === undefined) return [];
      return [equity.low];
    });
    if (known.includes('unbounded')) return NO_AMOUNT;
    const surely = known.filter((low) => low !== 'unbounded');
    return known.length === outcomes.length ? larger(NO_AMOUNT, sumOf(surely)) : undefined;
  } catch {
    return undefined;
  }
}

export interface SharePages {
  readonly lossId: string;
  readonly shares: readonly Share[];
  readonly places: number;
  readonly expiresAtSeconds: number;
}

/**
 * Runs before the loss is booked, so that a booked loss has all its pages. Pages of an unbooked
 * loss expire.
 * @returns the number of pages
 */
export async function putShares(margin: MarginTable, of: SharePages): Promise<number> {
  const { lossId, shares, places, expiresAtSeconds } = of;
  const pages = lotsOf(shares, SHARES_PAGE);
  await inParallel(pages.entries(), ([index, page]) => {
    const number = String(index + 1).padStart(PAGE_DIGITS, '0');
    const listed = page.map((share) => ({ ...share, amount: amountText(share.amount, places) }));
    const key = { pk: lossKey(lossId), sk: `shares#${number}` };
    return margin.putHistory(key, { lossId, shares: listed }, expiresAtSeconds);
  });
  return pages.length;
}
