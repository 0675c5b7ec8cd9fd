/**
 * `npm run bench:calm-check -- [accounts]`: a check with certificates beside one that reads every
 * account, through the real handler on an AWS in memory. Seconds are those of the processor: an answer
 * takes no time. In the book of the benchmark, one account in 200 has an open call.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { SNSClient } from '@aws-sdk/client-sns';
import Table from 'cli-table3';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandler } from '../../lambda/check.ts';
import { TABLES } from '../../lib/names.ts';
import { put, writeRows } from '../../local/aws/rows.ts';
import { sizeOfMap } from '../../local/aws/table-limits.ts';
import { BENCH_START, benchMarket } from '../../local/bench/book.ts';
import { clientOf } from '../aws/client.ts';
import { MemoryStreams } from '../aws/memory-streams.ts';
import { MemoryTables } from '../aws/memory-tables.ts';
import { MemoryTopics } from '../aws/memory-topics.ts';
import { VirtualTime } from '../aws/virtual-time.ts';
import { GeneratedAccounts } from './generated-accounts.ts';

const MINUTE_MS = 60_000;
const STREAM_DELAY_MS = 300;
/** Two changes an account and day. */
const CHANGED_SHARE = 2 / 1440;
const arnOf = (topic: string) => `arn:aws:sns:us-east-1:000000000000:${topic}`;

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(100_000, 1_000_000);

interface Measured {
  readonly what: string;
  readonly seconds: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly requests: number;
  readonly summary: CheckSummary;
}

async function world(accounts: number) {
  const time = new VirtualTime(BENCH_START);
  const { partitionKey, sortKey } = TABLES.accounts;
  const streamed = { partitionKey, sortKey, viewType: 'KEYS_ONLY', shardCount: 8 } as const;
  const stream = new MemoryStreams({ time, tables: { accounts: streamed } });
  stream.delayMs = STREAM_DELAY_MS;
  const table = new GeneratedAccounts(accounts, stream);
  const others = new MemoryTables({ time, definitions: TABLES });
  const topics = new MemoryTopics({ time, topicArns: ['alerts', 'orders.fifo'].map(arnOf) });
  const meter = { readUnits: 0, writeUnits: 0, requests: 0 };
  const dynamo = clientOf(DynamoDBClient, async (command) => {
    const { input } = command as { readonly input: { readonly TableName?: string } };
    if (input.TableName === 'accounts') return table.answer(command);
    const answer = others.answer(command);
    count(meter, command, answer);
    return answer;
  });
  const streams = clientOf(DynamoDBStreamsClient, async (command) => stream.answer(command));
  const sns = clientOf(SNSClient, async (command) => topics.answer(command));
  await writeRows(dynamo, { table: 'market', requests: benchMarket().map(put) });
  const config = {
    accountsTable: 'accounts',
    marketTable: 'market',
    marginTable: 'margin',
    alertsTopicArn: arnOf('alerts'),
    ordersTopicArn: arnOf('orders.fifo'),
    checkIntervalSeconds: 60,
    scanSegments: 4,
  };
  const stopwatch = {
    now: () => time.now,
    wait: (milliseconds: number) => time.runUntil(time.now + milliseconds),
  };
  const common = { dynamo, sns, stopwatch, now: () => time.now };
  const accountsStreamArn = stream.arnOf('accounts');
  const certified = createHandler({
    ...common,
    streams,
    config: { ...config, accountsStreamArn },
  });
  const plain = createHandler({ ...common, config });
  return { time, table, meter, certified, plain };
}

/** As DynamoDB bills reads and writes of the other two tables. */
function count(
  meter: { readUnits: number; writeUnits: number; requests: number },
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
  meter.requests++;
  if (input.Item !== undefined) {
    meter.writeUnits += Math.ceil(sizeOfMap(input.Item) / 1024);
    return;
  }
  const bytes = [...Items, ...(Item ? [Item] : [])].reduce((sum, row) => sum + sizeOfMap(row), 0);
  const units = Math.max(1, Math.ceil(bytes / 4096));
  meter.readUnits += units / (input.ConsistentRead === true ? 1 : 2);
}

async function measured(accounts: number): Promise<readonly Measured[]> {
  const { time, table, meter, certified, plain } = await world(accounts);
  let minute = 0;
  let drawn = 7;
  const run = async (what: string, handler: typeof plain): Promise<Measured> => {
    minute++;
    await time.runUntil(BENCH_START + minute * MINUTE_MS);
    for (const each of [meter, table])
      Object.assign(each, { readUnits: 0, writeUnits: 0, requests: 0 });
    const before = process.cpuUsage();
    const event = { source: 'aws.scheduler', 'detail-type': 'Scheduled Event' };
    const summary = await handler({ ...event, time: new Date(time.now).toISOString() });
    const { user, system } = process.cpuUsage(before);
    return {
      what,
      seconds: (user + system) / 1e6,
      readUnits: meter.readUnits + table.readUnits,
      writeUnits: meter.writeUnits + table.writeUnits,
      requests: meter.requests + table.requests,
      summary,
    };
  };
  const change = () => {
    for (let each = 0; each < accounts * CHANGED_SHARE; each++) {
      drawn = (drawn * 1_664_525 + 1_013_904_223) % 2 ** 32;
      table.change(drawn % accounts);
    }
  };
  const results = [
    await run('cold: every account is read and certified', certified),
    await run('first calm check', certified),
  ];
  for (let calm = 2; calm <= 4; calm++) {
    change();
    results.push(await run(`calm check ${calm}`, certified));
  }
  results.push(await run('without certificates', plain));
  results.push(await run('without certificates, again', plain));
  return results;
}

for (const accounts of sizes) {
  const table = new Table({
    head: ['check', 'accounts read', 'changed', 'CPU s', 'read units', 'write units', 'requests'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { what, seconds, readUnits, writeUnits, requests, summary } of await measured(
    accounts,
  )) {
    const { accounts: all, certificates } = summary;
    table.push([
      what,
      all - (certificates?.certified ?? 0),
      certificates?.changed ?? '',
      seconds.toFixed(2),
      Math.round(readUnits),
      writeUnits,
      requests,
    ]);
  }
  const megabytes = Math.round(process.memoryUsage().rss / 1e6);
  console.log(`${accounts.toLocaleString('en-US')} accounts, ${megabytes} MB at the end`);
  console.log(table.toString());
}
