/**
 * `npm run bench:segments`: checks that read the whole book, alone and with workers that scan segments of
 * it, through the real handler on an AWS in memory. Pages go through the real client. Seconds are those
 * of the processor. One worker works at a time here, so that its seconds can be told from the check's; in
 * AWS each has a processor of its own, and the check takes at most its own seconds and those of all
 * workers ÷ their number.
 */
import { Readable } from 'node:stream';
import { DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { SNSClient } from '@aws-sdk/client-sns';
import Table from 'cli-table3';
import { Command } from 'commander';
import { type Invoke, InvokedWorkers } from '../../lambda/accounts/invoked-workers.ts';
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import { createDynamo } from '../../lambda/aws/clients.ts';
import { answerQuestion } from '../../lambda/certified/answer-question.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandler } from '../../lambda/check.ts';
import { TABLES } from '../../lib/names.ts';
import { put, writeRows } from '../../local/aws/rows.ts';
import { BENCH_START, benchMarket } from '../../local/bench/book.ts';
import { whole } from '../../local/cli/arguments.ts';
import { certifiedMemory } from '../aws/certified-memory.ts';
import { clientOf } from '../aws/client.ts';
import { MemoryStreams } from '../aws/memory-streams.ts';
import { MemoryTables } from '../aws/memory-tables.ts';
import { MemoryTopics } from '../aws/memory-topics.ts';
import { VirtualTime } from '../aws/virtual-time.ts';
import { GeneratedAccounts } from './generated-accounts.ts';

const MINUTE_MS = 60_000;
const arnOf = (topic: string) => `arn:aws:sns:us-east-1:000000000000:${topic}`;

const options = new Command('bench:segments')
  .option('--accounts <count>', 'accounts of the book', whole(1, 10_000_000), 100_000)
  .option('--workers <count>', 'segments', whole(1, 50), 8)
  .option('--rounds <count>', 'of which the median is shown', whole(1, 100), 3)
  .parse()
  .opts<{ readonly accounts: number; readonly workers: number; readonly rounds: number }>();

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** The real client on a table in memory: it writes the request and reads the answer. */
function realClient(table: GeneratedAccounts): DynamoDBClient {
  const handle = async (request: {
    readonly body: Uint8Array;
    readonly headers: Readonly<Record<string, string>>;
  }) => {
    const input = JSON.parse(new TextDecoder().decode(request.body));
    const isQuery = request.headers['x-amz-target']?.endsWith('.Query');
    const command = isQuery ? new QueryCommand(input) : new ScanCommand(input);
    const bytes = Readable.from([Buffer.from(JSON.stringify(table.answer(command)))]);
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    return { response: { statusCode: 200, headers, body: bytes } };
  };
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return createDynamo({ region: 'us-east-1', credentials, requestHandler: { handle } as never });
}

async function deployment() {
  const time = new VirtualTime(BENCH_START);
  const { partitionKey, sortKey } = TABLES.accounts;
  const streamed = { partitionKey, sortKey, viewType: 'KEYS_ONLY', shardCount: 4 } as const;
  const stream = new MemoryStreams({ time, tables: { accounts: streamed } });
  const table = new GeneratedAccounts(options.accounts, stream);
  const others = new MemoryTables({ time, definitions: TABLES });
  const topics = new MemoryTopics({ time, topicArns: ['alerts', 'orders.fifo'].map(arnOf) });
  const reading = realClient(table);
  const dynamo = clientOf(DynamoDBClient, async (command) => {
    const { input } = command as { readonly input: { readonly TableName?: string } };
    if (input.TableName !== 'accounts') return others.answer(command);
    const isRead = command instanceof QueryCommand || command instanceof ScanCommand;
    return isRead ? reading.send(command as QueryCommand) : table.answer(command);
  });
  await writeRows(dynamo, { table: 'market', requests: benchMarket().map(put) });
  const config = {
    ...{ accountsTable: 'accounts', marketTable: 'market', marginTable: 'margin' },
    ...{ alertsTopicArn: arnOf('alerts'), ordersTopicArn: arnOf('orders.fifo') },
    ...{ checkIntervalSeconds: 60, scanSegments: Math.max(4, options.workers) },
  };
  return {
    ...{ time, dynamo },
    sns: clientOf(SNSClient, async (command) => topics.answer(command)),
    streams: clientOf(DynamoDBStreamsClient, async (command) => stream.answer(command)),
    certificates: { streamArn: stream.arnOf('accounts') },
    config,
    stopwatch: {
      now: () => time.now,
      wait: (milliseconds: number) => time.runUntil(time.now + milliseconds),
    },
  };
}

interface Measured {
  readonly summary: CheckSummary;
  readonly checkSeconds: number;
  readonly workersSeconds: number;
  readonly questions: number;
  readonly questionBytesMax: number;
  readonly answerBytesMax: number;
}

interface Way {
  readonly what: string;
  readonly isCertified: boolean;
  readonly hasWorkers: boolean;
}

const WAYS: readonly Way[] = [
  { what: 'scan', isCertified: false, hasWorkers: false },
  { what: 'scan, workers', isCertified: false, hasWorkers: true },
  { what: 'cold, certified', isCertified: true, hasWorkers: false },
  { what: 'cold, certified, workers', isCertified: true, hasWorkers: true },
];

const { time, certificates, ...resources } = await deployment();
const accounts = new AccountsTable({ dynamo: resources.dynamo, table: 'accounts', segments: 1 });

async function measured({ isCertified, hasWorkers }: Way): Promise<Measured> {
  await time.runUntil(time.now + MINUTE_MS);
  let workersSeconds = 0;
  const bytes = { questions: [0], answers: [0] };
  const invoke: Invoke = async (question) => {
    const asked = JSON.stringify(question);
    const start = processorSeconds();
    const answer = await answerQuestion(JSON.parse(asked), { accounts, timeLeft: () => MINUTE_MS });
    const text = JSON.stringify(answer);
    workersSeconds += processorSeconds() - start;
    bytes.questions.push(asked.length);
    bytes.answers.push(text.length);
    return JSON.parse(text);
  };
  const config = { ...resources.config, ...(isCertified && { certificates }) };
  const handler = createHandler({
    ...{ ...resources, config },
    certified: certifiedMemory({ ...resources, config }),
    workers: hasWorkers ? new InvokedWorkers({ invoke, atOnce: 1 }) : undefined,
    now: () => time.now,
  });
  const start = processorSeconds();
  const event = { source: 'aws.scheduler', 'detail-type': 'Scheduled Event' };
  const summary = await handler({ ...event, time: new Date(time.now).toISOString() });
  return {
    summary,
    checkSeconds: processorSeconds() - start - workersSeconds,
    workersSeconds,
    questions: bytes.answers.length - 1,
    questionBytesMax: Math.max(...bytes.questions),
    answerBytesMax: Math.max(...bytes.answers),
  };
}

/** By the seconds of the check. */
const medianOf = (rounds: readonly Measured[]): Measured =>
  rounds.toSorted((left, right) => left.checkSeconds - right.checkSeconds)[
    Math.floor(rounds.length / 2)
  ] as Measured;

// The first prices are in doubt.
await measured(WAYS[0] as Way);
const rounds = new Map<Way, Measured[]>(WAYS.map((way) => [way, []]));
for (let round = 0; round < options.rounds; round++) {
  for (const way of WAYS) rounds.get(way)?.push(await measured(way));
}

const figures = ['by workers', 'questions', 'check s', 'workers s', 'would take s'];
const table = new Table({
  head: ['', ...figures, 'largest question kB', 'largest answer kB'],
  colAligns: ['left', ...Array(figures.length + 2).fill('right')],
  style: { head: [], border: [] },
});
for (const [{ what }, all] of rounds) {
  const each = medianOf(all);
  const { summary, checkSeconds, workersSeconds, questions } = each;
  table.push([
    what,
    summary.workers?.accounts ?? 0,
    questions,
    ...[checkSeconds, workersSeconds, checkSeconds + workersSeconds / options.workers].map((of) =>
      of.toFixed(2),
    ),
    ...[each.questionBytesMax, each.answerBytesMax].map((of) => Math.round(of / 1e3)),
  ]);
}
process.stdout.write(`${options.accounts} accounts, ${options.workers} workers\n${table}\n`);
const seen = [...rounds.values()].flat().map(({ summary }) => {
  const { accounts: read, levels, isComplete, cascade, shock, errors } = summary;
  return JSON.stringify({ read, levels, isComplete, cascade, shock, errors });
});
const different = new Set(seen);
if (different.size > 1) throw new Error(`checks differ:\n${[...different].join('\n')}`);
process.stdout.write('all checks counted and gauged the same\n');
