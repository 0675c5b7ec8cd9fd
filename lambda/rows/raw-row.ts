/** Rows as they come out of a table or a document, before anything is known of them. */

/** A row as it was read: attributes by name, numbers as Numerals. */
export type RawRow = Readonly<Record<string, unknown>>;

export interface AccountRows {
  readonly accountId: string;
  readonly rows: readonly RawRow[];
}
