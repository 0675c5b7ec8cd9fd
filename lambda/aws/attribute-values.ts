/** DynamoDB items as plain rows. An N becomes a Numeral and keeps all its digits. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Numeral } from '../rows/numeral.ts';
import type { RawRow } from '../rows/raw-row.ts';

export type Item = Record<string, AttributeValue>;

/**
 * Takes a short cut for texts and numbers, which are nearly everything. Names that begin with _ are
 * the writer's own: whatever they hold, it costs a check nothing and is in no record.
 */
export function rowOf(item: Item): RawRow {
  const row: Record<string, unknown> = Object.create(null);
  for (const name in item) {
    if (name.startsWith('_')) continue;
    const value = item[name] as AttributeValue;
    if (value.S !== undefined) row[name] = value.S;
    else if (value.N !== undefined) row[name] = new Numeral(value.N);
    else row[name] = plain(unmarshall({ value }, WITH_NUMERALS).value);
  }
  return row;
}

const WITH_NUMERALS = { wrapNumbers: (text: string) => new Numeral(text) };

/** Sets and binaries become lists, which are refused, now and in a replay. */
const plain = (value: unknown): unknown => {
  if (value instanceof Set) return [...value].map(plain);
  return value instanceof Uint8Array ? [Buffer.from(value).toString('base64')] : value;
};
