/** How the accounts table is scanned. */
import { type AccountRows, keyText } from './raw-row.ts';

export interface Canary {
  readonly number: number;
  /** The id of its check. */
  readonly name: string;
}

/** The last row of an account that was met: a scan goes on after this account. */
export interface ScanPosition {
  readonly accountId: string;
  readonly item: string;
}

export interface ScanOptions {
  readonly isConsistent?: boolean;
  /** Absent: from the beginning. */
  readonly after?: ScanPosition | undefined;
  /** Canary rows that are met: their check has not removed them yet. */
  readonly onCanary?: (canary: Canary) => void;
}

/** The position of its last row; undefined without rows. */
export function positionOf(account: AccountRows | undefined): ScanPosition | undefined {
  const row = account?.rows.at(-1);
  return row && { accountId: keyText(row.accountId), item: keyText(row.item) };
}
