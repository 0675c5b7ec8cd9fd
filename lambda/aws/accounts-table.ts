/** The accounts table, read only: a parallel scan that yields accounts page by page. */
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { AccountRows } from '../contract/document.ts';
import type { RawRow } from '../contract/fault.ts';
import { type Item, rowOf } from './attribute-values.ts';

export interface ScanInput {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  readonly segment: number;
  readonly segments: number;
}

/**
 * Whole accounts, a page at a time; never more than a page and the rows of one account in memory.
 * A scan returns the rows of one partition together and in one segment, so an account is complete
 * when the next one begins.
 */
export async function* scanAccounts(input: ScanInput): AsyncGenerator<AccountRows[]> {
  const { dynamo, table, segment, segments } = input;
  let partial: RawRow[] = [];
  let startKey: Item | undefined;
  do {
    const page = await dynamo.send(
      new ScanCommand({
        TableName: table,
        Segment: segment,
        TotalSegments: segments,
        ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
      }),
    );
    const accounts = groupByAccount(partial, page.Items ?? []);
    startKey = page.LastEvaluatedKey;
    partial = startKey === undefined ? [] : [...(accounts.pop()?.rows ?? [])];
    if (accounts.length > 0) yield accounts;
  } while (startKey !== undefined);
}

function groupByAccount(before: readonly RawRow[], items: readonly Item[]): AccountRows[] {
  const accounts: { accountId: string; rows: RawRow[] }[] = [];
  for (const row of [...before, ...items.map(rowOf)]) {
    const accountId = String(row.accountId);
    const last = accounts.at(-1);
    if (last?.accountId === accountId) last.rows.push(row);
    else accounts.push({ accountId, rows: [row] });
  }
  return accounts;
}
