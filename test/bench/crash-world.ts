/** One crash, check by check through the real handler, on the AWS in memory and through real clients. */
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { PublishBatchCommand } from '@aws-sdk/client-sns';
import { type Invoke, InvokedWorkers } from '../../lambda/accounts/invoked-workers.ts';
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import { answerQuestion } from '../../lambda/certified/answer-question.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { type CheckHandler, createHandler } from '../../lambda/check.ts';
import { CheckFailedError } from '../../lambda/run-check.ts';
import { TABLES } from '../../lib/names.ts';
import { put, writeRows } from '../../local/aws/rows.ts';
import { BENCH_START } from '../../local/bench/book.ts';
import { certifiedMemory } from '../aws/certified-memory.ts';
import { clientOf } from '../aws/client.ts';
import { MemoryStreams } from '../aws/memory-streams.ts';
import { MemoryTables } from '../aws/memory-tables.ts';
import { MemoryTopics } from '../aws/memory-topics.ts';
import { VirtualTime } from '../aws/virtual-time.ts';
import type { CrashBook } from './crash-book.ts';
import { GeneratedAccounts } from './generated-accounts.ts';
import { MeteredAws } from './metered-clients.ts';

const MINUTE_MS = 60_000;
/** Checks before prices fall: the first certifies the book. */
const CALM_CHECKS = 3;
const SEGMENTS = 4;
/** Milliseconds of the processor for an account that a worker reads, until it is measured. */
const READ_MS = 0.4;
const arnOf = (topic: string) => `arn:aws:sns:us-east-1:000000000000:${topic}`;

export interface Way {
  readonly accounts: number;
  readonly book: CrashBook;
  readonly multiples: readonly number[];
  readonly hasCertificates: boolean;
  /** Workers at once; 0: the check reads by itself. */
  readonly workers: number;
  readonly accountsMin: number;
  /** The function's timeout while prices fall; absent: a check takes as long as it takes. */
  readonly timeoutSeconds?: number | undefined;
}

/** Times are those of the processor. */
export interface Measured {
  readonly multiple: number;
  readonly summary: CheckSummary;
  /** Without the workers. */
  readonly checkMs: number;
  readonly workersMs: number;
  /** From the beginning of the check, with the workers' work side by side; undefined without orders. */
  readonly firstOrderMs: number | undefined;
  readonly lastOrderMs: number | undefined;
  /** Accounts of order plans, sorted. */
  readonly orders: readonly string[];
  readonly rssBytes: number;
}

const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};

class CrashWorld {
  readonly time = new VirtualTime(BENCH_START);
  readonly aws = new MeteredAws();
  readonly table: GeneratedAccounts;
  readonly dynamo: DynamoDBClient;
  readonly accounts: AccountsTable;
  readonly handler: CheckHandler;
  asked: Parameters<Invoke>[0][] = [];
  ordersAt: number[] = [];
  ordered: string[] = [];
  private readonly way: Way;
  private start = 0;
  private readMs = READ_MS;

  constructor(way: Way) {
    this.way = way;
    const { time, aws } = this;
    const { partitionKey, sortKey } = TABLES.accounts;
    const streamed = { partitionKey, sortKey, viewType: 'KEYS_ONLY', shardCount: 4 } as const;
    const stream = new MemoryStreams({ time, tables: { accounts: streamed } });
    this.table = new GeneratedAccounts(way.accounts, stream, (kind) => way.book.account(kind));
    const others = new MemoryTables({ time, definitions: TABLES });
    this.dynamo = aws.dynamo((command) => {
      const { input } = command as { readonly input: { readonly TableName?: string } };
      if (input.TableName === 'accounts') return this.table.answer(command);
      return isDecisionRecord(command) ? {} : others.answer(command);
    });
    const topics = new MemoryTopics({ time, topicArns: ['alerts', 'orders.fifo'].map(arnOf) });
    const sns = aws.sns((command) => {
      this.noteOrders((command as PublishBatchCommand).input);
      return topics.answer(command);
    });
    const streams = clientOf(DynamoDBStreamsClient, async (command) => stream.answer(command));
    const { dynamo } = this;
    this.accounts = new AccountsTable({ dynamo, table: 'accounts', segments: 1 });
    const config = {
      ...{ accountsTable: 'accounts', marketTable: 'market', marginTable: 'margin' },
      ...{ alertsTopicArn: arnOf('alerts'), ordersTopicArn: arnOf('orders.fifo') },
      ...{ checkIntervalSeconds: MINUTE_MS / 1_000, scanSegments: SEGMENTS },
      certificates: { streamArn: stream.arnOf('accounts') },
    };
    const stopwatch = {
      now: () => time.now,
      wait: (milliseconds: number) => time.runUntil(time.now + milliseconds),
    };
    const resources = { dynamo, sns, streams, stopwatch, config };
    this.handler = createHandler({
      ...resources,
      certified: way.hasCertificates ? certifiedMemory(resources) : undefined,
      workers: way.workers === 0 ? undefined : this.workers(way),
      now: () => time.now,
    });
  }

  private workers({ workers: atOnce, accountsMin }: Way): InvokedWorkers {
    const invoke: Invoke = (question) => {
      this.asked.push(question);
      return this.readAsWorker(question);
    };
    return new InvokedWorkers({ invoke, atOnce, accountsMin });
  }

  private readAsWorker(question: Parameters<Invoke>[0]) {
    return answerQuestion(question, { accounts: this.accounts, timeLeft: () => MINUTE_MS });
  }

  private noteOrders({
    TopicArn = '',
    PublishBatchRequestEntries = [],
  }: PublishBatchCommand['input']) {
    if (!TopicArn.endsWith('.fifo')) return;
    const plans = PublishBatchRequestEntries.filter(
      ({ MessageAttributes }) => MessageAttributes?.type?.StringValue === 'liquidation.ordered',
    );
    if (plans.length > 0) this.ordersAt.push(this.elapsedMs);
    this.ordered.push(...plans.map(({ MessageGroupId = '' }) => MessageGroupId));
  }

  /** Processor time since the beginning of the check, as if workers had processors of their own. */
  private get elapsedMs(): number {
    const { workers } = this.way;
    const elsewhere = workers === 0 ? 0 : this.listed * this.readMs * (1 - 1 / workers);
    return processorMs() - this.aws.spentMs - this.start - elsewhere;
  }

  /** @param timeoutSeconds absent: a check takes as long as it takes */
  async check(multiple: number, timeoutSeconds?: number): Promise<Measured> {
    const { time, aws, way } = this;
    const quotes = way.book.quotes(multiple, time.now).map(put);
    await writeRows(this.dynamo, { table: 'market', requests: quotes });
    [this.asked, this.ordersAt, this.ordered] = [[], [], []];
    this.start = processorMs() - aws.spentMs;
    const summary = await this.summaryOfCheck(timeoutSeconds);
    const wholeMs = processorMs() - aws.spentMs - this.start;
    const workersMs = await this.workersAlone();
    return {
      multiple,
      summary,
      checkMs: wholeMs - workersMs,
      workersMs,
      firstOrderMs: this.ordersAt[0],
      lastOrderMs: this.ordersAt.at(-1),
      orders: this.ordered.toSorted(),
      rssBytes: process.memoryUsage().rss,
    };
  }

  private async summaryOfCheck(timeoutSeconds: number | undefined): Promise<CheckSummary> {
    const time = new Date(this.time.now).toISOString();
    const event = { source: 'aws.scheduler', 'detail-type': 'Scheduled Event', time };
    const context =
      timeoutSeconds === undefined
        ? undefined
        : {
            getRemainingTimeInMillis: () => timeoutSeconds * 1_000 - this.elapsedMs,
          };
    try {
      return await this.handler(event, context);
    } catch (error) {
      if (error instanceof CheckFailedError && timeoutSeconds !== undefined) return error.summary;
      throw error;
    }
  }

  /** The same work once more, with nothing else. */
  private async workersAlone(): Promise<number> {
    const before = processorMs() - this.aws.spentMs;
    for (const question of [...this.asked]) await this.readAsWorker(question);
    const spent = processorMs() - this.aws.spentMs - before;
    if (this.listed > 0) this.readMs = spent / this.listed;
    return spent;
  }

  /** Accounts of the lists that workers read. Segments are scanned by the first check, which orders nothing. */
  private get listed(): number {
    return this.asked.reduce(
      (sum, question) => sum + ('accountIds' in question ? question.accountIds.length : 0),
      0,
    );
  }

  /** A venue closes what was ordered before the next check. */
  execute(multiple: number): void {
    for (const name of new Set(this.ordered)) {
      const account = Number(name.split('-')[1]);
      const rows = this.way.book.account(account);
      const own = rows.map((row) => ({ ...row, accountId: name }));
      this.table.replace(account, this.way.book.closed(own, multiple));
    }
  }
}

/** Too many to keep, and no check reads them. */
const isDecisionRecord = (command: object): boolean =>
  command instanceof PutItemCommand && command.input.Item?.sk?.S?.startsWith('decision#') === true;

/** @param done is told of each check of the crash */
export async function crash(way: Way, done: (measured: Measured) => void): Promise<Measured[]> {
  const world = new CrashWorld(way);
  const requests = way.book.market().map(put);
  await writeRows(world.dynamo, { table: 'market', requests });
  const measured: Measured[] = [];
  const path = [...Array<number>(CALM_CHECKS).fill(1), ...way.multiples];
  for (const [check, multiple] of path.entries()) {
    await world.time.runUntil(BENCH_START + (check + 1) * MINUTE_MS);
    const isCalm = check < CALM_CHECKS;
    const found = await world.check(multiple, isCalm ? undefined : way.timeoutSeconds);
    world.execute(multiple);
    if (isCalm) continue;
    measured.push(found);
    done(found);
  }
  return measured;
}
