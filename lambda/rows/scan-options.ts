/** How the accounts table is scanned. */

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
