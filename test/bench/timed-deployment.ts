/**
 * A deployment in virtual time, in which calls take as long as DELAYS says: the real handlers, started
 * by the schedule or by messages of the queue. The processor takes no time.
 */
import { SendMessageBatchCommand, type SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { EventQueue } from '../../lambda/aws/event-queue.ts';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { SlotQueue } from '../../lambda/aws/slot-queue.ts';
import { isEventMessage } from '../../lambda/check/event-message.ts';
import { putSlots } from '../../lambda/check/put-slots.ts';
import { createHandlers } from '../../lambda/check.ts';
import { type EventsDependencies, putEvent } from '../../lambda/events/put-event.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { CANARY_PREFIX, TABLES } from '../../lib/names.ts';
import type { AccountRow, MarketRow } from '../../local/aws/rows.ts';
import { put, writeRows } from '../../local/aws/rows.ts';
import { certifiedMemory } from '../aws/certified-memory.ts';
import { clientOf } from '../aws/client.ts';
import { MemoryBuckets } from '../aws/memory-bucket.ts';
import { type Context, type Ending, MemoryFunction } from '../aws/memory-function.ts';
import { type ItemChange, MemoryStreams } from '../aws/memory-streams.ts';
import { MemoryTables } from '../aws/memory-tables.ts';
import { MemoryTopics } from '../aws/memory-topics.ts';
import { Process } from '../aws/network.ts';
import { CHECKPOINTS } from '../aws/services.ts';
import { VirtualTime } from '../aws/virtual-time.ts';

/** Milliseconds. */
export const DELAYS = {
  /** A request of DynamoDB, of its streams or of S3. */
  request: 5,
  /** Until a record can be read from a stream. */
  stream: 500,
  /** Quotes are handed over at the latest after so long, together. */
  window: 1_000,
  /** From the time at which a message is due until its function begins. */
  queue: 100,
  /** Until SNS has delivered. */
  sns: 100,
} as const;

export const START = Date.parse('2026-03-12T10:00:00.000Z');
const MINUTE_MS = 60_000;
/** As many messages as the queue hands over at once. */
const CONCURRENCY = 2;

const arnOf = (topic: string) => `arn:aws:sns:us-east-1:000000000000:${topic}`;

/** Records of a stream that wait for the events function. */
interface Batch {
  readonly records: object[];
  isHanded: boolean;
}

export interface TimedDeploymentInput {
  readonly intervalSeconds: number;
  readonly hasEvents: boolean;
  readonly onAlert: (message: Message) => void;
}

export class TimedDeployment {
  readonly time = new VirtualTime(START - MINUTE_MS);
  events = 0;
  private readonly input: TimedDeploymentInput;
  private readonly tables: MemoryTables;
  private readonly stream: MemoryStreams;
  private readonly topics: MemoryTopics;
  private readonly buckets: MemoryBuckets;
  private readonly check: MemoryFunction;
  private readonly writer: Process;
  private readonly waiting: object[] = [];
  private readonly following: EventsDependencies;
  private readonly quotes: Batch = { records: [], isHanded: false };
  private readonly accounts: Batch = { records: [], isHanded: false };

  constructor(input: TimedDeploymentInput) {
    this.input = input;
    const { time } = this;
    const { partitionKey, sortKey } = TABLES.accounts;
    const streamed = { partitionKey, sortKey, viewType: 'KEYS_ONLY' } as const;
    this.stream = new MemoryStreams({ time, tables: { accounts: streamed } });
    this.stream.delayMs = DELAYS.stream;
    this.tables = new MemoryTables({
      time,
      definitions: TABLES,
      onChange: (change) => {
        if (change.table === 'accounts') this.stream.record('accounts', change);
        if (input.hasEvents) this.follow(change);
      },
    });
    const topicArns = ['alerts', 'orders.fifo'].map(arnOf);
    this.topics = new MemoryTopics({ time, topicArns, delayMs: () => DELAYS.sns });
    this.topics.subscribe(arnOf('alerts'), ({ body }) => input.onAlert(JSON.parse(body)));
    this.buckets = new MemoryBuckets(time, [CHECKPOINTS]);
    this.check = new MemoryFunction({
      time,
      timeoutMs: Math.max(input.intervalSeconds * 1000, MINUTE_MS),
      start: () => this.coldStart(),
    });
    this.writer = this.process();
    const { dynamo } = this.process();
    this.following = {
      margin: new MarginTable({ dynamo, table: 'margin' }),
      queue: new EventQueue({ sqs: this.sqs, url: 'events' }),
      now: () => time.now,
    };
  }

  /** As the stack maps both streams to the events function: one batch of a stream at a time. */
  private follow({ table, keys, newImage }: ItemChange & { readonly table: string }): void {
    const { time } = this;
    const isQuote = table === 'market' && keys.kind?.S === 'quote';
    const isAccount = table === 'accounts' && !keys.accountId?.S?.startsWith(CANARY_PREFIX);
    if (!isQuote && !isAccount) return;
    const batch = isQuote ? this.quotes : this.accounts;
    const at = Math.floor(time.now / 1000);
    const dynamodb = { ApproximateCreationDateTime: at, Keys: keys, NewImage: newImage };
    batch.records.push({ dynamodb });
    if (batch.isHanded) return;
    batch.isHanded = true;
    time.after(DELAYS.stream + (isQuote ? DELAYS.window : 0), () => void this.hand(batch));
  }

  private async hand(batch: Batch): Promise<void> {
    while (batch.records.length > 0) {
      await putEvent({ Records: batch.records.splice(0) }, this.following);
    }
    batch.isHanded = false;
  }

  /** Rows take effect one after the other. */
  write(table: 'accounts' | 'market', rows: readonly (AccountRow | MarketRow)[]): Promise<void> {
    return writeRows(this.writer.dynamo, { table, requests: rows.map(put) });
  }

  /** From START on. @param until milliseconds since 1970 */
  startChecks(until: number): void {
    const intervalMs = this.input.intervalSeconds * 1000;
    if (intervalMs < MINUTE_MS) {
      this.startSlots(until);
      return;
    }
    for (let due = START; due < until; due += intervalMs) {
      const time = new Date(due).toISOString();
      const event = { source: 'aws.scheduler', 'detail-type': 'Scheduled Event', time };
      this.time.at(due + DELAYS.queue, () => this.begin(event));
    }
  }

  private startSlots(until: number): void {
    const { dynamo } = this.process();
    const { time, sqs } = this;
    const dependencies = {
      margin: new MarginTable({ dynamo, table: 'margin' }),
      queue: new SlotQueue({ sqs, url: 'slots' }),
      intervalSeconds: this.input.intervalSeconds,
      now: () => time.now,
    };
    for (let due = START - MINUTE_MS; due < until; due += MINUTE_MS) {
      time.at(due, () => void putSlots(dependencies));
    }
  }

  /** Both queues start the check function. */
  private get sqs(): SQSClient {
    return clientOf(SQSClient, async (command) => {
      const entries =
        command instanceof SendMessageBatchCommand
          ? (command.input.Entries ?? [])
          : [(command as SendMessageCommand).input];
      for (const entry of entries) {
        const { DelaySeconds = 0, MessageBody: body = '' } = entry;
        const event = { Records: [{ messageId: '1', eventSource: 'aws:sqs', body }] };
        this.time.after(DelaySeconds * 1000 + DELAYS.queue, () => this.begin(event));
      }
      return {};
    });
  }

  private begin(event: object): void {
    this.waiting.push(event);
    this.beginNext();
  }

  private beginNext(): void {
    if (this.check.running >= CONCURRENCY) return;
    const event = this.waiting.shift();
    if (event === undefined) return;
    void this.check.invoke(event).then((ending) => {
      mustReturn(ending);
      this.beginNext();
    });
  }

  private process(): Process {
    const { time, tables: dynamo, topics: sns, stream: streams, buckets: s3 } = this;
    const fateOf = () => ({ requestMs: DELAYS.request });
    return new Process({ task: 'a process', time, dynamo, sns, streams, s3, fateOf });
  }

  private coldStart() {
    const process = this.process();
    const { dynamo, sns, streams, s3 } = process;
    const { time } = this;
    const started = time.now;
    const stopwatch = {
      now: () => time.now - started,
      wait: (milliseconds: number) => process.wait(milliseconds),
    };
    const config = {
      accountsTable: 'accounts',
      marketTable: 'market',
      marginTable: 'margin',
      alertsTopicArn: arnOf('alerts'),
      ordersTopicArn: arnOf('orders.fifo'),
      checkIntervalSeconds: this.input.intervalSeconds,
      certificates: { streamArn: this.stream.arnOf('accounts'), bucket: CHECKPOINTS },
      scanSegments: 2,
      ...(this.input.hasEvents && { hasEvents: true }),
    };
    const resources = { dynamo, sns, config, stopwatch };
    const certified = certifiedMemory({ ...resources, streams, s3 });
    const { check, event, after } = createHandlers({
      ...resources,
      certified,
      now: () => time.now,
    });
    const handler = async (given: unknown, context: Context): Promise<void> => {
      if (isEventMessage(given)) {
        const { skipped } = { skipped: undefined, ...(await event(context)) };
        if (skipped === undefined) this.events++;
        return;
      }
      await after(await check(given, context), context);
    };
    return { process, handler };
  }
}

/** @throws Error if the check failed: nothing is in its way here */
function mustReturn(ending: Ending): void {
  if (ending.how === 'returned') return;
  const cause = ending.how === 'threw' ? ending.error : undefined;
  throw new Error(`a check ${ending.how}`, { cause });
}
