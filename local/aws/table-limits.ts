/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { TABLES, type TableDefinition } from '../../lib/names.ts';
import type { Fault } from './limits.ts';

export const ITEM_BYTES_MAX = 400 * 1024;
const PARTITION_KEY_BYTES_MAX = 2048;
const SORT_KEY_BYTES_MAX = 1024;
const DEPTH_MAX = 32;
const NAME_BYTES_MAX = 65_535;
const EXPRESSION_BYTES_MAX = 4096;

type Item = Readonly<Record<string, AttributeValue>>;

/** The parts of all commands that are looked at. */
interface TableInput {
  readonly TableName?: string | undefined;
  readonly Item?: Item | undefined;
  readonly Key?: Item | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
  readonly RequestItems?: Readonly<Record<string, readonly WriteRequest[] | BatchKeys>> | undefined;
}

interface WriteRequest {
  readonly PutRequest?: { readonly Item?: Item | undefined } | undefined;
  readonly DeleteRequest?: { readonly Key?: Item | undefined } | undefined;
}

interface BatchKeys {
  readonly Keys?: readonly Item[] | undefined;
}

export function tableFault(input: TableInput): Fault | undefined {
  const { ConditionExpression: condition = '' } = input;
  const [message] = [
    ...(bytesOf(condition) > EXPRESSION_BYTES_MAX ? [TOO_LONG] : []),
    ...itemsIn(input).flatMap(([table, item]) => [...itemFaults(table, item)]),
    ...keysIn(input).flatMap(([table, key]) => [...keyFaults(table, key)]),
  ];
  return message === undefined ? undefined : { name: 'ValidationException', message };
}

const TOO_LONG =
  'Invalid ConditionExpression: Expression size has exceeded the maximum allowed size';

type InTable = readonly (readonly [table: string, attributes: Item])[];

function itemsIn({ TableName = '', Item, RequestItems = {} }: TableInput): InTable {
  const puts = Object.entries(RequestItems).flatMap(([table, requests]) =>
    writesIn(requests).flatMap(({ PutRequest }) =>
      PutRequest?.Item === undefined ? [] : [[table, PutRequest.Item] as const],
    ),
  );
  return Item === undefined ? puts : [[TableName, Item], ...puts];
}

function keysIn(input: TableInput): InTable {
  const { TableName = '', Key, RequestItems = {} } = input;
  const batched = Object.entries(RequestItems).flatMap(([table, requests]) => {
    const deleted = writesIn(requests).flatMap(({ DeleteRequest: { Key: key } = {} }) =>
      key === undefined ? [] : [key],
    );
    const read = 'Keys' in requests ? (requests.Keys ?? []) : [];
    return [...deleted, ...read].map((key) => [table, key] as const);
  });
  return [[TableName, Key ?? {}], [TableName, sought(input)], ...batched];
}

const writesIn = (requests: readonly WriteRequest[] | BatchKeys): readonly WriteRequest[] =>
  'map' in requests ? requests : [];

/** The values that a query's keys are compared with, by the keys' names. */
function sought(input: TableInput): Item {
  const { KeyConditionExpression, ExpressionAttributeNames: names = {} } = input;
  if (KeyConditionExpression === undefined) return {};
  const { ExpressionAttributeValues: values = {} } = input;
  const compared = KeyConditionExpression.matchAll(/(#?\w+)\s*(?:[=<>]+|,)\s*(:\w+)/g);
  const pairs = [...compared].flatMap(([, name = '', value = '']) => {
    const found = values[value];
    return found === undefined ? [] : [[names[name] ?? name, found] as const];
  });
  return Object.fromEntries(pairs);
}

function* itemFaults(table: string, item: Item): Generator<string> {
  yield* keyFaults(table, item);
  for (const [name, value] of Object.entries(item)) {
    if (name === '') yield 'One or more parameter values were invalid: An AttributeName is empty';
    if (bytesOf(name) > NAME_BYTES_MAX) {
      yield 'One or more parameter values were invalid: Aggregated size of an attribute name is over 64 KB';
    }
    if (depthOf(value) > DEPTH_MAX) {
      yield 'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit';
    }
  }
  if (sizeOfMap(item) > ITEM_BYTES_MAX) yield 'Item size has exceeded the maximum allowed size';
}

function* keyFaults(table: string, attributes: Item): Generator<string> {
  if (!Object.hasOwn(TABLES, table)) return;
  const definition: TableDefinition = TABLES[table as keyof typeof TABLES];
  const { partitionKey, sortKey } = definition;
  const index = definition.sparseIndex?.partitionKey ?? '';
  yield* keyFault(partitionKey, attributes[partitionKey], PARTITION_KEY_BYTES_MAX);
  yield* keyFault(sortKey, attributes[sortKey], SORT_KEY_BYTES_MAX);
  yield* keyFault(index, attributes[index], PARTITION_KEY_BYTES_MAX);
}

function* keyFault(name: string, value: AttributeValue | undefined, bytesMax: number) {
  if (value?.S === undefined) return;
  if (value.S === '') {
    yield `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`;
  }
  if (bytesOf(value.S) > bytesMax) {
    yield `One or more parameter values were invalid: Size of the key ${name} has exceeded the maximum size limit of ${bytesMax} bytes`;
  }
}

const bytesOf = (text: string): number => Buffer.byteLength(text);

function depthOf({ L, M }: AttributeValue): number {
  const inner = L ?? Object.values(M ?? {});
  return L === undefined && M === undefined ? 0 : 1 + Math.max(0, ...inner.map(depthOf));
}

export const sizeOfMap = (map: Item): number =>
  Object.entries(map).reduce((sum, [name, value]) => sum + bytesOf(name) + sizeOf(value), 0);

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function sizeOf(value: AttributeValue): number {
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  if (value.S !== undefined) return bytesOf(value.S);
  if (value.N !== undefined) return sizeOfNumber(value.N);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.SS !== undefined) return sum(value.SS.map(bytesOf));
  if (value.NS !== undefined) return sum(value.NS.map(sizeOfNumber));
  if (value.BS !== undefined) return sum(value.BS.map((bytes) => bytes.byteLength));
  if (value.L !== undefined) return 3 + sum(value.L.map((each) => 1 + sizeOf(each)));
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + sizeOfMap(value.M);
  return 1;
}

/** A byte for two digits, and one or two more. */
function sizeOfNumber(text: string): number {
  const digits = text
    .replace(/e.*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + (text.startsWith('-') ? 2 : 1);
}
