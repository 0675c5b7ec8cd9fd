/** Attributes by name, before validation; numbers are Numerals. */
export type RawRow = Readonly<Record<string, unknown>>;

export interface AccountRows {
  readonly accountId: string;
  readonly rows: readonly RawRow[];
  /** Whether a row was refused; evidence then keeps all rows unchanged. */
  readonly isUnreadable?: boolean | undefined;
}
