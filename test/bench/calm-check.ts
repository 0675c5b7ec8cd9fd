/**
 * `npm run bench:calm-check`: a check with certificates beside one that reads every account, through
 * the real handler on an AWS in memory. Seconds are those of the processor: an answer takes no time. In
 * the book of the benchmark, one account in 200 has an open call; each account changes twice a day.
 * `--checks 360 --interval 10 --volatility 30` is an hour in which prices move as on a calm day.
 */
import { DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient, GetRecordsCommand } from '@aws-sdk/client-dynamodb-streams';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import Table from 'cli-table3';
import { Command } from 'commander';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandler } from '../../lambda/check.ts';
import { TABLES } from '../../lib/names.ts';
import { type CheckpointCost, monthlyCost } from '../../local/analysis/cost.ts';
import { put, writeRows } from '../../local/aws/rows.ts';
import { sizeOfMap } from '../../local/aws/table-limits.ts';
import { BENCH_START, benchMarket } from '../../local/bench/book.ts';
import { whole } from '../../local/cli/arguments.ts';
import type { CalmChecks } from '../../local/docs/cost-curves.ts';
import { certifiedMemory } from '../aws/certified-memory.ts';
import { clientOf } from '../aws/client.ts';
import { MemoryBuckets } from '../aws/memory-bucket.ts';
import { MemoryStreams } from '../aws/memory-streams.ts';
import { MemoryTables } from '../aws/memory-tables.ts';
import { MemoryTopics } from '../aws/memory-topics.ts';
import { CHECKPOINTS } from '../aws/services.ts';
import { VirtualTime } from '../aws/virtual-time.ts';
import { GeneratedAccounts } from './generated-accounts.ts';
import { WalkingQuotes } from './walking-quotes.ts';

const STREAM_DELAY_MS = 300;
const SHARDS = 8;
const CHANGES_A_DAY = 2;
const DAY_SECONDS = 86_400;
const arnOf = (topic: string) => `arn:aws:sns:us-east-1:000000000000:${topic}`;

const options = new Command('bench:calm-check')
  .option('--accounts <sizes>', 'numbers of accounts, separated by commas', '100000,1000000')
  .option('--interval <seconds>', 'between two checks', whole(1, DAY_SECONDS), 60)
  .option('--checks <count>', 'calm ones', whole(1, 10_000), 3)
  .option('--volatility <percent>', 'a year, by which prices walk', whole(0, 1_000), 0)
  .option('--json', 'print the measurements that local/docs/calm-checks.json holds')
  .parse()
  .opts<{
    readonly accounts: string;
    readonly interval: number;
    readonly checks: number;
    readonly volatility: number;
    readonly json?: true;
  }>();
const { interval: intervalSeconds, checks: calmChecks, volatility } = options;
/** More calm checks than these are summed up. */
const LISTED_MAX = 10;

const NUMBERS = ['read', 'changed', 'seconds', 'readUnits', 'writeUnits', 'streamReads'] as const;

interface Measured extends Readonly<Record<(typeof NUMBERS)[number], number>> {
  readonly what: string;
  readonly certificates: CheckSummary['certificates'];
}

async function world(accounts: number) {
  const time = new VirtualTime(BENCH_START);
  const { partitionKey, sortKey } = TABLES.accounts;
  const streamed = { partitionKey, sortKey, viewType: 'KEYS_ONLY', shardCount: SHARDS } as const;
  const stream = new MemoryStreams({ time, tables: { accounts: streamed } });
  stream.delayMs = STREAM_DELAY_MS;
  const table = new GeneratedAccounts(accounts, stream);
  const others = new MemoryTables({ time, definitions: TABLES });
  const topics = new MemoryTopics({ time, topicArns: ['alerts', 'orders.fifo'].map(arnOf) });
  const meter = { readUnits: 0, writeUnits: 0, streamReads: 0, objects: 0 };
  const dynamo = clientOf(DynamoDBClient, async (command) => {
    const { input } = command as { readonly input: { readonly TableName?: string } };
    if (input.TableName === 'accounts') return table.answer(command);
    const answer = others.answer(command);
    count(meter, command, answer);
    return answer;
  });
  const streams = clientOf(DynamoDBStreamsClient, async (command) => {
    if (command instanceof GetRecordsCommand) meter.streamReads++;
    return stream.answer(command);
  });
  const sns = clientOf(SNSClient, async (command) => topics.answer(command));
  await writeRows(dynamo, { table: 'market', requests: benchMarket().map(put) });
  const config = {
    accountsTable: 'accounts',
    marketTable: 'market',
    marginTable: 'margin',
    alertsTopicArn: arnOf('alerts'),
    ordersTopicArn: arnOf('orders.fifo'),
    checkIntervalSeconds: intervalSeconds,
    scanSegments: 4,
  };
  const stopwatch = {
    now: () => time.now,
    wait: (milliseconds: number) => time.runUntil(time.now + milliseconds),
  };
  const common = { dynamo, sns, stopwatch, now: () => time.now };
  const streamArn = stream.arnOf('accounts');
  const certificates = { streamArn, bucket: CHECKPOINTS };
  const buckets = new MemoryBuckets(time, [CHECKPOINTS]);
  const s3 = clientOf(S3Client, async (command) => {
    if (command instanceof PutObjectCommand) meter.objects++;
    return buckets.answer(command);
  });
  const resources = { ...common, streams, s3, config: { ...config, certificates } };
  const start = () => {
    const memory = certifiedMemory(resources) ?? raise('no certificates');
    return { memory, handler: createHandler({ ...resources, certified: memory }) };
  };
  const plain = createHandler({ ...common, config });
  const quote = (requests: WriteRequest[]) => writeRows(dynamo, { table: 'market', requests });
  const margin = new MarginTable({ dynamo, table: 'margin' });
  return { time, table, meter, quote, start, plain, margin };
}

/** As DynamoDB bills reads and writes of the other two tables. */
function count(
  meter: { readUnits: number; writeUnits: number },
  command: object,
  answer: object,
): void {
  const { input } = command as {
    readonly input: { readonly ConsistentRead?: boolean; readonly Item?: Record<string, never> };
  };
  const { Items = [], Item } = answer as {
    readonly Items?: readonly Record<string, never>[];
    readonly Item?: Record<string, never>;
  };
  if (input.Item !== undefined) {
    meter.writeUnits += Math.ceil(sizeOfMap(input.Item) / 1024);
    return;
  }
  const bytes = [...Items, ...(Item ? [Item] : [])].reduce((sum, row) => sum + sizeOfMap(row), 0);
  const units = Math.max(1, Math.ceil(bytes / 4096));
  meter.readUnits += units / (input.ConsistentRead === true ? 1 : 2);
}

async function measured(accounts: number) {
  const { time, table, meter, quote, start, plain, margin } = await world(accounts);
  const quotes = new WalkingQuotes(volatility / 100, intervalSeconds);
  let checks = 0;
  let drawn = 7;
  const run = async (what: string, handler: typeof plain): Promise<Measured> => {
    checks++;
    await time.runUntil(BENCH_START + checks * intervalSeconds * 1000);
    if (volatility > 0) await quote(quotes.next(time.now).map(put));
    Object.assign(meter, { readUnits: 0, writeUnits: 0, streamReads: 0 });
    Object.assign(table, { readUnits: 0, writeUnits: 0 });
    const before = process.cpuUsage();
    const event = { source: 'aws.scheduler', 'detail-type': 'Scheduled Event' };
    const summary = await handler({ ...event, time: new Date(time.now).toISOString() });
    const { user, system } = process.cpuUsage(before);
    const { accounts: all, certificates } = summary;
    return {
      what,
      read: all - (certificates?.certified ?? 0) - (certificates?.remembered ?? 0),
      changed: certificates?.changed ?? 0,
      seconds: (user + system) / 1e6,
      readUnits: meter.readUnits + table.readUnits,
      writeUnits: meter.writeUnits + table.writeUnits,
      streamReads: meter.streamReads,
      certificates,
    };
  };
  const change = () => {
    const changed = (accounts * CHANGES_A_DAY * intervalSeconds) / DAY_SECONDS;
    for (let each = 0; each < changed; each++) {
      drawn = (drawn * 1_664_525 + 1_013_904_223) % 2 ** 32;
      table.change(drawn % accounts);
    }
  };
  // The first prices are in doubt, so nothing could be certified.
  await run('the first prices', plain);
  const first = start();
  const results = [
    await run('without certificates', plain),
    await run('cold: every account is read and certified', first.handler),
  ];
  for (let calm = 1; calm <= calmChecks; calm++) {
    change();
    results.push(await run(`calm check ${calm}`, first.handler));
  }
  const { book, follower, checkpoints = raise('no checkpoints') } = first.memory.resources;
  const stored = follower.stored ?? raise('no positions');
  const { asOf, checkId } = { asOf: time.now, checkId: new Date(time.now).toISOString() };
  let bytes = 0;
  meter.objects = 0;
  const seconds = await processorSeconds(async () => {
    const of = { book, follower: stored, checkId, asOf, hasTime: () => true };
    bytes = await checkpoints.write(margin, of);
  });
  const checkpoint = { bytes, objects: meter.objects, seconds };
  const loadSeconds = await processorSeconds(() => checkpoints.read(margin, asOf));
  change();
  results.push(await run('cold, with a checkpoint', start().handler));
  return { results, checkpoint, loadSeconds };
}

async function processorSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function raise(what: string): never {
  throw new Error(what);
}

/** A month at this interval. */
const costOf = (
  { seconds, readUnits, writeUnits, streamReads, certificates }: Measured,
  checkpoint: CheckpointCost,
) =>
  monthlyCost({
    ...{ readUnits, writeUnits, streamReads, intervalSeconds },
    durationSeconds: seconds,
    publications: 0,
    ...(certificates !== undefined && { hasCertificates: true, checkpoint }),
  });

const isCalm = ({ what }: Measured) => what.startsWith('calm');

/** By the processor's time. */
function calmOf(results: readonly Measured[]) {
  const sorted = results.filter(isCalm).toSorted((left, right) => left.seconds - right.seconds);
  return { middle: sorted[Math.floor(sorted.length / 2)], longest: sorted.at(-1) };
}

/** Many calm checks are told by their mean, which is what a month costs, and by two of them. */
function listed(results: readonly Measured[]): readonly Measured[] {
  const calm = results.filter(isCalm);
  const { middle, longest } = calmOf(results);
  if (calm.length <= LISTED_MAX || middle === undefined || longest === undefined) return results;
  const means = NUMBERS.map((name) => {
    const sum = calm.reduce((before, each) => before + each[name], 0);
    return [name, sum / calm.length] as const;
  });
  return [
    ...results.filter((each) => !isCalm(each)),
    { ...middle, what: 'calm check of median time' },
    { ...longest, what: 'longest calm check' },
    { ...middle, ...Object.fromEntries(means), what: `mean of ${calm.length} calm checks` },
  ];
}

const sizes = options.accounts.split(',').map(Number);

/** Picks the calm check of median time, and the check that reads every account. */
async function json() {
  const all: CalmChecks[] = [];
  for (const accounts of sizes) {
    const { results, checkpoint } = await measured(accounts);
    const figures = ({ seconds, readUnits, writeUnits, streamReads }: Measured) => ({
      ...{ seconds, readUnits, writeUnits, streamReads },
    });
    const { middle } = calmOf(results);
    const [plain] = results;
    if (middle === undefined || plain === undefined) raise('nothing was measured');
    const both = { plain: figures(plain), certified: figures(middle) };
    all.push({ accounts, intervalSeconds, ...both, checkpoint });
  }
  console.log(JSON.stringify(all, undefined, 2));
}

if (options.json) await json();
for (const accounts of options.json ? [] : sizes) {
  const numbers = ['read', 'changed', 'CPU s', 'read units', 'write units', 'stream reads'];
  const money = ['database', 'compute', 'monitoring', 'USD a month'];
  const table = new Table({
    head: ['check', ...numbers, ...money],
    colAligns: ['left', ...Array(numbers.length + money.length).fill('right')],
    style: { head: [], border: [] },
  });
  const { results, checkpoint, loadSeconds } = await measured(accounts);
  for (const each of listed(results)) {
    const { what, read, changed, seconds, readUnits, writeUnits, streamReads } = each;
    const { database, compute, monitoring, total } = costOf(each, checkpoint);
    table.push([
      what,
      Math.round(read),
      Math.round(changed),
      seconds.toFixed(2),
      Math.round(readUnits),
      Math.round(writeUnits),
      streamReads,
      ...[database, compute, monitoring, total].map((dollars) => dollars.toFixed(2)),
    ]);
  }
  const megabytes = Math.round(process.memoryUsage().rss / 1e6);
  const size = accounts.toLocaleString('en-US');
  console.log(`${size} accounts, a check every ${intervalSeconds} s, ${megabytes} MB at the end`);
  console.log(table.toString());
  const { bytes, objects, seconds } = checkpoint;
  console.log(
    `a checkpoint: ${(bytes / 1e6).toFixed(1)} MB in ${objects} objects, ` +
      `${seconds.toFixed(2)} CPU s to store, ${loadSeconds.toFixed(2)} to load`,
  );
}
