import { setTimeout } from 'node:timers/promises';
import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, NumberValueImpl as NumberValue, unmarshall } from '@aws-sdk/util-dynamodb';
import pMap from 'p-map';
import { rowOf } from '../../lambda/aws/attribute-values.ts';
import { Numeral } from '../../lambda/rows/numeral.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';

export type Attribute = string | number | boolean | readonly Attributes[] | Attributes;
export interface Attributes {
  readonly [name: string]: Attribute;
}

/** Decimals are strings. */
export interface AccountRow extends Attributes {
  readonly accountId: string;
  readonly item: string;
}

export interface MarketRow extends Attributes {
  readonly kind: string;
  readonly id: string;
}

/** DynamoDB's limit for one batch. */
const WRITES_MAX = 25;
const BATCHES_AT_ONCE = 4;
/** Waits double from FIRST_WAIT_MS: about 12 seconds in all. */
const ATTEMPTS_MAX = 9;
const FIRST_WAIT_MS = 50;

export const put = (row: Attributes): WriteRequest => ({ PutRequest: { Item: marshall(row) } });

export const remove = ({ accountId, item }: AccountRow): WriteRequest => ({
  DeleteRequest: { Key: marshall({ accountId, item }) },
});

/** Keeps every digit of a number. */
export const putExactly = (row: RawRow): WriteRequest => put(marshallable(row) as Attributes);

function marshallable<T>(value: T): T {
  if (value instanceof Numeral) return NumberValue.from(value.text) as T;
  if (Array.isArray(value)) return value.map(marshallable) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, marshallable(each)]);
  return Object.fromEntries(entries) as T;
}

export interface Writing {
  readonly table: string;
  readonly requests: readonly WriteRequest[];
  readonly onWritten?: (rows: number) => void;
}

/** @throws Error when the table keeps leaving rows unwritten. */
export async function writeRows(dynamo: DynamoDBClient, writing: Writing): Promise<void> {
  const { table, requests, onWritten = () => {} } = writing;
  const batches: WriteRequest[][] = [];
  for (let from = 0; from < requests.length; from += WRITES_MAX) {
    batches.push(requests.slice(from, from + WRITES_MAX));
  }
  await pMap(
    batches,
    async (batch) => {
      await writeBatch(dynamo, table, batch);
      onWritten(batch.length);
    },
    { concurrency: BATCHES_AT_ONCE },
  );
}

/** A throttled table may leave part of a batch unwritten. */
async function writeBatch(dynamo: DynamoDBClient, table: string, batch: WriteRequest[]) {
  let left = batch;
  for (let attempt = 1; ; attempt++) {
    const command = new BatchWriteItemCommand({ RequestItems: { [table]: left } });
    const { UnprocessedItems = {} } = await dynamo.send(command);
    left = UnprocessedItems[table] ?? [];
    if (left.length === 0) return;
    if (attempt === ATTEMPTS_MAX) {
      throw new Error(
        `the table ${table} is throttled: ${left.length} rows of a batch are still unwritten after ` +
          `${attempt} attempts; try again later`,
      );
    }
    await setTimeout(FIRST_WAIT_MS * 2 ** (attempt - 1));
  }
}

export async function readAccountRows(
  dynamo: DynamoDBClient,
  { table, accountId }: { readonly table: string; readonly accountId: string },
): Promise<AccountRow[]> {
  const command = new QueryCommand({
    TableName: table,
    KeyConditionExpression: 'accountId = :accountId',
    ExpressionAttributeValues: marshall({ ':accountId': accountId }),
    ConsistentRead: true,
  });
  const { Items = [] } = await dynamo.send(command);
  return Items.map((row) => unmarshall(row) as AccountRow);
}

export async function readMarketRow(
  dynamo: DynamoDBClient,
  { table, kind, id }: { readonly table: string; readonly kind: string; readonly id: string },
): Promise<RawRow | undefined> {
  const command = new GetItemCommand({
    TableName: table,
    Key: marshall({ kind, id }),
    ConsistentRead: true,
  });
  const { Item } = await dynamo.send(command);
  return Item === undefined ? undefined : rowOf(Item);
}
