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
import type { AccountRows, RawRow } from '../../lambda/rows/raw-row.ts';
import { PolicyError, readMarket } from '../../lambda/rows/read-market.ts';
import { DocumentError, readDocument } from '../analysis/document.ts';
import type { Deployment } from '../aws/deployment.ts';
import { InputError, readJson } from '../cli/input.ts';
import type { Work } from '../cli/progress.ts';
import { type MarketInput, type MarketRead, readMarketInput } from '../status/market-now.ts';
import { readFencePrices } from '../status/read-status.ts';

export interface StressBook {
  readonly market: SnapshotInput;
  readonly faults: readonly string[];
  readonly fund?: Amount | undefined;
  /** In batches, so that a table is not held in memory. */
  readonly accounts: AsyncIterable<readonly AccountRows[]> | Iterable<readonly AccountRows[]>;
  readonly reading: Reading;
}

/** How far `accounts` has been read. */
export interface Reading extends Work {
  done: number;
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
      ...inLots(accounts),
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

/** @throws InputError when the policy is malformed. */
export async function deployedBook(deployed: Deployed): Promise<StressBook> {
  const { dynamo, deployment } = deployed;
  const { rows: _rows, faults, ...market } = await deployedMarket(deployed);
  const margin = new MarginTable({ dynamo, table: deployment.marginTable });
  const ledger = await margin.read(FUND_KEY);
  return {
    market,
    fund: ledger === undefined ? undefined : readLedger(ledger.state).balance,
    faults,
    ...inSegments(
      new AccountsTable({ dynamo, table: deployment.accountsTable, segments: SCAN_SEGMENTS }),
    ),
  };
}

export interface DeployedMarket extends MarketRead {
  readonly rows: readonly RawRow[];
}

/** As a check would have it now. @throws InputError when the policy is malformed. */
export async function deployedMarket(deployed: Deployed): Promise<DeployedMarket> {
  const { dynamo, deployment, now } = deployed;
  const { marketTable, marginTable, checkIntervalSeconds: intervalSeconds } = deployment;
  const margin = new MarginTable({ dynamo, table: marginTable });
  const rows = await readMarketRows({ dynamo, table: marketTable });
  const { fencePrices, fault } = await readFencePrices(margin);
  const recall: MarketInput['recall'] = (of) => readFeeds(margin, { ...of, fencePrices });
  const read = await readMarketInput({ rows, now, intervalSeconds, recall });
  if ('policyFault' in read) throw new InputError(read.policyFault);
  return { ...read, rows, faults: [...read.faults, ...(fault === undefined ? [] : [fault])] };
}

type Accounts = Pick<StressBook, 'accounts' | 'reading'>;

const LOT = 1000;

export function inLots(accounts: readonly AccountRows[]): Accounts {
  const reading: Reading = { total: accounts.length, unit: 'accounts', done: 0 };
  function* lots() {
    for (let from = 0; from < accounts.length; from += LOT) {
      const lot = accounts.slice(from, from + LOT);
      yield lot;
      reading.done += lot.length;
    }
  }
  return { accounts: lots(), reading };
}

/** How many accounts a table holds is not known before it has been read. */
export function inSegments(table: AccountsTable): Accounts {
  const reading: Reading = { total: table.segments, unit: 'segments', done: 0 };
  async function* scanned() {
    for (const segment of table.segmentNumbers) {
      yield* table.scan(segment);
      reading.done += 1;
    }
  }
  return { accounts: scanned(), reading };
}
