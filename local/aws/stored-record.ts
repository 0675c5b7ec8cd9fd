import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { joined, PART, recordPartKeys } from '../../lambda/outbox/parts.ts';
import type { Key } from '../../lambda/outbox/stored-case.ts';

export interface RecordRow {
  readonly record?: AttributeValue | undefined;
  /** Instead of a large record: the number of its parts. */
  readonly parts?: AttributeValue | undefined;
}

/**
 * The compressed decision record of a row, put together if it lies in parts.
 * @returns undefined if it is not the row of a record
 * @throws Error that names a missing part
 */
export async function recordBytes(
  row: RecordRow | undefined,
  at: { readonly dynamo: DynamoDBClient; readonly table: string; readonly key: Key },
): Promise<Uint8Array | undefined> {
  if (row?.record?.B !== undefined) return row.record.B;
  if (row?.parts?.N === undefined) return undefined;
  const { dynamo, table, key } = at;
  return joined(recordPartKeys(key, Number(row.parts.N)), async ({ pk, sk }) => {
    const Key = { pk: { S: pk }, sk: { S: sk } };
    const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
    return (await dynamo.send(command)).Item?.[PART]?.B;
  });
}
