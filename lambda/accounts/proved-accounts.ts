/**
 * Accounts that a check need not read: it can prove that they are healthy, or it remembers their rows
 * and cases and finds that they need no decision.
 */

import type { SubAccount } from '../margin/book/account.ts';
import type { Book } from '../margin/book/book.ts';
import type { LiquidatedByMove } from '../margin/liquidation/cascade.ts';
import type { ShockDebt } from '../margin/liquidation/shock-debt.ts';
import type { StoredCase } from '../outbox/stored-case.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import type { ScanOptions, ScanPosition } from '../rows/scan-options.ts';

/** The accounts that are proved healthy, and what the gauges have to know of them. */
export interface NotRead {
  readonly accounts: number;
  readonly subAccounts: number;
  readonly liquidated: readonly LiquidatedByMove[];
  readonly debt: ShockDebt;
}

/** One sub-account of a healthy account. */
export interface HealthyPart {
  readonly subAccount: SubAccount;
  readonly book: Book;
}

/** An account that a check has read, and whose cases it has left as they were. */
export interface RememberedAccount {
  readonly account: AccountRows;
  /** By sort key: of every sub-account that is not healthy or has an open case. */
  readonly cases: ReadonlyMap<string, StoredCase>;
}

export interface ToRead {
  /** The worst first. */
  readonly accountIds: readonly string[];
  /** Whether other accounts are not known yet: the scan that finds them goes on. */
  readonly isPart: boolean;
}

/**
 * Notes a safe account of a worker's part.
 * @param place among the safe accounts of the part
 * @param isHealthy false: it has an open case, or none can be found, so it is read at every check
 */
export type NoteScanned = (accountId: string, place: number, isHealthy: boolean) => void;

export interface ProvedAccounts {
  /**
   * @param inAnyCase accounts that are read even if they are proved healthy
   * @returns undefined if every account has to be read
   */
  toRead(inAnyCase: Iterable<string>): Promise<ToRead | undefined>;
  /** How to scan on: strongly consistent if it is noted. Undefined: the whole segment is known. */
  scanOf(segment: number): ScanOptions | undefined;
  /** The accounts among them that this check has neither read nor proved healthy. */
  uncovered<T extends { readonly accountId: string }>(accounts: readonly T[]): readonly T[];
  /** A scan has met an account that is read again. */
  meet(accountId: string): void;
  /**
   * A strongly consistent read has found these rows.
   * @param parts absent if the account is not healthy for certain, or has an open case
   */
  note(account: AccountRows, parts?: readonly HealthyPart[]): void;
  /** After `note`, and in place of what was remembered of it. */
  remember(remembered: RememberedAccount): void;
  /** Undefined if nothing is remembered, or its rows have changed since. */
  recall(accountId: string): RememberedAccount | undefined;
  /** It is not read, because it was decided about, and counted, as it is remembered. */
  passOver(accountId: string): void;
  /** All accounts of a segment up to this row were met, or all of the segment. */
  noteScanned(segment: number, position: ScanPosition | 'whole'): void;
  /**
   * Certificates that a worker has made at the market of this check.
   * @param safe the accounts of its part that are
   * @throws Error if they cannot be used
   */
  readCertificates(given: unknown, safe: readonly { readonly subAccounts: number }[]): NoteScanned;
  /** Compares a part of the table with what is known. @returns accounts that have to be read now */
  compare(): Promise<readonly string[]>;
  /** After the comparison: the accounts that this check has neither read nor passed over. */
  notRead(): NotRead;
}
