/**
 * The rules of https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/, on the
 * pages sqs-delay-queues, sqs-message-timers, sqs-visibility-timeout, sqs-dead-letter-queues,
 * FIFO-queues-understanding-logic, using-messagededuplicationid-property and
 * quotas-messages, and of APIReference/API_SendMessageBatch, API_DeleteMessage, API_PurgeQueue and
 * API_DeleteQueue. https://repost.aws/knowledge-center/sqs-receipt-handle-error has the faults of a
 * receipt handle.
 */
import {
  ChangeMessageVisibilityCommand,
  type ChangeMessageVisibilityCommandInput,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  MessageNotInflight,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  type SendMessageBatchCommandInput,
  type SendMessageBatchCommandOutput,
  SendMessageCommand,
  type SendMessageCommandInput,
  type SendMessageCommandOutput,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryQueues } from './memory-queues.ts';
import { VirtualTime } from './virtual-time.ts';

const START = Date.UTC(2026, 0, 1);
const SECOND = 1000;
const DAY = 86_400 * SECOND;

/** One queue and the calls on it, without its URL. */
class Bench {
  readonly time = new VirtualTime(START);
  readonly queues = new MemoryQueues(this.time);
  readonly url: string;

  constructor(QueueName: string, attributes: Record<string, string> = {}) {
    this.url = this.create(QueueName, attributes);
  }

  create(QueueName: string, attributes: Record<string, string> = {}): string {
    const Attributes = { ...attributes, ...(QueueName.endsWith('.fifo') && { FifoQueue: 'true' }) };
    const created = this.queues.answer(new CreateQueueCommand({ QueueName, Attributes }));
    return (created as { QueueUrl: string }).QueueUrl;
  }

  send(MessageBody: string, rest: Partial<SendMessageCommandInput> = {}) {
    const command = new SendMessageCommand({ QueueUrl: this.url, MessageBody, ...rest });
    return this.queues.answer(command) as SendMessageCommandOutput;
  }

  sendBatch(Entries: SendMessageBatchCommandInput['Entries']) {
    const command = new SendMessageBatchCommand({ QueueUrl: this.url, Entries });
    return this.queues.answer(command) as SendMessageBatchCommandOutput;
  }

  receive(rest: Partial<ReceiveMessageCommandInput> = {}): Message[] {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      ...rest,
    });
    return (this.queues.answer(command) as { Messages?: Message[] }).Messages ?? [];
  }

  bodies(rest: Partial<ReceiveMessageCommandInput> = {}): (string | undefined)[] {
    return this.receive(rest).map(({ Body }) => Body);
  }

  delete({ ReceiptHandle }: Message, QueueUrl = this.url): void {
    this.queues.answer(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }

  hide({ ReceiptHandle }: Message, VisibilityTimeout: number): void {
    const input = { QueueUrl: this.url, ReceiptHandle, VisibilityTimeout };
    this.queues.answer(
      new ChangeMessageVisibilityCommand(input as ChangeMessageVisibilityCommandInput),
    );
  }

  set(Attributes: Record<string, string>): void {
    this.queues.answer(new SetQueueAttributesCommand({ QueueUrl: this.url, Attributes }));
  }

  attributes(QueueUrl = this.url): Record<string, string> {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    return (this.queues.answer(command) as { Attributes: Record<string, string> }).Attributes;
  }

  /** Visible, in flight, delayed. */
  counts(QueueUrl = this.url): number[] {
    const attributes = this.attributes(QueueUrl);
    return ['', 'NotVisible', 'Delayed'].map((kind) =>
      Number(attributes[`ApproximateNumberOfMessages${kind}`]),
    );
  }

  pass(milliseconds: number): Promise<void> {
    return this.time.runUntil(this.time.now + milliseconds);
  }
}

const isRefused = (name: string) => expect.objectContaining({ name, $fault: 'client' });
const bodiesOf = (messages: readonly Message[]) => messages.map(({ Body }) => Body);
const only = (messages: readonly Message[]): Message => {
  const [message] = messages;
  if (message === undefined || messages.length > 1) throw new Error(`${messages.length} messages`);
  return message;
};

describe('delay', () => {
  it('hides a message until its delay is over', async () => {
    const bench = new Bench('standard');
    bench.send('late', { DelaySeconds: 900 });
    expect(bench.counts()).toEqual([0, 0, 1]);
    await bench.pass(900 * SECOND - 1);
    expect(bench.bodies()).toEqual([]);
    await bench.pass(1);
    expect(bench.bodies()).toEqual(['late']);
  });

  it('is of at most 15 minutes', () => {
    const send = () => new Bench('standard').send('late', { DelaySeconds: 901 });
    expect(send).toThrow(isRefused('InvalidParameterValue'));
  });

  it('of a queue holds for messages without their own, 0 included', () => {
    const bench = new Bench('standard', { DelaySeconds: '5' });
    bench.send('queue');
    bench.send('own', { DelaySeconds: 0 });
    expect(bench.bodies()).toEqual(['own']);
  });

  it('changes only for new messages of a standard queue', async () => {
    const bench = new Bench('standard', { DelaySeconds: '5' });
    bench.send('before');
    bench.set({ DelaySeconds: '60' });
    await bench.pass(5 * SECOND);
    expect(bench.bodies()).toEqual(['before']);
  });

  it('changes also for the messages in a FIFO queue', async () => {
    const bench = new Bench('queue.fifo', { DelaySeconds: '5', ContentBasedDeduplication: 'true' });
    bench.send('before', { MessageGroupId: 'g' });
    bench.set({ DelaySeconds: '60' });
    await bench.pass(60 * SECOND - 1);
    expect(bench.bodies()).toEqual([]);
    await bench.pass(1);
    expect(bench.bodies()).toEqual(['before']);
  });

  it('of its own is not for a message of a FIFO queue', () => {
    const bench = new Bench('queue.fifo', { ContentBasedDeduplication: 'true' });
    const send = () => bench.send('m', { MessageGroupId: 'g', DelaySeconds: 1 });
    expect(send).toThrow(isRefused('InvalidParameterValue'));
  });
});

describe('visibility time-out', () => {
  it('brings a message back exactly when it ends', async () => {
    const bench = new Bench('standard');
    bench.send('m');
    expect(bench.bodies()).toEqual(['m']);
    expect(bench.counts()).toEqual([0, 1, 0]);
    await bench.pass(30 * SECOND - 1);
    expect(bench.bodies()).toEqual([]);
    await bench.pass(1);
    const again = only(bench.receive());
    expect(again.Attributes).toMatchObject({
      ApproximateReceiveCount: '2',
      ApproximateFirstReceiveTimestamp: String(START),
    });
  });

  it('of one receipt precedes that of the queue', async () => {
    const bench = new Bench('standard', { VisibilityTimeout: '10' });
    bench.send('m');
    bench.receive({ VisibilityTimeout: 2 });
    await bench.pass(2 * SECOND);
    expect(bench.bodies()).toEqual(['m']);
  });

  it('starts anew when it is changed, and ends at once at 0', async () => {
    const bench = new Bench('standard');
    bench.send('m');
    const received = only(bench.receive());
    await bench.pass(29 * SECOND);
    bench.hide(received, 30);
    await bench.pass(29 * SECOND);
    expect(bench.bodies()).toEqual([]);
    bench.hide(received, 0);
    expect(bench.bodies()).toEqual(['m']);
  });

  it('cannot be changed once it is over', async () => {
    const bench = new Bench('standard');
    bench.send('m');
    const received = only(bench.receive());
    await bench.pass(30 * SECOND);
    expect(() => bench.hide(received, 30)).toThrow(MessageNotInflight);
  });

  it('ends 12 hours after the receipt at the latest', async () => {
    const bench = new Bench('standard');
    bench.send('m');
    const received = only(bench.receive());
    await bench.pass(SECOND);
    expect(() => bench.hide(received, 43_200)).toThrow(isRefused('InvalidParameterValue'));
    bench.hide(received, 43_199);
    expect(() => bench.hide(received, 43_201)).toThrow(isRefused('InvalidParameterValue'));
  });
});

describe('receipt handle', () => {
  it('deletes from a standard queue after the visibility time-out', async () => {
    const bench = new Bench('standard');
    bench.send('m');
    const received = only(bench.receive());
    await bench.pass(31 * SECOND);
    bench.delete(received);
    expect(bench.counts()).toEqual([0, 0, 0]);
  });

  it('that is not the latest succeeds and deletes nothing', async () => {
    const bench = new Bench('standard');
    bench.send('m');
    const old = only(bench.receive());
    await bench.pass(30 * SECOND);
    bench.receive();
    bench.delete(old);
    expect(bench.counts()).toEqual([0, 1, 0]);
  });

  it('of a FIFO queue expires with the visibility time-out', async () => {
    const bench = new Bench('queue.fifo', { ContentBasedDeduplication: 'true' });
    bench.send('m', { MessageGroupId: 'g' });
    const received = only(bench.receive());
    await bench.pass(30 * SECOND);
    expect(() => bench.delete(received)).toThrow(/expired/);
    const again = only(bench.receive());
    bench.delete(again);
    bench.delete(again);
    expect(bench.counts()).toEqual([0, 0, 0]);
  });

  it('is refused if it is of another queue, or of none', () => {
    const bench = new Bench('standard');
    const other = bench.create('other');
    bench.send('m');
    const received = only(bench.receive());
    expect(() => bench.delete(received, other)).toThrow(isRefused('ReceiptHandleIsInvalid'));
    const none = { ReceiptHandle: 'x' };
    expect(() => bench.delete(none)).toThrow(isRefused('ReceiptHandleIsInvalid'));
  });

  it('that is bad fails alone in a batch', () => {
    const bench = new Bench('standard');
    bench.send('m');
    const { ReceiptHandle } = only(bench.receive());
    const Entries = [
      { Id: 'good', ReceiptHandle },
      { Id: 'bad', ReceiptHandle: 'x' },
    ];
    const command = new DeleteMessageBatchCommand({ QueueUrl: bench.url, Entries });
    expect(bench.queues.answer(command)).toMatchObject({
      Successful: [{ Id: 'good' }],
      Failed: [{ Id: 'bad', Code: 'ReceiptHandleIsInvalid', SenderFault: true }],
    });
  });
});

describe('retention', () => {
  it('ends after four days, also in flight', async () => {
    const bench = new Bench('standard');
    bench.send('m');
    await bench.pass(4 * DAY - 1);
    expect(bench.bodies()).toEqual(['m']);
    await bench.pass(1);
    expect(bench.counts()).toEqual([0, 0, 0]);
  });

  it.each([
    ['standard', 'from the first sending', 0],
    ['queue.fifo', 'from the move to the dead-letter queue', 1],
  ])('counts in a dead-letter queue, %s: %s', async (name, _, left) => {
    const bench = new Bench(name);
    const dead = bench.create(`dead-${name}`);
    bench.set({ RedrivePolicy: redrive(bench.attributes(dead)) });
    const ids = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
    bench.send('m', name.endsWith('.fifo') ? ids : {});
    bench.receive();
    await bench.pass(2 * DAY);
    bench.receive();
    expect(bench.counts(dead)).toEqual([1, 0, 0]);
    await bench.pass(2 * DAY);
    expect(bench.counts(dead)).toEqual([left, 0, 0]);
  });
});

const redrive = ({ QueueArn: deadLetterTargetArn }: Record<string, string>, maxReceiveCount = 1) =>
  JSON.stringify({ deadLetterTargetArn, maxReceiveCount });

describe('dead-letter queue', () => {
  it('gets a message when it would be received more often than allowed', async () => {
    const bench = new Bench('standard');
    const dead = bench.create('dead');
    bench.set({ RedrivePolicy: redrive(bench.attributes(dead), 2) });
    const { MessageId } = bench.send('m');
    for (const count of ['1', '2']) {
      expect(only(bench.receive()).Attributes?.ApproximateReceiveCount).toBe(count);
      await bench.pass(30 * SECOND);
    }
    expect(bench.counts(dead)).toEqual([0, 0, 0]);
    expect(bench.receive()).toEqual([]);
    expect(only(bench.receive({ QueueUrl: dead }))).toMatchObject({
      MessageId,
      Attributes: {
        ApproximateReceiveCount: '3',
        DeadLetterQueueSourceArn: bench.attributes().QueueArn,
      },
    });
  });

  it('lets the rest of the group follow', async () => {
    const bench = new Bench('queue.fifo', { ContentBasedDeduplication: 'true' });
    const dead = bench.create('dead.fifo');
    bench.set({ RedrivePolicy: redrive(bench.attributes(dead)) });
    bench.send('first', { MessageGroupId: 'g' });
    bench.send('second', { MessageGroupId: 'g' });
    expect(bench.bodies({ MaxNumberOfMessages: 1 })).toEqual(['first']);
    await bench.pass(30 * SECOND);
    expect(bench.bodies({ MaxNumberOfMessages: 1 })).toEqual(['second']);
    expect(bench.bodies({ QueueUrl: dead })).toEqual(['first']);
  });

  it('exists, is another queue and of the same type', () => {
    const bench = new Bench('standard');
    const fifo = bench.attributes(bench.create('dead.fifo'));
    for (const target of [{ QueueArn: 'arn:none' }, bench.attributes(), fifo]) {
      const set = () => bench.set({ RedrivePolicy: redrive(target) });
      expect(set).toThrow(isRefused('InvalidParameterValue'));
    }
  });
});

describe('FIFO queue', () => {
  const inGroup = (MessageGroupId: string) => ({ MessageGroupId });
  const byContent = () => new Bench('queue.fifo', { ContentBasedDeduplication: 'true' });

  it('returns as many of one group as it may, and none while one is in flight', () => {
    const bench = byContent();
    for (const body of ['a1', 'b1', 'a2', 'a3']) bench.send(body, inGroup(body.slice(0, 1)));
    const taken = bench.receive({ MaxNumberOfMessages: 2 });
    expect(bodiesOf(taken)).toEqual(['a1', 'a2']);
    expect(bench.bodies()).toEqual(['b1']);
    for (const message of taken.slice(1)) bench.delete(message);
    expect(bench.bodies()).toEqual([]);
    for (const message of taken.slice(0, 1)) bench.delete(message);
    expect(bench.bodies()).toEqual(['a3']);
  });

  it('gives a message again before those behind it', async () => {
    const bench = byContent();
    for (const body of ['a1', 'a2', 'a3']) bench.send(body, inGroup('a'));
    const [first] = bench.receive({ MaxNumberOfMessages: 2 });
    bench.delete(first as Message);
    await bench.pass(30 * SECOND);
    expect(bench.bodies()).toEqual(['a2', 'a3']);
  });

  it('takes a deduplication id again after five minutes, and not before', async () => {
    const bench = new Bench('queue.fifo');
    const ids = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
    const first = bench.send('first', ids);
    bench.delete(only(bench.receive()));
    await bench.pass(300 * SECOND - 1);
    expect(bench.send('second', ids)).toMatchObject({
      MessageId: first.MessageId,
      SequenceNumber: first.SequenceNumber,
    });
    expect(bench.receive()).toEqual([]);
    await bench.pass(1);
    expect(bench.send('third', ids).MessageId).not.toBe(first.MessageId);
    expect(bench.bodies()).toEqual(['third']);
  });

  it.each([
    ['queue', 1],
    ['messageGroup', 2],
  ])('deduplicates within the %s', (DeduplicationScope, count) => {
    const bench = new Bench('queue.fifo', { DeduplicationScope });
    for (const group of ['g', 'h']) {
      bench.send('m', { MessageGroupId: group, MessageDeduplicationId: 'd' });
    }
    expect(bench.receive()).toHaveLength(count);
  });

  it('needs a group and a deduplication id', () => {
    const bench = new Bench('queue.fifo');
    expect(() => bench.send('m')).toThrow(isRefused('MissingParameter'));
    const send = (MessageGroupId: string, MessageDeduplicationId?: string) =>
      bench.send('m', { MessageGroupId, MessageDeduplicationId });
    expect(() => send('g')).toThrow(isRefused('InvalidParameterValue'));
    expect(() => send('g'.repeat(129), 'd')).toThrow(isRefused('InvalidParameterValue'));
    expect(() => send('g', 'd'.repeat(129))).toThrow(isRefused('InvalidParameterValue'));
    send('g'.repeat(128), 'd'.repeat(128));
  });
});

describe('batch', () => {
  const entry = (Id: string, MessageBody = 'm') => ({ Id, MessageBody });

  it('fails in part', () => {
    const bench = new Bench('standard');
    const sent = bench.sendBatch([
      entry('good'),
      { ...entry('late'), DelaySeconds: 901 },
      entry('unfit', '\u{0}'),
    ]);
    expect(sent.Successful).toMatchObject([{ Id: 'good' }]);
    expect(sent.Failed).toMatchObject([
      { Id: 'late', SenderFault: true, Code: 'InvalidParameterValue' },
      { Id: 'unfit', SenderFault: true, Code: 'InvalidMessageContents' },
    ]);
    expect(bench.counts()).toEqual([1, 0, 0]);
  });

  it.each([
    ['EmptyBatchRequest', []],
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, i) => entry(`${i}`))],
    ['BatchEntryIdsNotDistinct', [entry('a'), entry('a')]],
    ['InvalidBatchEntryId', [entry('a.b')]],
    ['InvalidBatchEntryId', [entry('a'.repeat(81))]],
    ['BatchRequestTooLong', [entry('a', 'x'.repeat(200_000)), entry('b', 'x'.repeat(62_145))]],
  ])('is refused as a whole: %s', (name, entries) => {
    const bench = new Bench('standard');
    expect(() => bench.sendBatch(entries)).toThrow(isRefused(name));
    expect(bench.counts()).toEqual([0, 0, 0]);
  });

  it('has at most 256 KiB together', () => {
    const entries = [entry('a', 'x'.repeat(200_000)), entry('b', 'x'.repeat(62_144))];
    expect(new Bench('standard').sendBatch(entries).Successful).toHaveLength(2);
  });
});

describe('message', () => {
  it('has at most 256 KiB with its attributes', () => {
    const bench = new Bench('standard');
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'b' } };
    const body = 'ü'.repeat(131_068);
    bench.send(body, { MessageAttributes });
    const send = () => bench.send(`${body}x`, { MessageAttributes });
    expect(send).toThrow(isRefused('InvalidParameterValue'));
  });

  it('shows the attributes that are asked for', () => {
    const bench = new Bench('standard');
    const text = { DataType: 'String', StringValue: 'x' };
    bench.send('m', { MessageAttributes: { 'a.b': text, 'a.c': text, d: text } });
    const names = (MessageAttributeNames: string[]) => {
      const received = bench.receive({ VisibilityTimeout: 0, MessageAttributeNames });
      return Object.keys(only(received).MessageAttributes ?? {});
    };
    expect(names([])).toEqual([]);
    expect(names(['d'])).toEqual(['d']);
    expect(names(['a.*'])).toEqual(['a.b', 'a.c']);
    expect(names(['All'])).toEqual(['a.b', 'a.c', 'd']);
  });

  it('comes from SNS with its ids', () => {
    const bench = new Bench('queue.fifo');
    const { QueueArn = '' } = bench.attributes();
    const attributes = { a: { DataType: 'String', StringValue: 'b' } };
    const delivery = { body: 'm', attributes, groupId: 'g', deduplicationId: 'd' };
    bench.queues.deliver(QueueArn, delivery);
    bench.queues.deliver(QueueArn, delivery);
    expect(only(bench.receive({ MessageAttributeNames: ['All'] }))).toMatchObject({
      Body: 'm',
      MessageAttributes: attributes,
      Attributes: { MessageGroupId: 'g', MessageDeduplicationId: 'd' },
    });
    expect(() => bench.queues.deliver(`${QueueArn}x`, delivery)).toThrow(QueueDoesNotExist);
  });

  it('comes from a FIFO topic to a standard queue without the deduplication id', () => {
    const bench = new Bench('standard');
    const { QueueArn = '' } = bench.attributes();
    const delivery = { body: 'm', attributes: {}, groupId: 'g', deduplicationId: 'd' };
    for (const _ of [1, 2]) bench.queues.deliver(QueueArn, delivery);
    const received = bench.receive();
    expect(bodiesOf(received)).toEqual(['m', 'm']);
    expect(received[0]?.Attributes).not.toHaveProperty('MessageDeduplicationId');
  });
});

describe('queue', () => {
  it('is not found unless it was created', () => {
    const bench = new Bench('standard');
    const find = (QueueName: string) => bench.queues.answer(new GetQueueUrlCommand({ QueueName }));
    expect(find('standard')).toEqual({ QueueUrl: bench.url });
    expect(() => find('other')).toThrow(QueueDoesNotExist);
    const thrown = (() => {
      try {
        return find('other');
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toMatchObject({ name: 'QueueDoesNotExist', $metadata: { httpStatusCode: 400 } });
  });

  it('can be created again with the same attributes only', () => {
    const bench = new Bench('standard', { DelaySeconds: '5' });
    expect(bench.create('standard')).toBe(bench.url);
    const create = () => bench.create('standard', { DelaySeconds: '6' });
    expect(create).toThrow(isRefused('QueueNameExists'));
  });

  it('has the suffix .fifo if it is FIFO, and only then', () => {
    const { queues } = new Bench('standard');
    const create = (QueueName: string, Attributes = {}) =>
      queues.answer(new CreateQueueCommand({ QueueName, Attributes }));
    expect(() => create('a.fifo')).toThrow(isRefused('InvalidParameterValue'));
    expect(() => create('a', { FifoQueue: 'true' })).toThrow(isRefused('InvalidParameterValue'));
  });

  it('loses its messages with a purge, at most once in 60 seconds', async () => {
    const bench = new Bench('standard');
    const purge = () => bench.queues.answer(new PurgeQueueCommand({ QueueUrl: bench.url }));
    for (const body of ['a', 'b']) bench.send(body);
    bench.send('c', { DelaySeconds: 9 });
    bench.receive({ MaxNumberOfMessages: 1 });
    purge();
    expect(bench.counts()).toEqual([0, 0, 0]);
    await bench.pass(60 * SECOND - 1);
    expect(purge).toThrow(isRefused('PurgeQueueInProgress'));
    await bench.pass(1);
    purge();
  });

  it('can be created again 60 seconds after its deletion', async () => {
    const bench = new Bench('standard');
    bench.send('m');
    bench.queues.answer(new DeleteQueueCommand({ QueueUrl: bench.url }));
    expect(() => bench.send('m')).toThrow(QueueDoesNotExist);
    await bench.pass(60 * SECOND - 1);
    expect(() => bench.create('standard')).toThrow(isRefused('QueueDeletedRecently'));
    await bench.pass(1);
    bench.create('standard');
    expect(bench.counts()).toEqual([0, 0, 0]);
  });

  it('refuses attributes out of range or unknown', () => {
    const bench = new Bench('standard');
    expect(() => bench.set({ DelaySeconds: '901' })).toThrow(isRefused('InvalidAttributeValue'));
    expect(() => bench.set({ Colour: 'red' })).toThrow(isRefused('InvalidAttributeName'));
  });

  it('names an operation that it does not know', () => {
    const { queues } = new Bench('standard');
    expect(() => queues.answer(new ListQueuesCommand({}))).toThrow(/ListQueuesCommand/);
  });
});

type Step =
  | { readonly kind: 'send'; readonly group: string; readonly delay: number }
  | { readonly kind: 'receive'; readonly count: number; readonly timeout: number }
  | { readonly kind: 'delete' | 'release'; readonly which: number }
  | { readonly kind: 'pass'; readonly seconds: number };

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({
      kind: fc.constant('send'),
      group: fc.constantFrom('a', 'b', 'c'),
      delay: fc.nat(20),
    }),
    fc.record({
      kind: fc.constant('receive'),
      count: fc.integer({ min: 1, max: 10 }),
      timeout: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({ kind: fc.constantFrom('delete', 'release'), which: fc.nat(30) }),
    fc.record({ kind: fc.constant('pass'), seconds: fc.nat(15) }),
  ),
  { minLength: 20, maxLength: 120 },
);

interface Held {
  readonly message: Message;
  readonly group: string;
  until: number;
}

/** Does the steps and looks at every receipt before it counts as held. */
class Run {
  readonly bench: Bench;
  readonly sent: string[] = [];
  readonly deleted = new Set<string>();
  /** The last receipt of each message that was not deleted. */
  readonly held = new Map<string, Held>();
  private readonly look: (received: readonly Message[], run: Run) => void;

  constructor(bench: Bench, look: (received: readonly Message[], run: Run) => void) {
    this.bench = bench;
    this.look = look;
  }

  isHidden({ until }: Held): boolean {
    return until > this.bench.time.now;
  }

  async do(step: Step): Promise<void> {
    if (step.kind === 'send') this.send(step.group, step.delay);
    else if (step.kind === 'receive') this.receive(step.count, step.timeout);
    else if (step.kind === 'pass') await this.bench.pass(step.seconds * SECOND);
    else this.end(step.kind, step.which);
  }

  private send(group: string, delay: number): void {
    const body = `${group}${this.sent.length}`;
    this.sent.push(body);
    const ids = { MessageGroupId: group, MessageDeduplicationId: body };
    this.bench.send(body, this.bench.url.endsWith('.fifo') ? ids : { DelaySeconds: delay });
  }

  private receive(count: number, timeout: number): void {
    const received = this.bench.receive({
      MaxNumberOfMessages: count,
      VisibilityTimeout: timeout,
    });
    this.look(received, this);
    const until = this.bench.time.now + timeout * SECOND;
    for (const message of received) {
      const body = message.Body ?? '';
      this.held.set(body, { message, group: body.slice(0, 1), until });
    }
  }

  private end(kind: 'delete' | 'release', which: number): void {
    const hidden = [...this.held.values()].filter((held) => this.isHidden(held));
    const chosen = hidden[which % hidden.length];
    if (chosen === undefined) return;
    const { message } = chosen;
    if (kind === 'release') {
      this.bench.hide(message, 0);
      chosen.until = this.bench.time.now;
      return;
    }
    this.bench.delete(message);
    this.deleted.add(message.Body ?? '');
    this.held.delete(message.Body ?? '');
  }

  /** All that is left, with a dead-letter queue's. */
  async drain(dead: string): Promise<(string | undefined)[]> {
    await this.bench.pass(60 * SECOND);
    const left: (string | undefined)[] = [];
    for (const QueueUrl of [this.bench.url, dead]) {
      for (;;) {
        const received = this.bench.receive({ QueueUrl });
        if (received.length === 0) break;
        for (const message of received) {
          left.push(message.Body);
          this.bench.delete(message, QueueUrl);
        }
      }
    }
    return left;
  }
}

describe.each(['queue', 'queue.fifo'])('every course of a %s', (name) => {
  it('loses no message, and shows none that is hidden or deleted', async () => {
    const look = (received: readonly Message[], run: Run) => {
      const bodies = bodiesOf(received);
      expect(new Set(bodies).size).toBe(bodies.length);
      const hidden = [...run.held.values()].filter((held) => run.isHidden(held));
      for (const { message } of hidden) expect(bodies).not.toContain(message.Body);
      for (const body of run.deleted) expect(bodies).not.toContain(body);
    };
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (course, receivedMax) => {
        const bench = new Bench(name);
        const dead = bench.create(`dead-${name}`);
        bench.set({ RedrivePolicy: redrive(bench.attributes(dead), receivedMax) });
        const run = new Run(bench, look);
        for (const step of course) await run.do(step);
        const left = await run.drain(dead);
        expect([...left, ...run.deleted].sort()).toEqual([...run.sent].sort());
      }),
    );
  });
});

describe('every course of a FIFO queue', () => {
  it('keeps the order of each group, and no two receipts of it at a time', async () => {
    const look = (received: readonly Message[], run: Run) => {
      const hidden = [...run.held.values()].filter((held) => run.isHidden(held));
      for (const group of ['a', 'b', 'c']) {
        const bodies = bodiesOf(received).filter((body) => body?.startsWith(group));
        if (bodies.length === 0) continue;
        expect(hidden.some((held) => held.group === group)).toBe(false);
        const left = run.sent.filter((body) => body.startsWith(group) && !run.deleted.has(body));
        expect(bodies).toEqual(left.slice(0, bodies.length));
      }
    };
    await fc.assert(
      fc.asyncProperty(steps, async (course) => {
        const run = new Run(new Bench('queue.fifo'), look);
        for (const step of course) await run.do(step);
      }),
    );
  });
});
