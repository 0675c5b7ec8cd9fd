/** Accounts that a check need not read, because it can prove that they are healthy. */

import type { SubAccount } from '../margin/book/account.ts';
import type { Book } from '../margin/book/book.ts';
import type { LiquidatedByMove } from '../margin/liquidation/cascade.ts';
import type { ShockDebt } from '../margin/liquidation/shock-debt.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import type { ScanOptions } from '../rows/scan-options.ts';

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

export interface ToRead {
  /** The worst first. */
  readonly accountIds: readonly string[];
  /** Whether other accounts are known to none: the scan that finds them goes on. */
  readonly isPart: boolean;
}

export interface ProvedAccounts {
  /**
   * @param besides accounts that are read whatever is proved of them
   * @returns undefined if every account has to be read
   */
  toRead(besides: Iterable<string>): Promise<ToRead | undefined>;
  /** How to scan: strongly consistent if it is noted, and after what is known. Undefined: all is. */
  scanOf(segment: number): ScanOptions | undefined;
  /** Whether this check has read it, or need not. */
  covers(accountId: string): boolean;
  /** A scan has met an account that is read again. */
  meet(accountId: string): void;
  /**
   * A strongly consistent read has found these rows.
   * @param parts absent if the account is not healthy for certain, or has an open case
   */
  note(account: AccountRows, parts?: readonly HealthyPart[]): void;
  /** All accounts of a segment up to this one were met; absent: all of the segment. */
  noteScanned(segment: number, last?: AccountRows): void;
  /** Compares a part of the table with what is known. @returns accounts that have to be read now */
  compare(): Promise<readonly string[]>;
  /** After the comparison: the accounts that this check has not read. */
  notRead(): NotRead;
}
