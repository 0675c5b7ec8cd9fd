/** One size of the benchmark, in a process of its own. */
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { createClients } from '../lambda/aws/clients.ts';
import { createHandler } from '../lambda/check.ts';
import type { Config } from '../lambda/config.ts';
import { readMarket } from '../lambda/contract/read-market.ts';
import { takeSnapshot } from '../lambda/margin/snapshot.ts';
import { assessAccount } from '../lambda/subjects.ts';
import { BENCH_START, benchAccount, benchMarket } from './bench-book.ts';

export interface BenchReport {
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

/** The pages alone, in as many segments as the check scans. */
async function scanAlone(): Promise<void> {
  const TotalSegments = config.scanSegments;
  const segments = Array.from({ length: TotalSegments }, async (_, Segment) => {
    const pages = paginateScan(
      { client: dynamo },
      { TableName: config.accountsTable, Segment, TotalSegments },
    );
    for await (const _page of pages);
  });
  await Promise.all(segments);
}

/** Rows to outcome, without tables or topics. */
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
  for (const book of books) assessAccount(book, snapshot);
  return count / ((performance.now() - start) / 1000);
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

let now = BENCH_START;
const check = createHandler({ dynamo, sns, config, now: () => now });
const runCheck = () => {
  now += MINUTE_MS;
  return check({
    source: 'aws.scheduler',
    'detail-type': 'Scheduled Event',
    time: new Date(now).toISOString(),
  });
};

await scanAlone();
await runCheck();
const scans: number[] = [];
const checks: number[] = [];
for (let run = 0; run < Number(runsText); run++) {
  scans.push(await seconds(scanAlone));
  checks.push(await seconds(runCheck));
}
const peakMegabytes = process.resourceUsage().maxRSS / 1024;
const report: BenchReport = {
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
