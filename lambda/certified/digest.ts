/**
 * Tells an account's rows from others, with one mistake in 2^52: a certificate is of the rows that it
 * was made from. It protects against loss, and not against a forger.
 */
import { Numeral } from '../rows/numeral.ts';
import type { RawRow } from '../rows/raw-row.ts';

/** Two FNV-1a hashes that begin apart. */
class Hash {
  private low = 0x811c9dc5;
  private high = 0x5bd1e995;

  add(text: string): void {
    for (let each = 0; each < text.length; each++) {
      const unit = text.charCodeAt(each);
      this.low = Math.imul(this.low ^ unit, 0x01000193);
      this.high = Math.imul(this.high ^ unit, 0x01000193) ^ (this.high >>> 15);
    }
    // A unit that no text has.
    this.low = Math.imul(this.low ^ 0x1_0000, 0x01000193);
    this.high = Math.imul(this.high ^ 0x1_0000, 0x01000193) ^ (this.high >>> 15);
  }

  get value(): number {
    return (this.high >>> 12) * 2 ** 32 + (this.low >>> 0);
  }
}

/** @param rows of one account, in the order of their items */
export function digestOf(rows: readonly RawRow[]): number {
  const hash = new Hash();
  for (const row of rows) addValue(hash, row);
  return hash.value;
}

/** A map's attributes come in any order. A number and its text are read alike. */
function addValue(hash: Hash, value: unknown): void {
  if (typeof value === 'string') hash.add(value);
  else if (value instanceof Numeral) hash.add(value.text);
  else if (typeof value !== 'object' || value === null) hash.add(`\u0000${value}`);
  else {
    hash.add(Array.isArray(value) ? '[' : '{');
    for (const name of Object.keys(value).sort()) {
      hash.add(name);
      addValue(hash, (value as Readonly<Record<string, unknown>>)[name]);
    }
    hash.add(']');
  }
}
