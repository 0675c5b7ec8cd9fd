/** Accounts that a check need not read, because it can prove that they are healthy. */
import type { SubAccount } from '../margin/book/account.ts';
import type { Book } from '../margin/book/book.ts';
import type { LiquidatedByMove } from '../margin/liquidation/cascade.ts';
import type { ShockDebt } from '../margin/liquidation/shock-debt.ts';
import type { AccountRows } from '../rows/raw-row.ts';

/** The accounts that are not read, and what the gauges have to know of them. */
export interface NotRead {
  readonly accounts: number;
  readonly subAccounts: number;
  readonly liquidated: readonly LiquidatedByMove[];
  readonly debt: ShockDebt;
}

/** Of a healthy account. */
export interface HealthyPart {
  readonly subAccount: SubAccount;
  readonly book: Book;
}

export interface ProvedAccounts {
  /**
   * @param besides accounts that are read whatever is proved of them
   * @returns accounts to read, the worst first; undefined if every account has to be read
   */
  toRead(besides: Iterable<string>): Promise<readonly string[] | undefined>;
  /** Whether a scan of all accounts has to be strongly consistent, because it is noted. */
  readonly isScanNoted: boolean;
  /** A scan has met an account that is read again. */
  meet(accountId: string): void;
  /**
   * A strongly consistent read has found these rows.
   * @param parts absent if the account is not healthy for certain, or has an open case
   */
  note(account: AccountRows, parts?: readonly HealthyPart[]): void;
  /** Every account has been read and noted. */
  noteWhole(): void;
  /** Compares a part of the table with what is known. @returns accounts that have to be read now */
  compare(): Promise<readonly string[]>;
  /** After the comparison: the accounts that this check has not read. */
  notRead(): NotRead;
}
