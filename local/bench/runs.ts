import { screenAccount } from '../../lambda/accounts/assess-account.ts';
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import { createClients } from '../../lambda/aws/clients.ts';
import { createHandler } from '../../lambda/check.ts';
import type { Config } from '../../lambda/config.ts';
import { takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { readMarket } from '../../lambda/rows/read-market.ts';
import { STANDING } from '../aws/standing.ts';
import { BENCH_START, benchAccount, benchMarket } from './book.ts';
import { median } from './median.ts';

export interface CheckRequests {
  /** Units of 4 KB strongly, 8 KB eventually consistent. */
  readonly readUnits: number;
  /** Units of 1 KB. */
  readonly writeUnits: number;
  readonly requests: number;
}

export interface BenchReport {
  readonly requests: CheckRequests;
  readonly accounts: number;
  readonly rows: number;
  readonly scanSeconds: number;
  readonly checkSeconds: number;
  readonly checkToScan: number;
  readonly coreAccountsPerSecond: number;
  readonly peakMegabytes: number;
}

interface Endpoints {
  readonly dynamo: string;
  readonly sns: string;
  readonly config: Config;
  readonly rows: number;
}

const [accountsText = '', runsText = '', endpointsText = ''] = process.argv.slice(2);
const accounts = Number(accountsText);
const endpoints = JSON.parse(endpointsText) as Endpoints;
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const region = 'us-east-1';
const { dynamo } = createClients({ endpoint: endpoints.dynamo, region, credentials });
const { sns } = createClients({ endpoint: endpoints.sns, region, credentials });
const config: Config = { ...endpoints.config, scanSegments: 4 };

const MINUTE_MS = 60_000;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

async function scanAlone(): Promise<void> {
  const { accountsTable: table, scanSegments: segments } = config;
  const accountsTable = new AccountsTable({ dynamo, table, segments });
  const scans = Array.from({ length: segments }, async (_, segment) => {
    for await (const _accounts of accountsTable.scan(segment));
  });
  await Promise.all(scans);
}

function coreAccountsPerSecond(): number {
  const count = Math.min(accounts, 10_000);
  const { market } = readMarket(benchMarket());
  const snapshot = takeSnapshot({
    market,
    asOf: BENCH_START,
    gapSeconds: 60,
    previousPrices: new Map(),
  });
  const books = Array.from({ length: count }, (_, index) => ({
    accountId: `account-${index}`,
    rows: benchAccount(index),
  }));
  const start = performance.now();
  for (const book of books) screenAccount(book, snapshot);
  return count / ((performance.now() - start) / 1000);
}

let now = BENCH_START;
const check = createHandler({ dynamo, sns, config, now: () => now, stopwatch: STANDING });
const runCheck = () => {
  now += MINUTE_MS;
  return check({
    source: 'aws.scheduler',
    'detail-type': 'Scheduled Event',
    time: new Date(now).toISOString(),
  });
};

async function requestsOf(work: () => Promise<unknown>): Promise<CheckRequests> {
  const meter = { readUnits: 0, writeUnits: 0, requests: 0 };
  let isMetering = true;
  dynamo.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (request) => {
        if (!isMetering) return next(request);
        const input = { ...(request.input as object), ReturnConsumedCapacity: 'TOTAL' };
        const answer = await next({ ...request, input: input as typeof request.input });
        const { ConsumedCapacity } = answer.output as {
          ConsumedCapacity?: { CapacityUnits?: number };
        };
        const units = ConsumedCapacity?.CapacityUnits ?? Number.NaN;
        meter.requests++;
        if (commandName.startsWith('Put')) meter.writeUnits += units;
        else meter.readUnits += units;
        return answer;
      },
    { step: 'initialize' },
  );
  await work();
  isMetering = false;
  return meter;
}

await scanAlone();
const { levels } = await runCheck();
if (levels.call !== Math.ceil(accounts / 200)) throw new Error(`levels ${JSON.stringify(levels)}`);
const scans: number[] = [];
const checks: number[] = [];
for (let run = 0; run < Number(runsText); run++) {
  scans.push(await seconds(scanAlone));
  checks.push(await seconds(runCheck));
}
const peakMegabytes = process.resourceUsage().maxRSS / 1024;
const report: BenchReport = {
  requests: await requestsOf(runCheck),
  accounts,
  rows: endpoints.rows,
  scanSeconds: median(scans),
  checkSeconds: median(checks),
  checkToScan: median(checks.map((time, run) => time / (scans[run] ?? Number.NaN))),
  coreAccountsPerSecond: coreAccountsPerSecond(),
  peakMegabytes,
};
process.send?.(report);
process.disconnect();
