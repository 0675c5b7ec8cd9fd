/**
 * How a venue writes while checks run: docs/runbook.md. On AWS one TransactWriteItems takes the
 * place of the mark; the embedded database has none.
 */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type MarketRow, writeRows } from './rows.ts';

export interface AccountChange {
  readonly table: string;
  readonly accountId: string;
  /** Of rows of this account other than its profile. */
  readonly requests: readonly WriteRequest[];
}

/**
 * Marks the profile before the first of several rows, and writes it as it was after the last.
 * @param write of the rows in between
 */
export async function writeMarked(
  dynamo: DynamoDBClient,
  change: AccountChange,
  write: typeof writeRows = writeRows,
): Promise<void> {
  const { table: TableName, accountId, requests } = change;
  if (requests.length < 2) return write(dynamo, change);
  const Key = marshall({ accountId, item: 'profile' });
  const { Item } = await dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  const plain = Item === undefined ? { marginModel: 'standard' } : unmarshall(Item);
  const marked = { ...Key, ...marshall({ ...plain, changing: true }) };
  await dynamo.send(new PutItemCommand({ TableName, Item: marked }));
  await write(dynamo, change);
  if (Item === undefined) await dynamo.send(new DeleteItemCommand({ TableName, Key }));
  else await dynamo.send(new PutItemCommand({ TableName, Item }));
}

export interface Quoting {
  readonly table: string;
  /** With its `publishedAt` as a number. */
  readonly quote: MarketRow;
}

/**
 * A writer that is slow or that tries again must not put an old price over a newer one.
 * @returns whether the quote was newer
 */
export async function putQuote(
  dynamo: DynamoDBClient,
  { table, quote }: Quoting,
): Promise<boolean> {
  const command = new PutItemCommand({
    TableName: table,
    Item: marshall(quote),
    ConditionExpression: 'attribute_not_exists(publishedAt) OR publishedAt < :publishedAt',
    ExpressionAttributeValues: marshall({ ':publishedAt': quote.publishedAt }),
  });
  try {
    await dynamo.send(command);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
