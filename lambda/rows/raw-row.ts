import { Numeral } from './numeral.ts';

/** Attributes by name, before validation; numbers are Numerals. */
export type RawRow = Readonly<Record<string, unknown>>;

export interface AccountRows {
  readonly accountId: string;
  readonly rows: readonly RawRow[];
  /** Whether a row was refused; evidence then keeps all rows unchanged. */
  readonly isUnreadable?: boolean | undefined;
}

/** A key as a text; empty for a map or list, which may have a `toString` that is no function. */
export function keyText(value: unknown): string {
  if (value instanceof Numeral) return value.text;
  return typeof value === 'object' && value !== null ? '' : String(value);
}

/** The value without attributes that are null or undefined, at any depth; they count as absent. */
export function withoutAbsent<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Numeral || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(withoutAbsent) as T;
  const present: Record<string, unknown> = Object.create(null);
  for (const [name, each] of Object.entries(value)) {
    if (each !== null && each !== undefined) present[name] = withoutAbsent(each);
  }
  return present as T;
}
