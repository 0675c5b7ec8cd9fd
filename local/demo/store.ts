import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { groupBy } from '../../lambda/margin/number/group-by.ts';
import { type AccountRow, put, readAccountRows, remove, writeRows } from '../aws/rows.ts';
import { writeMarked } from '../aws/writers.ts';
import type { Change } from './fill.ts';

export interface AccountStore {
  read(accountId: string): Promise<readonly AccountRow[]>;
  write(change: Pick<Change, 'written' | 'removed'>): Promise<void>;
}

/** @param write rows of one change, in any order */
export const tableStore = (
  dynamo: DynamoDBClient,
  table: string,
  write: typeof writeRows = writeRows,
): AccountStore => ({
  read: (accountId) => readAccountRows(dynamo, { table, accountId }),
  write: async ({ written, removed }) => {
    const requests = [
      ...written.map((row) => ({ row, request: put(row) })),
      ...removed.map((row) => ({ row, request: remove(row) })),
    ];
    for (const [accountId, own] of groupBy(requests, ({ row }) => row.accountId)) {
      const change = { table, accountId, requests: own.map(({ request }) => request) };
      await writeMarked(dynamo, change, write);
    }
  },
});

export class MemoryStore implements AccountStore {
  private readonly accounts = new Map<string, Map<string, AccountRow>>();

  constructor(rows: readonly AccountRow[]) {
    this.put(rows);
  }

  get rows(): AccountRow[] {
    return [...this.accounts.values()].flatMap((rows) => [...rows.values()]);
  }

  async read(accountId: string): Promise<readonly AccountRow[]> {
    return [...(this.accounts.get(accountId)?.values() ?? [])];
  }

  async write({ written, removed }: Pick<Change, 'written' | 'removed'>): Promise<void> {
    this.put(written);
    for (const { accountId, item } of removed) this.accounts.get(accountId)?.delete(item);
  }

  private put(rows: readonly AccountRow[]): void {
    for (const row of rows) {
      const held = this.accounts.get(row.accountId) ?? new Map<string, AccountRow>();
      this.accounts.set(row.accountId, held.set(row.item, row));
    }
  }
}
