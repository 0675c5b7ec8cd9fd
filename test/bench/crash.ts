/**
 * `npm run bench:crash`: prices fall by 20 % in ten checks with certificates, without workers and with
 * them, through the real handler on an AWS in memory. Strong reads go through the real client, whose
 * work is most of what a read costs. Seconds are those of the processor, which workers share with the
 * check here; in AWS each has its own, so the check would take `check` + `workers` ÷ their number.
 */
import { Readable } from 'node:stream';
import { DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { type PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import Table from 'cli-table3';
import { Command } from 'commander';
import { type Invoke, InvokedWorkers } from '../../lambda/accounts/invoked-workers.ts';
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import { createDynamo } from '../../lambda/aws/clients.ts';
import { answerQuestion } from '../../lambda/certified/answer-question.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandler } from '../../lambda/check.ts';
import { TABLES } from '../../lib/names.ts';
import { type AccountRow, type MarketRow, put, writeRows } from '../../local/aws/rows.ts';
import { BENCH_START, benchAccount, benchMarket } from '../../local/bench/book.ts';
import { whole } from '../../local/cli/arguments.ts';
import { certifiedMemory } from '../aws/certified-memory.ts';
import { clientOf } from '../aws/client.ts';
import { MemoryStreams } from '../aws/memory-streams.ts';
import { MemoryTables } from '../aws/memory-tables.ts';
import { MemoryTopics } from '../aws/memory-topics.ts';
import { VirtualTime } from '../aws/virtual-time.ts';
import { GeneratedAccounts } from './generated-accounts.ts';

const MINUTE_MS = 60_000;
const CHECKS = 10;
const FALL = 0.2;
const arnOf = (topic: string) => `arn:aws:sns:us-east-1:000000000000:${topic}`;

const options = new Command('bench:crash')
  .option('--accounts <count>', 'accounts of the book', whole(1, 10_000_000), 100_000)
  .option('--workers <count>', 'at once', whole(1, 50), 8)
  .option('--least <count>', 'accounts that are worth workers', whole(1, 1_000_000), 2_000)
  .parse()
  .opts<{ readonly accounts: number; readonly workers: number; readonly least: number }>();

/** Half are long. The poorest cannot pay for a fall of 5 %, and one in ten of all not for 20 %. */
const COLLATERAL = { least: 700, step: 8 };

function account(index: number): AccountRow[] {
  const amount = String(COLLATERAL.least + COLLATERAL.step * ((index * 997) % 1400));
  return benchAccount(index).map((row) => (row.asset === 'USDC' ? { ...row, amount } : row));
}

/** Two sources, so that no price is in doubt. */
function quotesAt(multiple: number, now: number): MarketRow[] {
  const quotes = benchMarket().filter(({ kind }) => kind === 'quote');
  return quotes.flatMap((row) => {
    const feed = String(row.id).split('#')[0] ?? '';
    const price = (Number(row.price) * (feed.startsWith('USDC') ? 1 : multiple)).toFixed(4);
    return ['one', 'other'].map((source) => ({
      ...{ kind: 'quote', id: `${feed}#${source}`, price, publishedAt: String(now - 1_000) },
    }));
  });
}

/** The real client on a table in memory: it writes the request and reads the answer. */
function readingClient(answer: (input: QueryCommandInput) => object): DynamoDBClient {
  const handle = async ({ body }: { readonly body: Uint8Array }) => {
    const text = JSON.stringify(
      answer(JSON.parse(new TextDecoder().decode(body)) as QueryCommandInput),
    );
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    const bytes = Readable.from([Buffer.from(text)]);
    return { response: { statusCode: 200, headers, body: bytes } };
  };
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return createDynamo({ region: 'us-east-1', credentials, requestHandler: { handle } as never });
}

const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};

interface Measured {
  readonly summary: CheckSummary;
  readonly checkMs: number;
  readonly workersMs: number;
  /** From the beginning of the check, without the workers. */
  readonly firstOrderMs: number;
  readonly lastOrderMs: number;
  readonly orders: readonly string[];
}

async function crash(atOnce: number): Promise<Measured[]> {
  const time = new VirtualTime(BENCH_START);
  const { partitionKey, sortKey } = TABLES.accounts;
  const streamed = { partitionKey, sortKey, viewType: 'KEYS_ONLY', shardCount: 4 } as const;
  const stream = new MemoryStreams({ time, tables: { accounts: streamed } });
  const table = new GeneratedAccounts(options.accounts, stream, account);
  const others = new MemoryTables({ time, definitions: TABLES });
  const topics = new MemoryTopics({ time, topicArns: ['alerts', 'orders.fifo'].map(arnOf) });
  const reading = readingClient((input) => table.answer(new QueryCommand(input)));
  const dynamo = clientOf(DynamoDBClient, async (command) => {
    const { input } = command as { readonly input: { readonly TableName?: string } };
    if (input.TableName !== 'accounts') return others.answer(command);
    return command instanceof QueryCommand ? reading.send(command) : table.answer(command);
  });
  let ordersAt: number[] = [];
  let orders: string[] = [];
  const sns = clientOf(SNSClient, async (command) => {
    const { TopicArn = '', PublishBatchRequestEntries = [] } = (command as PublishBatchCommand)
      .input;
    if (TopicArn.endsWith('.fifo')) {
      ordersAt.push(processorMs());
      orders.push(...PublishBatchRequestEntries.map(({ MessageGroupId = '' }) => MessageGroupId));
    }
    return topics.answer(command);
  });
  await writeRows(dynamo, { table: 'market', requests: marketRows().map(put) });
  const stopwatch = {
    now: () => time.now,
    wait: (milliseconds: number) => time.runUntil(time.now + milliseconds),
  };
  const config = {
    ...{ accountsTable: 'accounts', marketTable: 'market', marginTable: 'margin' },
    ...{ alertsTopicArn: arnOf('alerts'), ordersTopicArn: arnOf('orders.fifo') },
    ...{ checkIntervalSeconds: 60, scanSegments: 4 },
    certificates: { streamArn: stream.arnOf('accounts') },
  };
  const streams = clientOf(DynamoDBStreamsClient, async (command) => stream.answer(command));
  const resources = { dynamo, sns, streams, stopwatch, config };
  const accounts = new AccountsTable({ dynamo, table: 'accounts', segments: 1 });
  let asked: Parameters<Invoke>[0][] = [];
  const timeLeft = () => MINUTE_MS;
  const invoke: Invoke = (question) => {
    asked.push(question);
    return answerQuestion(question, { accounts, timeLeft });
  };
  const { least: accountsMin } = options;
  const handler = createHandler({
    ...resources,
    certified: certifiedMemory(resources),
    workers: atOnce > 0 ? new InvokedWorkers({ invoke, atOnce, accountsMin }) : undefined,
    now: () => time.now,
  });
  const measured: Measured[] = [];
  for (let check = -3; check <= CHECKS; check++) {
    await time.runUntil(BENCH_START + (check + 4) * MINUTE_MS);
    const multiple = 1 - (FALL * Math.max(0, check)) / CHECKS;
    await writeRows(dynamo, { table: 'market', requests: quotesAt(multiple, time.now).map(put) });
    [asked, ordersAt, orders] = [[], [], []];
    const start = processorMs();
    const event = { source: 'aws.scheduler', 'detail-type': 'Scheduled Event' };
    const summary = await handler({ ...event, time: new Date(time.now).toISOString() });
    const wholeMs = processorMs() - start;
    const before = processorMs();
    // The same work once more, alone.
    for (const question of [...asked]) await answerQuestion(question, { accounts, timeLeft });
    const workersMs = processorMs() - before;
    const without = (at: number | undefined) => (at === undefined ? 0 : at - start - workersMs);
    measured.push({
      ...{ summary, checkMs: wholeMs - workersMs, workersMs, orders: orders.toSorted() },
      ...{ firstOrderMs: without(ordersAt[0]), lastOrderMs: without(ordersAt.at(-1)) },
    });
  }
  return measured.slice(-CHECKS);
}

const marketRows = (): MarketRow[] =>
  benchMarket()
    .filter(({ kind }) => kind !== 'quote')
    .map((row) => (row.kind === 'policy' ? { ...row, mode: 'enforce' } : row));

const seconds = (milliseconds: number): string => (milliseconds / 1_000).toFixed(1);

const ways = { 'without workers': await crash(0), 'with workers': await crash(options.workers) };
const figures = ['price', 'read', 'by workers', 'orders', 'check s', 'workers s', 'would take s'];
const table = new Table({
  head: ['', ...figures, 'last order after s'],
  colAligns: ['left', ...Array(figures.length + 1).fill('right')],
  style: { head: [], border: [] },
});
for (const [way, measured] of Object.entries(ways)) {
  for (const [index, each] of measured.entries()) {
    const { summary, checkMs, workersMs, orders, lastOrderMs } = each;
    const { accounts, certificates, workers } = summary;
    const shared = workersMs / options.workers;
    table.push([
      way,
      `-${(((index + 1) * FALL * 100) / CHECKS).toFixed(0)} %`,
      accounts - (certificates?.certified ?? 0),
      workers?.accounts ?? 0,
      orders.length,
      seconds(checkMs),
      seconds(workersMs),
      seconds(checkMs + shared),
      seconds(lastOrderMs + shared),
    ]);
  }
}
process.stdout.write(`${options.accounts} accounts, ${options.workers} workers\n${table}\n`);
for (const [index, { summary, orders }] of ways['without workers'].entries()) {
  const other = ways['with workers'][index];
  const isSame = JSON.stringify(orders) === JSON.stringify(other?.orders);
  const missed = summary.unreached + (other?.summary.unreached ?? 0);
  if (isSame && missed === 0 && other?.summary.isComplete) continue;
  throw new Error(`check ${index + 1}: the orders differ, or ${missed} accounts were not reached`);
}
process.stdout.write('the same orders in both, and every account was reached\n');
