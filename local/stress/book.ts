import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { readMarketRows } from '../../lambda/aws/market-table.ts';
import { readFeeds } from '../../lambda/check/feed-memory.ts';
import { SCAN_SEGMENTS } from '../../lambda/config.ts';
import { FUND_KEY } from '../../lambda/fund/fund-item.ts';
import type { Amount } from '../../lambda/margin/number/decimal.ts';
import type { SnapshotInput } from '../../lambda/margin/snapshot/snapshot.ts';
import { readLedger } from '../../lambda/record/fund-state.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { PolicyError, readMarket } from '../../lambda/rows/read-market.ts';
import { DocumentError, readDocument } from '../analysis/document.ts';
import type { Deployment } from '../aws/deployment.ts';
import { InputError, readJson } from '../cli/input.ts';
import { readFencePrices } from '../status/read-status.ts';

export interface StressBook {
  readonly market: SnapshotInput;
  readonly faults: readonly string[];
  readonly fund?: Amount | undefined;
  /** In batches, so that a table is not held in memory. */
  readonly accounts: AsyncIterable<readonly AccountRows[]> | Iterable<readonly AccountRows[]>;
}

/** @throws InputError naming the file and its fault. */
export async function documentBook(path: string): Promise<StressBook> {
  const document = await readJson(path);
  try {
    const { marketRows, feedClasses, accounts, ...times } = readDocument(document);
    const { market, faults } = readMarket(marketRows, feedClasses);
    return {
      market: { market, ...times },
      faults: faults.map(({ detail }) => detail),
      accounts: [accounts],
    };
  } catch (error) {
    if (!(error instanceof DocumentError || error instanceof PolicyError)) throw error;
    throw new InputError(`${path}: ${error.message}`);
  }
}

export interface Deployed {
  readonly dynamo: DynamoDBClient;
  readonly deployment: Pick<
    Deployment,
    'accountsTable' | 'marketTable' | 'marginTable' | 'checkIntervalSeconds'
  >;
  readonly now: number;
}

/** The market is as a check would have it now. @throws InputError when the policy is malformed. */
export async function deployedBook({ dynamo, deployment, now }: Deployed): Promise<StressBook> {
  const { marketTable, marginTable, checkIntervalSeconds: gapSeconds } = deployment;
  const margin = new MarginTable({ dynamo, table: marginTable });
  const rows = await readMarketRows({ dynamo, table: marketTable });
  const { market, faults } = marketOf(rows);
  const fence = await readFencePrices(margin);
  const ledger = await margin.read(FUND_KEY);
  const known = { market, asOf: now, gapSeconds };
  const recalled = await readFeeds(margin, { ...known, fencePrices: fence.fencePrices });
  const { previousPrices, volatilities } = recalled;
  return {
    market: { ...known, previousPrices, volatilities },
    fund: ledger === undefined ? undefined : readLedger(ledger.state).balance,
    faults: [
      ...[...faults, ...recalled.faults].map(({ detail }) => detail),
      ...(fence.fault === undefined ? [] : [fence.fault]),
    ],
    accounts: scanned(
      new AccountsTable({ dynamo, table: deployment.accountsTable, segments: SCAN_SEGMENTS }),
    ),
  };
}

function marketOf(rows: Parameters<typeof readMarket>[0]) {
  try {
    return readMarket(rows);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new InputError(error.message);
  }
}

async function* scanned(table: AccountsTable): AsyncGenerator<readonly AccountRows[]> {
  for (let segment = 0; segment < table.segments; segment++) yield* table.scan(segment);
}
