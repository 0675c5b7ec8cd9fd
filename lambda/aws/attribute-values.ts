/** DynamoDB's attribute values as plain rows: N becomes a Numeral, so that no digit is lost. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { RawRow } from '../contract/fault.ts';
import { Numeral } from '../contract/numeral.ts';

export type Item = Record<string, AttributeValue>;

/** Texts and numbers, which nearly every attribute is, without the detour of the general case. */
export function rowOf(item: Item): RawRow {
  const row: Record<string, unknown> = Object.create(null);
  for (const name in item) {
    const value = item[name] as AttributeValue;
    if (value.S !== undefined) row[name] = value.S;
    else if (value.N !== undefined) row[name] = new Numeral(value.N);
    else row[name] = unmarshall({ value }, WITH_NUMERALS).value;
  }
  return row;
}

const WITH_NUMERALS = { wrapNumbers: (text: string) => new Numeral(text) };
