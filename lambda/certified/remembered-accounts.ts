/** Accounts that need not be read while they need no decision: their rows and cases, as they were read. */
import { LARGE_ROWS } from '../accounts/account-decisions.ts';
import type { RememberedAccount } from '../accounts/proved-accounts.ts';

/** A row takes about 1 kB. Accounts beyond that are read at every check. */
const ROWS_MAX = 50_000;

export class RememberedAccounts {
  private readonly byId = new Map<string, RememberedAccount>();
  private readonly rowsMax: number;
  private rows = 0;

  constructor(rowsMax = ROWS_MAX) {
    this.rowsMax = rowsMax;
  }

  has(accountId: string): boolean {
    return this.byId.has(accountId);
  }

  get(accountId: string): RememberedAccount | undefined {
    return this.byId.get(accountId);
  }

  /** In place of what was remembered of it; not at all if it is large, or there is no room. */
  add(remembered: RememberedAccount): void {
    const { accountId, rows } = remembered.account;
    this.delete(accountId);
    if (rows.length === 0 || rows.length > LARGE_ROWS) return;
    if (this.rows + rows.length > this.rowsMax) return;
    this.byId.set(accountId, remembered);
    this.rows += rows.length;
  }

  /** @returns whether it was remembered */
  delete(accountId: string): boolean {
    this.rows -= this.byId.get(accountId)?.account.rows.length ?? 0;
    return this.byId.delete(accountId);
  }

  clear(): void {
    this.byId.clear();
    this.rows = 0;
  }
}
