import type { RawRow } from '../../lambda/rows/raw-row.ts';

export interface SourceRow {
  /** `positions.csv line 7` */
  readonly place: string;
  readonly content: { readonly row: RawRow } | Unreadable;
}

export interface Unreadable {
  readonly fault: string;
  /** The account it seems to belong to. */
  readonly accountId?: string | undefined;
}
