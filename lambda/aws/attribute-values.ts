/** DynamoDB's attribute values as plain rows: N becomes a Numeral, so that no digit is lost. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { RawRow } from '../contract/fault.ts';
import { Numeral } from '../contract/numeral.ts';

export type Item = Record<string, AttributeValue>;

export const rowOf = (item: Item): RawRow =>
  unmarshall(item, { wrapNumbers: (text: string) => new Numeral(text) });
