import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { RawRow } from '../rows/raw-row.ts';
import { rowOf } from './attribute-values.ts';

export interface MarketTable {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
}

/** Strongly consistent: has every quote written before the check began. */
export async function readMarketRows({ dynamo, table }: MarketTable): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  const pages = paginateScan({ client: dynamo }, { TableName: table, ConsistentRead: true });
  for await (const page of pages) rows.push(...(page.Items ?? []).map(rowOf));
  return rows;
}
