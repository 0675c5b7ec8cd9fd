/** How the accounts table is scanned. */
import { type AccountRows, keyText } from './raw-row.ts';

export interface Canary {
  readonly number: number;
  /** The id of its check. */
  readonly name: string;
}

/** A row: a scan goes on after it. */
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
