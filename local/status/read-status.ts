import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { readMarketRows } from '../../lambda/aws/market-table.ts';
import { readFeeds } from '../../lambda/check/feed-memory.ts';
import { FENCE_KEY, readLatestCheck } from '../../lambda/check/fence.ts';
import { FUND_KEY } from '../../lambda/fund/fund-item.ts';
import type { RememberedPrice } from '../../lambda/margin/market/oracle.ts';
import { textOf } from '../../lambda/margin/number/decimal.ts';
import { readLedger } from '../../lambda/record/fund-state.ts';
import type { Deployment } from '../aws/deployment.ts';
import { type LastCheck, readLastCheck } from './last-check.ts';
import { type CaseRow, readOpenCases } from './open-cases.ts';
import { type Prices, readPrices } from './prices.ts';

export interface Status {
  readonly verdict: string;
  readonly isWell: boolean;
  readonly lastCheck: LastCheck;
  readonly openCases: readonly CaseRow[];
  /** Absent until something is paid in or claimed. */
  readonly fundBalance?: string | undefined;
  readonly prices: Prices;
}

export interface StatusInput {
  readonly dynamo: DynamoDBClient;
  readonly deployment: Pick<Deployment, 'marketTable' | 'marginTable' | 'checkIntervalSeconds'>;
  readonly now: number;
}

export async function readStatus({ dynamo, deployment, now }: StatusInput): Promise<Status> {
  const { marginTable, marketTable, checkIntervalSeconds: intervalSeconds } = deployment;
  const margin = new MarginTable({ dynamo, table: marginTable });
  const [record, openCases, previous, rows, fund] = await Promise.all([
    margin.lastCheckRecord(),
    readOpenCases(margin),
    readFencePrices(margin),
    readMarketRows({ dynamo, table: marketTable }),
    readFundBalance(margin),
  ]);
  const lastCheck = readLastCheck(record, { now, intervalSeconds });
  const { fencePrices, fault } = previous;
  const prices = await readPrices({
    ...{ rows, now, intervalSeconds },
    recall: (of) => readFeeds(margin, { ...of, fencePrices }),
  });
  const faults = [prices.policyFault, fault, fund.fault].filter((each) => each !== undefined);
  const findings = [...faults, ...lastCheck.findings];
  const isWell = findings.length === 0;
  const verdict = isWell ? wellLine(lastCheck) : `NOT OK: ${findings.join('; ')}`;
  const { fundBalance } = fund;
  return { verdict, isWell, lastCheck, openCases, fundBalance, prices };
}

const wellLine = ({ ageSeconds = 0 }: LastCheck): string =>
  `ok: the last check ran ${Math.round(ageSeconds)} s ago and was complete`;

async function readFundBalance(margin: MarginTable): Promise<FundBalance> {
  try {
    const stored = await margin.read(FUND_KEY);
    if (stored === undefined) return {};
    return { fundBalance: textOf(readLedger(stored.state).balance) };
  } catch {
    const { pk, sk } = FUND_KEY;
    return {
      fault: `no claim on the insurance fund is paid: the item margin ${pk}/${sk} cannot be read; restore it`,
    };
  }
}

interface FundBalance {
  readonly fundBalance?: string;
  readonly fault?: string;
}

/** Prices that no check has taken over to pages yet. */
export async function readFencePrices(margin: MarginTable) {
  const none: ReadonlyMap<string, RememberedPrice> = new Map();
  try {
    return { fencePrices: readLatestCheck(await margin.read(FENCE_KEY))?.prices ?? none };
  } catch {
    const { pk, sk } = FENCE_KEY;
    return {
      fencePrices: none,
      fault: `no check can run: the item margin ${pk}/${sk} cannot be read; restore it`,
    };
  }
}
