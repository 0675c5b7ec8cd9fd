/** DynamoDB items as plain rows. An N becomes a Numeral and keeps all its digits. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Numeral } from '../rows/numeral.ts';
import type { RawRow } from '../rows/raw-row.ts';

export type Item = Record<string, AttributeValue>;

/**
 * Never throws: a row that nobody can read must not end the reading of the others. Names that begin
 * with _ are the writer's own: whatever they hold, it costs a check nothing and is in no record.
 */
export const rowOf = (item: Item): RawRow => mapOf(item, (name) => !name.startsWith('_'));

/** Without attributes that are NULL. No attribute is taken for the map's prototype. */
function mapOf(item: Item, isRead = (_name: string) => true): Record<string, unknown> {
  const row: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(item)) {
    if (!isRead(name)) continue;
    const value = plainValue(item[name]);
    if (value !== undefined) row[name] = value;
  }
  return row;
}

/**
 * Binaries and sets become maps that no attribute allows, now and in a replay. The SDK loses the
 * value of an attribute named `__proto__`.
 */
function plainValue(value: AttributeValue | undefined): unknown {
  if (value?.S !== undefined) return value.S;
  if (value?.N !== undefined) return new Numeral(value.N);
  if (value === undefined) return mapWith('unknown', []);
  if (value.NULL !== undefined) return undefined;
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.M !== undefined) return mapOf(value.M);
  if (value.L !== undefined) return value.L.map((each) => plainValue(each) ?? null);
  if (value.SS !== undefined) return mapWith('SS', value.SS);
  if (value.NS !== undefined) return mapWith('NS', value.NS);
  if (value.BS !== undefined) return mapWith('BS', value.BS.map(base64));
  return value.B === undefined ? mapWith('unknown', []) : mapWith('B', [base64(value.B)]);
}

/** No map of a row has a prototype, so that equal rows are equal however they were read. */
const mapWith = (name: string, value: readonly string[]): Record<string, unknown> =>
  Object.assign(Object.create(null), { [name]: value });

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
