/** A row as a file has it, and where it stands. */
import type { RawRow } from '../../lambda/rows/raw-row.ts';

export interface SourceRow {
  /** Such as "positions.csv line 7". */
  readonly place: string;
  readonly content: { readonly row: RawRow } | Unreadable;
}

/** A row that could not even be taken apart. */
export interface Unreadable {
  readonly fault: string;
  /** Whose it seems to be. */
  readonly accountId?: string | undefined;
}
