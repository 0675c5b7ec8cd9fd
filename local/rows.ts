/** Rows of the accounts and market tables as plain attributes, written and read by their key. */
import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

export type Attribute = string | number | boolean | readonly Attributes[] | Attributes;
export interface Attributes {
  readonly [name: string]: Attribute;
}

/** A row of the accounts table. Its decimals are texts. */
export interface AccountRow extends Attributes {
  readonly accountId: string;
  readonly item: string;
}

export interface MarketRow extends Attributes {
  readonly kind: string;
  readonly id: string;
}

/** The most that DynamoDB writes at once. */
const WRITES_MAX = 25;

export const put = (row: Attributes): WriteRequest => ({ PutRequest: { Item: marshall(row) } });

export const remove = ({ accountId, item }: AccountRow): WriteRequest => ({
  DeleteRequest: { Key: marshall({ accountId, item }) },
});

export async function writeRows(
  dynamo: DynamoDBClient,
  { table, requests }: { readonly table: string; readonly requests: readonly WriteRequest[] },
): Promise<void> {
  for (let from = 0; from < requests.length; from += WRITES_MAX) {
    const batch = requests.slice(from, from + WRITES_MAX);
    const command = new BatchWriteItemCommand({ RequestItems: { [table]: batch } });
    const { UnprocessedItems = {} } = await dynamo.send(command);
    if (Object.keys(UnprocessedItems).length > 0) {
      throw new Error(`the table ${table} did not take every row of a batch`);
    }
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
