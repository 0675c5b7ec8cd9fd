/** The accounts table, read only: a parallel scan that yields accounts page by page. */
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { AccountRows } from '../contract/document.ts';
import type { RawRow } from '../contract/fault.ts';
import { rowOf } from './attribute-values.ts';

export interface ScanInput {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  readonly segment: number;
  readonly segments: number;
}

/** Accounts that are handed on together: few enough that their rows do not outlive the work. */
const ACCOUNTS_AT_ONCE = 1000;

/**
 * Whole accounts, some at a time; never more than a page and the rows of one account in memory.
 * A scan returns the rows of one partition together and in one segment, so an account is complete
 * when the next one begins.
 */
export async function* scanAccounts(input: ScanInput): AsyncGenerator<AccountRows[]> {
  const { dynamo, table, segment, segments } = input;
  const pages = paginateScan(
    { client: dynamo },
    { TableName: table, Segment: segment, TotalSegments: segments },
  );
  let accounts: Gathered[] = [];
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      const row = rowOf(item);
      const accountId = String(row.accountId);
      const last = accounts.at(-1);
      if (last?.accountId === accountId) {
        last.rows.push(row);
        continue;
      }
      if (accounts.length === ACCOUNTS_AT_ONCE) {
        yield accounts;
        accounts = [];
      }
      accounts.push({ accountId, rows: [row] });
    }
  }
  if (accounts.length > 0) yield accounts;
}

interface Gathered {
  readonly accountId: string;
  readonly rows: RawRow[];
}
