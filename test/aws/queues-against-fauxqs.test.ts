/**
 * The same random calls on MemoryQueues and MemoryBuckets and on fauxqs give the same answers, once
 * ids, receipt handles, tokens and times are left out or renamed. fauxqs has the clock of this
 * machine, so that no call waits for anything. Where it differs from AWS's documentation, the calls
 * or the parts of their answers are left out:
 *
 * | call | AWS, and in memory | fauxqs |
 * |---|---|---|
 * | ReceiveMessage, FIFO | as many messages of a group as there are | one of each group |
 * | ReceiveMessage | message attributes that are asked for | all, if none is asked for |
 * | ReceiveMessage, dead-letter queue | counts receipts | counts the move as well |
 * | ReceiveMessage, dead-letter queue | names the source queue | does not |
 * | DeleteMessage, visible again, standard | deletes with the latest handle | deletes nothing |
 * | DeleteMessage, visible again, FIFO | InvalidParameterValue, expired | succeeds |
 * | DeleteMessage, no receipt handle | ReceiptHandleIsInvalid | succeeds |
 * | ChangeMessageVisibility, no receipt handle | ReceiptHandleIsInvalid | MessageNotInflight |
 * | SendMessage, delay over 900 s, id over 128 | InvalidParameterValue | taken |
 * | SendMessage, bad message attribute | InvalidParameterValue | taken |
 * | SendMessage, standard, deduplication id | InvalidParameterValue | ignored |
 * | SendMessage, characters beyond U+FFFF | taken | InvalidMessageContents |
 * | SendMessageBatch, empty body | Failed, MissingParameter | taken |
 * | SendMessageBatch, entry id over 80 | InvalidBatchEntryId | taken |
 * | Get- and CreateQueue, bytes of a message | 262,144 (here) | 1,048,576 |
 * | GetQueueAttributes without names | none | all |
 * | SetQueueAttributes, DelaySeconds, FIFO | also for messages in the queue | for new ones |
 * | SetQueueAttributes, RedrivePolicy | its queue exists and has the same type | anything |
 * | CreateQueue, `.fifo` without FifoQueue | InvalidParameterValue | a FIFO queue |
 * | CreateQueue after DeleteQueue | QueueDeletedRecently for 60 s | created |
 * | PurgeQueue again | PurgeQueueInProgress for 60 s | purged |
 * | any, retention over | the message is gone | it stays |
 * | PutObject with IfMatch, IfNoneMatch | conditional | ignored |
 * | PutObject, key over 1,024 bytes | KeyTooLongError | taken |
 * | HeadObject with IfMatch, IfNoneMatch | conditional | ignored |
 * | ListObjectsV2, order | bytes of UTF-8 | that of the locale |
 * | ListObjectsV2, no keys asked for | not truncated | truncated |
 * | ListObjectsV2, token of somebody else | InvalidArgument | taken |
 */
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { buildApp } from 'fauxqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MemoryBuckets } from './memory-bucket.ts';
import { MemoryQueues } from './memory-queues.ts';
import { VirtualTime } from './virtual-time.ts';

const RUNS = { numRuns: 30 };
const app = buildApp({ logger: false });
let sqs: SQSClient;
let s3: S3Client;

beforeAll(async () => {
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const options = { endpoint, region: 'us-east-1', credentials, requestHandler: {} };
  sqs = new SQSClient(options);
  s3 = new S3Client({ ...options, forcePathStyle: true });
});

afterAll(async () => {
  sqs.destroy();
  s3.destroy();
  await app.close();
});

/** A service as a function of its commands. */
type Service = (command: object) => Promise<object>;

/** What the SDK shows of an error. fauxqs prefixes the names for which the SDK has no class. */
function refusalOf(error: unknown): object {
  const { name, $fault, $metadata } = error as {
    name: string;
    $fault?: string;
    $metadata?: { httpStatusCode?: number };
  };
  if ($fault === undefined) throw error;
  const refused = name.replace('AWS.SimpleQueueService.', '');
  return { refused, $fault, status: $metadata?.httpStatusCode };
}

/** Names each value of a kind by the order in which it was first seen. */
class Names {
  private readonly seen = new Map<string, string>();

  of(kind: string, value: string): string {
    const key = `${kind} ${value}`;
    const count = [...this.seen.keys()].filter((each) => each.startsWith(`${kind} `)).length;
    const name = this.seen.get(key) ?? `${kind} ${count + 1}`;
    this.seen.set(key, name);
    return name;
  }
}

const RENAMED = new Set(['MessageId', 'ReceiptHandle', 'SequenceNumber']);
const LEFT_OUT = new Set([
  '$metadata',
  'Message',
  'SenderId',
  'SentTimestamp',
  'ApproximateFirstReceiveTimestamp',
  'DeadLetterQueueSourceArn',
  'LastModified',
  'ContinuationToken',
  'NextContinuationToken',
  'ChecksumCRC32',
  'ChecksumType',
]);

/** The answer without what two services cannot have in common. */
function common(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((each) => common(each, names));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !LEFT_OUT.has(name));
  return Object.fromEntries(
    kept.map(([name, each]) => {
      if (RENAMED.has(name)) return [name, names.of(name, each)];
      if (name === 'QueueUrl') return [name, String(each).split('/').at(-1)];
      return [name, common(each, names)];
    }),
  );
}

const KINDS = ['standard', 'queue.fifo'] as const;
const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
const ATTRIBUTES = [
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'VisibilityTimeout',
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'RedrivePolicy',
  'FifoQueue',
  'ContentBasedDeduplication',
] as const;

interface Receipt {
  readonly handle: string | undefined;
  readonly isDead: boolean;
  isReleased: boolean;
}

/** One service, with the receipts that it gave: the same step means its own handle. */
class Side {
  private readonly service: Service;
  private readonly prefix: string;
  private readonly isFifo: boolean;
  private readonly names = new Names();
  private readonly receipts: Receipt[] = [];
  private readonly urls: [string, string] = ['', ''];

  constructor(service: Service, { prefix, isFifo }: { prefix: string; isFifo: boolean }) {
    this.service = service;
    this.prefix = prefix;
    this.isFifo = isFifo;
  }

  async open(receivedMax: number): Promise<void> {
    const Attributes = { MaximumMessageSize: '1024', ...(this.isFifo && FIFO) };
    for (const index of [0, 1]) {
      const QueueName = this.queueName(index);
      const created = await this.service(new CreateQueueCommand({ QueueName, Attributes }));
      this.urls[index as 0 | 1] = (created as { QueueUrl: string }).QueueUrl;
    }
    const arn = `arn:aws:sqs:us-east-1:000000000000:${this.queueName(1)}`;
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: arn,
      maxReceiveCount: receivedMax,
    });
    await this.answer(
      new SetQueueAttributesCommand({ QueueUrl: this.url(0), Attributes: { RedrivePolicy } }),
    );
  }

  private queueName(index: number): string {
    return `${this.prefix}-${index === 0 ? 'main' : 'dead'}${this.isFifo ? '.fifo' : ''}`;
  }

  /** The third is that of no queue. */
  private url(index: number): string {
    return this.urls[index] ?? `${this.urls[0]}-none`;
  }

  private async answer(command: object): Promise<unknown> {
    try {
      return common(await this.service(command), this.names);
    } catch (error) {
      return refusalOf(error);
    }
  }

  do(step: Step): Promise<unknown> {
    switch (step.kind) {
      case 'send':
        return this.answer(
          new SendMessageCommand({ QueueUrl: this.url(step.queue), ...this.entry(step.entry) }),
        );
      case 'batch':
        return this.answer(
          new SendMessageBatchCommand({
            QueueUrl: this.url(step.queue),
            Entries: step.entries.map(({ id, ...entry }) => ({ Id: id, ...this.entry(entry) })),
          }),
        );
      case 'receive':
        return this.receive(step);
      case 'delete':
        return this.delete(step.which);
      case 'visibility':
        return this.changeVisibility(step.which, step.seconds);
      case 'attributes':
        return this.answer(
          new GetQueueAttributesCommand({
            QueueUrl: this.url(step.queue),
            AttributeNames: [...ATTRIBUTES],
          }),
        );
      case 'set':
        return this.answer(
          new SetQueueAttributesCommand({ QueueUrl: this.url(0), Attributes: step.attributes }),
        );
      case 'create':
        return this.answer(
          new CreateQueueCommand({
            QueueName: this.queueName(0),
            Attributes: { VisibilityTimeout: step.timeout, ...(this.isFifo && FIFO) },
          }),
        );
      case 'find':
        return this.answer(new GetQueueUrlCommand({ QueueName: this.queueName(step.queue) }));
      case 'purge':
        return this.answer(new PurgeQueueCommand({ QueueUrl: this.url(0) }));
    }
  }

  private entry({ body, group, attributes, delay, deduplicationId }: Entry) {
    return {
      MessageBody: body,
      MessageAttributes: attributes,
      ...(this.isFifo
        ? { MessageGroupId: group, MessageDeduplicationId: deduplicationId }
        : { DelaySeconds: delay }),
    } as Omit<SendMessageBatchRequestEntry, 'Id'>;
  }

  /** A FIFO queue is asked for one message at a time, until no group has one to give. */
  private async receive(step: Step & { kind: 'receive' }): Promise<unknown> {
    const isByOne = this.isFifo && step.count >= 1 && step.count <= 10;
    const input = {
      QueueUrl: this.url(step.queue),
      MaxNumberOfMessages: isByOne ? 1 : step.count,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    } satisfies ReceiveMessageCommandInput;
    const all: Message[] = [];
    try {
      for (;;) {
        const received = await this.service(new ReceiveMessageCommand(input));
        const { Messages = [] } = received as { Messages?: Message[] };
        all.push(...Messages);
        if (!isByOne || Messages.length === 0) break;
      }
    } catch (error) {
      return refusalOf(error);
    }
    if (isByOne) all.sort((one, other) => (groupOf(one) < groupOf(other) ? -1 : 1));
    const isDead = step.queue === 1;
    for (const { ReceiptHandle: handle } of all) {
      this.receipts.push({ handle, isDead, isReleased: false });
    }
    return common(isDead ? all.map(withoutCount) : all, this.names);
  }

  private async delete(which: readonly number[]): Promise<unknown> {
    const held = this.receipts.filter(({ isReleased }) => !isReleased);
    const chosen = new Set(which.map((index) => held[index % held.length]));
    const [first] = chosen;
    if (first === undefined) return 'nothing to delete';
    const QueueUrl = this.url(first.isDead ? 1 : 0);
    if (chosen.size === 1) {
      return this.answer(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first.handle }));
    }
    const Entries = [...chosen]
      .filter((receipt) => receipt?.isDead === first.isDead)
      .map((receipt, index) => ({ Id: `${index}`, ReceiptHandle: receipt?.handle }));
    return this.answer(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }

  private async changeVisibility(which: number, VisibilityTimeout: number): Promise<unknown> {
    const receipt = this.receipts[which % this.receipts.length];
    if (receipt === undefined) return 'nothing to change';
    const { handle: ReceiptHandle, isDead } = receipt;
    const QueueUrl = this.url(isDead ? 1 : 0);
    receipt.isReleased ||= VisibilityTimeout === 0;
    return this.answer(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }),
    );
  }
}

const groupOf = ({ Attributes }: Message): string => Attributes?.MessageGroupId ?? '';

/** fauxqs counts the move to the dead-letter queue. */
function withoutCount({ Attributes, ...message }: Message): object {
  const { ApproximateReceiveCount: _, ...rest } = Attributes ?? {};
  return { ...message, Attributes: rest };
}

interface Entry {
  readonly body: string;
  readonly group?: string | undefined;
  readonly attributes?: object | undefined;
  readonly delay?: number | undefined;
  readonly deduplicationId?: string | undefined;
}

type Step =
  | { readonly kind: 'send'; readonly queue: number; readonly entry: Entry }
  | {
      readonly kind: 'batch';
      readonly queue: number;
      readonly entries: readonly (Entry & { readonly id: string })[];
    }
  | { readonly kind: 'receive'; readonly queue: number; readonly count: number }
  | { readonly kind: 'delete'; readonly which: readonly number[] }
  | { readonly kind: 'visibility'; readonly which: number; readonly seconds: number }
  | { readonly kind: 'attributes' | 'find'; readonly queue: number }
  | { readonly kind: 'set'; readonly attributes: Record<string, string> }
  | { readonly kind: 'create'; readonly timeout: string }
  | { readonly kind: 'purge' };

const attributes = fc.constantFrom(undefined, {
  text: { DataType: 'String', StringValue: 'é' },
  count: { DataType: 'Number.int', StringValue: '7' },
  bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
});

const DELAY_SECONDS = 900;

/** At most one fault each, since the order in which faults are looked for is not documented. */
const entry: fc.Arbitrary<Entry> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      body: fc.string({ unit: fc.constantFrom('a', 'ü', '\n'), minLength: 1, maxLength: 3 }),
      group: fc.constantFrom('g', 'h', 'i'),
      attributes,
      delay: fc.constantFrom(undefined, undefined, 0, DELAY_SECONDS),
      deduplicationId: fc.constantFrom(undefined, undefined, 'd', 'e'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Entry[]>(
      { body: '\u{1}', group: 'g' },
      { body: 'x'.repeat(1025), group: 'g' },
      { body: 'x'.repeat(1024), group: 'g' },
      { body: 'no group' },
    ),
  },
);

const queue = fc.constantFrom(0, 0, 0, 1, 2);
/** fauxqs counts sequence numbers by queue, so that those of a dead-letter queue would be ambiguous. */
const sentTo = fc.constantFrom(0, 0, 0, 2);

/** Some batches fail as a whole, for one reason each. */
const batch = fc
  .tuple(fc.array(entry, { maxLength: 11 }), fc.constantFrom('good', 'good', 'double', 'bad'))
  .map(([entries, ids]) =>
    entries.map((each, index) => {
      const isOdd = ids !== 'good' && index === 1;
      const id = ids === 'double' ? '0' : 'e.f';
      return { ...each, id: isOdd && entries.length <= 10 ? id : `${index}` };
    }),
  );

const stepOf = (isFifo: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('send'), queue: sentTo, entry }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('batch'), queue: sentTo, entries: batch }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('receive'),
        queue,
        count: fc.constantFrom(1, 2, 10, 10, 0, 11),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('delete'),
        which: fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('visibility'),
        which: fc.nat(20),
        seconds: fc.constantFrom(0, 0, 0, 100, -1, 43_201),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('attributes', 'find'), queue }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('set'),
        attributes: fc.constantFrom<Record<string, string>[]>(
          { VisibilityTimeout: '31' },
          { VisibilityTimeout: '43201' },
          { MessageRetentionPeriod: '59' },
          { Colour: 'red' },
          ...(isFifo ? [] : [{ DelaySeconds: '900' }, { DelaySeconds: '0' }]),
        ),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('create'), timeout: fc.constantFrom('30', '31') }),
    },
  ) as fc.Arbitrary<Step>;

/** A purge comes at most once, and anywhere. */
function coursesOf(isFifo: boolean): fc.Arbitrary<Step[]> {
  const steps = fc.array(stepOf(isFifo), { minLength: 20, maxLength: 60 });
  return fc.tuple(steps, fc.option(fc.nat(60))).map(([course, purgeAt]) => {
    const purge: Step[] = purgeAt === null ? [] : [{ kind: 'purge' }];
    return course.toSpliced(purgeAt ?? 0, 0, ...purge);
  });
}

it.each(KINDS)('queues answer as those of fauxqs: %s', async (kind) => {
  const isFifo = kind === 'queue.fifo';
  let run = 0;
  await fc.assert(
    fc.asyncProperty(coursesOf(isFifo), fc.integer({ min: 1, max: 3 }), async (course, max) => {
      const memory = new MemoryQueues(new VirtualTime(0));
      const names = { prefix: `run-${++run}`, isFifo };
      const sides = [
        new Side(async (command) => memory.answer(command), names),
        new Side((command) => sqs.send(command as SendMessageCommand), names),
      ];
      for (const side of sides) await side.open(max);
      for (const step of [...course, ...LAST]) {
        const [mine, theirs] = await Promise.all(sides.map((side) => side.do(step)));
        expect({ step, answer: mine }).toEqual({ step, answer: theirs });
      }
    }),
    RUNS,
  );
});

const LAST: readonly Step[] = [0, 1].flatMap((each) => [
  { kind: 'receive', queue: each, count: 10 },
  { kind: 'attributes', queue: each },
]);

type BucketStep =
  | { readonly kind: 'put'; readonly key: string; readonly body: string }
  | { readonly kind: 'get'; readonly key: string; readonly condition: string; readonly of: string }
  | { readonly kind: 'head'; readonly key: string }
  | { readonly kind: 'delete'; readonly key: string }
  | {
      readonly kind: 'list';
      readonly prefix: string;
      readonly count: number;
      readonly after: string | undefined;
    };

/** One service, with the tags of the bodies that it has taken. */
class BucketSide {
  private readonly service: Service;
  private readonly bucket: string;
  private readonly tags = new Map<string, string>();

  constructor(service: Service, bucket: string) {
    this.service = service;
    this.bucket = bucket;
  }

  async do(step: BucketStep): Promise<unknown> {
    try {
      return common(await this.answer(step), new Names());
    } catch (error) {
      return refusalOf(error);
    }
  }

  private async answer(step: BucketStep): Promise<unknown> {
    const Bucket = this.bucket;
    if (step.kind === 'list') return this.list(step);
    const { key: Key } = step;
    if (step.kind === 'head') return this.service(new HeadObjectCommand({ Bucket, Key }));
    if (step.kind === 'delete') return this.service(new DeleteObjectCommand({ Bucket, Key }));
    if (step.kind === 'put') {
      const input = { Bucket, Key, Body: step.body, Metadata: { length: `${step.body.length}` } };
      const answer = (await this.service(new PutObjectCommand(input))) as { ETag: string };
      this.tags.set(step.body, answer.ETag);
      return answer;
    }
    const conditions = { [step.condition]: this.tags.get(step.of) };
    const command = new GetObjectCommand({ Bucket, Key, ...conditions });
    const { Body, ...answer } = (await this.service(command)) as {
      Body: { transformToString(): Promise<string> };
    };
    return { ...answer, body: await Body.transformToString() };
  }

  /** All pages, each with its own token. */
  private async list({ prefix, count, after }: BucketStep & { kind: 'list' }) {
    const pages: object[] = [];
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.bucket,
        Prefix: prefix,
        MaxKeys: count,
        StartAfter: after,
        ContinuationToken: token,
      });
      const page = (await this.service(command)) as { NextContinuationToken?: string };
      pages.push(page);
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return pages;
  }
}

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 });
const body = fc.constantFrom('one', 'twö', 'three');

const bucketSteps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('put'), key, body }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('get'),
        key,
        condition: fc.constantFrom('IfMatch', 'IfNoneMatch'),
        of: body,
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('head', 'delete'), key }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('list'),
        prefix: fc.constantFrom('', 'a', 'bc'),
        count: fc.integer({ min: 1, max: 5 }),
        after: fc.option(key, { nil: undefined }),
      }),
    },
  ) as fc.Arbitrary<BucketStep>,
  { minLength: 20, maxLength: 60 },
);

it('a bucket answers as that of fauxqs', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(bucketSteps, fc.nat(9), async (course, chance) => {
      const name = `run-${++run}`;
      const isMissing = chance === 0;
      const memory = new MemoryBuckets(new VirtualTime(0), isMissing ? [] : [name]);
      if (!isMissing) await s3.send(new CreateBucketCommand({ Bucket: name }));
      const sides = [
        new BucketSide(async (command) => memory.answer(command), name),
        new BucketSide((command) => s3.send(command as PutObjectCommand), name),
      ];
      for (const step of course) {
        const [mine, theirs] = await Promise.all(sides.map((side) => side.do(step)));
        expect({ step, answer: mine }).toEqual({ step, answer: theirs });
      }
    }),
    RUNS,
  );
});
