/** Items as DynamoDB gives them: keys are texts, and every value names its type. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Item } from '../../lambda/aws/attribute-values.ts';
import { visible } from '../../lambda/messages/visible.ts';

export type Table = 'accounts' | 'market';

/** Characters of a row in a finding. */
const SHOWN_MAX = 700;

export const KEYS: Readonly<Record<Table, readonly [string, string]>> = {
  accounts: ['accountId', 'item'],
  market: ['kind', 'id'],
};

export const itemOf = (row: Readonly<Record<string, unknown>>): Item => marshall(row);

/** Any name, `__proto__` too. */
export function withAttribute(item: Item, name: string, value: AttributeValue): Item {
  const copy = copyOf(item);
  Object.defineProperty(copy, name, { value, ...OWN });
  return copy;
}

export function withoutAttribute(item: Item, name: string): Item {
  const copy = copyOf(item);
  delete copy[name];
  return copy;
}

export function copyOf(item: Item): Item {
  const copy: Item = Object.create(null);
  for (const name of Object.keys(item)) {
    Object.defineProperty(copy, name, { value: item[name], ...OWN });
  }
  return copy;
}

const OWN = { enumerable: true, configurable: true, writable: true };

/** Undefined if it is absent or no text. */
export const textIn = (item: Item, name: string): string | undefined =>
  Object.hasOwn(item, name) ? item[name]?.S : undefined;

/** Such as `market quote/BTC-USD#a`. */
export function placeOf(table: Table, item: Item): string {
  const [partition, sort] = KEYS[table];
  return `${table} ${textIn(item, partition) ?? ''}/${textIn(item, sort) ?? ''}`;
}

/** As the AWS command line would write it, in one line. */
export function shownItem(item: Item): string {
  const json = JSON.stringify(item, (_name, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  const line = visible(json);
  return line.length <= SHOWN_MAX ? line : `${line.slice(0, SHOWN_MAX)}… (${line.length})`;
}
