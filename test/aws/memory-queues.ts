/**
 * SQS in memory, on a virtual clock. The rules are those of
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html and
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/. Where they leave a
 * choice, messages of a standard queue come in the order in which they became visible, and an old
 * receipt handle deletes nothing.
 */
import { createHash } from 'node:crypto';
import * as sqs from '@aws-sdk/client-sqs';
import type { Fault } from '../../local/aws/limits.ts';
import { queueFault } from '../../local/aws/message-limits.ts';
import type { Delivery } from './memory-topics.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The most that SNS delivers. A queue here has this limit unless it is set to as much as 1 MiB. */
const MESSAGE_BYTES_DEFAULT = 262_144;
const BATCH_ENTRIES_MAX = 10;
const RECEIVED_MAX = 10;
const DELAY_SECONDS_MAX = 900;
const VISIBILITY_SECONDS_MAX = 43_200;
const DEDUPLICATION_MS = 5 * 60_000;
/** Between two purges, and from a queue's deletion until its name is free. */
const PAUSE_MS = 60_000;

type Attributes = Readonly<Record<string, string>>;
type MessageAttributes = Readonly<Record<string, sqs.MessageAttributeValue>>;

interface Message {
  readonly number: number;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sequenceNumber: string | undefined;
  sentAt: number;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  receivedAt?: number;
  /** The number of the latest receipt. */
  receipt?: number;
  deadLetterSource?: string;
}

type Entry = Pick<
  sqs.SendMessageBatchRequestEntry,
  'MessageBody' | 'MessageAttributes' | 'DelaySeconds' | 'MessageGroupId' | 'MessageDeduplicationId'
>;

export class MemoryQueues {
  private readonly time: VirtualTime;
  private readonly place: { readonly region: string; readonly account: string };
  private readonly queues = new Map<string, Queue>();
  private readonly deletedAt = new Map<string, number>();
  private messageCount = 0;
  private receiptCount = 0;

  constructor(time: VirtualTime, { region = 'us-east-1', account = '000000000000' } = {}) {
    this.time = time;
    this.place = { region, account };
  }

  private readonly operations: Readonly<Record<string, (input: never) => object>> = {
    CreateQueueCommand: (input: sqs.CreateQueueCommandInput) => this.create(input),
    GetQueueUrlCommand: ({ QueueName = '' }: sqs.GetQueueUrlCommandInput) => ({
      QueueUrl: (this.queues.get(QueueName) ?? missing()).url,
    }),
    GetQueueAttributesCommand: (input: sqs.GetQueueAttributesCommandInput) => ({
      Attributes: picked(this.queueOf(input).described(this.time.now), input.AttributeNames ?? []),
    }),
    SetQueueAttributesCommand: (input: sqs.SetQueueAttributesCommandInput) => this.set(input),
    SendMessageCommand: (input: sqs.SendMessageCommandInput) =>
      this.send(this.queueOf(input), input),
    SendMessageBatchCommand: (input: sqs.SendMessageBatchCommandInput) => this.sendBatch(input),
    ReceiveMessageCommand: (input: sqs.ReceiveMessageCommandInput) => this.receive(input),
    DeleteMessageCommand: (input: sqs.DeleteMessageCommandInput) =>
      this.delete(this.queueOf(input), input.ReceiptHandle),
    DeleteMessageBatchCommand: (input: sqs.DeleteMessageBatchCommandInput) =>
      inBatch(input.Entries, (entry) => this.delete(this.queueOf(input), entry.ReceiptHandle)),
    ChangeMessageVisibilityCommand: (input: sqs.ChangeMessageVisibilityCommandInput) =>
      this.changeVisibility(input),
    DeleteQueueCommand: (input: sqs.DeleteQueueCommandInput) => this.deleteQueue(input),
    PurgeQueueCommand: (input: sqs.PurgeQueueCommandInput) =>
      this.queueOf(input).purge(this.time.now),
  };

  /** @throws as the SDK would, or an Error for an operation that is not known */
  answer(command: object): object {
    const { name } = command.constructor;
    const operation = this.operations[name];
    if (operation === undefined) throw new Error(`MemoryQueues does not know ${name}`);
    return operation((command as { readonly input: never }).input);
  }

  /** Sends a message to the queue as SNS does. A standard queue does not take the second id. */
  deliver(
    queueArn: string,
    { body, attributes, groupId, deduplicationId }: Omit<Delivery, 'topicArn'>,
  ): void {
    const queue = this.queueWithArn(queueArn) ?? missing();
    this.send(queue, {
      MessageBody: body,
      MessageAttributes: { ...attributes },
      MessageGroupId: groupId,
      MessageDeduplicationId: queue.isFifo ? deduplicationId : undefined,
    });
  }

  private queueOf({ QueueUrl = '' }: { readonly QueueUrl?: string | undefined }): Queue {
    return this.queues.get(QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1)) ?? missing();
  }

  private queueWithArn(arn: string): Queue | undefined {
    const queue = this.queues.get(arn.slice(arn.lastIndexOf(':') + 1));
    return queue?.arn === arn ? queue : undefined;
  }

  private create({ QueueName: name = '', Attributes = {} }: sqs.CreateQueueCommandInput): object {
    const isNamedFifo = name.endsWith('.fifo');
    check(name === '' ? MISSING_NAME : queueFault({ QueueName: name }));
    check(isNamedFifo === (Attributes.FifoQueue === 'true') ? undefined : WRONG_SUFFIX);
    const known = this.queues.get(name);
    if (known !== undefined) {
      const differs = Object.entries(Attributes).some(([key, value]) => known.get(key) !== value);
      check(differs ? NAME_EXISTS : undefined);
      return { QueueUrl: known.url };
    }
    const isTooSoon = this.time.now - (this.deletedAt.get(name) ?? -PAUSE_MS) < PAUSE_MS;
    check(isTooSoon ? DELETED_RECENTLY : undefined);
    const queue = new Queue(name, this.place, this.time.now);
    this.checkAttributes(queue, Attributes);
    queue.set(Attributes);
    this.queues.set(name, queue);
    return { QueueUrl: queue.url };
  }

  private set(input: sqs.SetQueueAttributesCommandInput): object {
    const queue = this.queueOf(input);
    this.checkAttributes(queue, input.Attributes ?? {});
    queue.set(input.Attributes ?? {});
    return {};
  }

  private checkAttributes(queue: Queue, attributes: Attributes): void {
    for (const [name, value] of Object.entries(attributes)) check(attributeFault(name, value));
    if (!attributes.RedrivePolicy) return;
    const { deadLetterTargetArn = '', maxReceiveCount } = redriveOf(attributes.RedrivePolicy);
    const target = this.queueWithArn(deadLetterTargetArn);
    const isFit = target !== undefined && target !== queue && target.isFifo === queue.isFifo;
    check(isFit ? undefined : invalid('RedrivePolicy', 'Dead letter target is not valid.'));
    const isCount = maxReceiveCount >= 1 && maxReceiveCount <= 1000;
    check(isCount ? undefined : invalid('RedrivePolicy', 'maxReceiveCount is out of range.'));
  }

  private send(queue: Queue, entry: Entry): sqs.SendMessageCommandOutput {
    check(sendFault(queue, entry));
    const { MessageBody = '', MessageAttributes: attributes = {} } = entry;
    const message = queue.duplicateOf(entry, this.time.now) ?? this.accept(queue, entry);
    return {
      MessageId: idOf(message.number),
      MD5OfMessageBody: md5(MessageBody),
      ...(Object.keys(attributes).length > 0 && {
        MD5OfMessageAttributes: md5OfAttributes(attributes),
      }),
      ...(message.sequenceNumber !== undefined && { SequenceNumber: message.sequenceNumber }),
    } as sqs.SendMessageCommandOutput;
  }

  private accept(queue: Queue, entry: Entry): Message {
    const { now } = this.time;
    const number = ++this.messageCount;
    const delaySeconds = entry.DelaySeconds ?? queue.number('DelaySeconds');
    const message: Message = {
      number,
      body: entry.MessageBody ?? '',
      attributes: entry.MessageAttributes ?? {},
      groupId: entry.MessageGroupId,
      deduplicationId: queue.isFifo ? queue.deduplicationId(entry) : undefined,
      sequenceNumber: queue.isFifo ? String(number).padStart(20, '0') : undefined,
      sentAt: now,
      visibleAt: now + (queue.isFifo ? queue.number('DelaySeconds') : delaySeconds) * 1000,
      receiveCount: 0,
    };
    queue.messages.set(number, message);
    if (queue.isFifo) queue.remember(message, entry);
    return message;
  }

  private sendBatch(input: sqs.SendMessageBatchCommandInput): object {
    const queue = this.queueOf(input);
    const { Entries = [] } = input;
    check(batchFault(Entries));
    const bytes = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
    const bytesMax = Math.max(MESSAGE_BYTES_DEFAULT, queue.number('MaximumMessageSize'));
    check(bytes > bytesMax ? BATCH_TOO_LONG : undefined);
    return inBatch(Entries, (entry) => this.send(queue, entry));
  }

  private receive(input: sqs.ReceiveMessageCommandInput): object {
    const queue = this.queueOf(input);
    check(receiveFault(input));
    const { MaxNumberOfMessages = 1, VisibilityTimeout: seconds } = input;
    const received: sqs.Message[] = [];
    for (const message of queue.receivable(this.time.now)) {
      if (received.length === MaxNumberOfMessages) break;
      const target = this.deadLetterQueueFor(queue, message);
      if (target) this.move(message, { from: queue, to: target });
      else received.push(shown(this.hide(queue, message, seconds), { queue, input }));
    }
    return received.length > 0 ? { Messages: received } : {};
  }

  private hide(queue: Queue, message: Message, seconds = queue.number('VisibilityTimeout')) {
    const { now } = this.time;
    message.receiveCount++;
    message.firstReceivedAt ??= now;
    message.receivedAt = now;
    message.receipt = ++this.receiptCount;
    message.visibleAt = now + seconds * 1000;
    return message;
  }

  private deadLetterQueueFor(queue: Queue, { receiveCount }: Message): Queue | undefined {
    const policy = queue.get('RedrivePolicy');
    if (policy === undefined) return undefined;
    const { deadLetterTargetArn = '', maxReceiveCount } = redriveOf(policy);
    return receiveCount >= maxReceiveCount ? this.queueWithArn(deadLetterTargetArn) : undefined;
  }

  /** A standard queue counts the retention from the first sending, a FIFO queue from the move. */
  private move(message: Message, { from, to }: { readonly from: Queue; readonly to: Queue }): void {
    from.messages.delete(message.number);
    message.visibleAt = this.time.now;
    message.deadLetterSource = from.arn;
    if (to.isFifo) message.sentAt = this.time.now;
    to.messages.set(message.number, message);
  }

  /**
   * The latest handle of a standard queue still deletes after the visibility time-out, one of a
   * FIFO queue has then expired. Nothing happens if the message is gone or was received again.
   */
  private delete(queue: Queue, handle: string | undefined): object {
    const { message, isLatest } = queue.receiptOf(handle);
    if (message === undefined) return {};
    const isInFlight = isLatest && message.visibleAt > this.time.now;
    check(queue.isFifo && !isInFlight ? HANDLE_EXPIRED : undefined);
    if (isLatest) queue.messages.delete(message.number);
    return {};
  }

  private changeVisibility(input: sqs.ChangeMessageVisibilityCommandInput): object {
    const { now } = this.time;
    const queue = this.queueOf(input);
    const { ReceiptHandle, VisibilityTimeout: seconds } = input;
    check(seconds === undefined ? absent('VisibilityTimeout') : visibilityFault(seconds));
    const { message, isLatest } = queue.receiptOf(ReceiptHandle);
    if (message === undefined || !isLatest || message.visibleAt <= now)
      return refuse(NOT_IN_FLIGHT);
    const visibleAt = now + Number(seconds) * 1000;
    const latest = (message.receivedAt ?? now) + VISIBILITY_SECONDS_MAX * 1000;
    check(visibleAt > latest ? VISIBILITY_BEYOND_LIMIT : undefined);
    queue.show(message, { visibleAt, now });
    return {};
  }

  private deleteQueue(input: sqs.DeleteQueueCommandInput): object {
    const { name } = this.queueOf(input);
    this.queues.delete(name);
    this.deletedAt.set(name, this.time.now);
    return {};
  }
}

class Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** By number, in the order in which they are offered. */
  readonly messages = new Map<number, Message>();
  private readonly createdAt: number;
  private readonly attributes = new Map(Object.entries(DEFAULTS));
  /** By deduplication id, in the order of sending. */
  private readonly sent = new Map<string, Message & { readonly acceptedAt: number }>();
  private purgedAt = Number.NEGATIVE_INFINITY;

  constructor(name: string, place: { region: string; account: string }, createdAt: number) {
    const { region, account } = place;
    this.name = name;
    this.arn = `arn:aws:sqs:${region}:${account}:${name}`;
    this.url = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
    this.createdAt = createdAt;
    if (this.isFifo) this.attributes.set('ContentBasedDeduplication', 'false');
  }

  get isFifo(): boolean {
    return this.name.endsWith('.fifo');
  }

  get(attribute: string): string | undefined {
    return this.attributes.get(attribute);
  }

  number(attribute: keyof typeof RANGES): number {
    return Number(this.attributes.get(attribute));
  }

  set(attributes: Attributes): void {
    for (const [name, value] of Object.entries(attributes)) this.attributes.set(name, value);
    if (attributes.RedrivePolicy === '') this.attributes.delete('RedrivePolicy');
    if (this.isFifo && attributes.DelaySeconds !== undefined) this.delayAgain();
  }

  /** A FIFO queue's delay also changes for the messages that it already has. */
  private delayAgain(): void {
    for (const message of this.messages.values()) {
      if (message.receiveCount === 0) {
        message.visibleAt = message.sentAt + this.number('DelaySeconds') * 1000;
      }
    }
  }

  described(now: number): Attributes {
    const all = [...this.live(now)];
    const hidden = all.filter(({ visibleAt }) => visibleAt > now);
    const inFlight = hidden.filter(({ receipt }) => receipt !== undefined);
    return {
      ...Object.fromEntries(this.attributes),
      QueueArn: this.arn,
      CreatedTimestamp: String(Math.floor(this.createdAt / 1000)),
      ApproximateNumberOfMessages: String(all.length - hidden.length),
      ApproximateNumberOfMessagesNotVisible: String(inFlight.length),
      ApproximateNumberOfMessagesDelayed: String(hidden.length - inFlight.length),
    };
  }

  /** Forgets the messages whose retention is over. */
  private *live(now: number): Generator<Message> {
    const oldest = now - this.number('MessageRetentionPeriod') * 1000;
    for (const message of this.messages.values()) {
      if (message.sentAt > oldest) yield message;
      else this.messages.delete(message.number);
    }
  }

  receivable(now: number): Iterable<Message> {
    return this.isFifo ? this.headsOfGroups(now) : this.visible(now);
  }

  private *visible(now: number): Generator<Message> {
    for (const message of this.live(now)) if (message.visibleAt <= now) yield message;
  }

  /** As many messages of one group as there are, and none of a group that has one hidden. */
  private headsOfGroups(now: number): Message[] {
    const groups = Map.groupBy(this.live(now), ({ groupId }) => groupId);
    return [...groups.values()]
      .filter((group) => group.every(({ visibleAt }) => visibleAt <= now))
      .flat();
  }

  /** A message that becomes visible goes behind the others, except in its group. */
  show(message: Message, { visibleAt, now }: { visibleAt: number; now: number }): void {
    message.visibleAt = visibleAt;
    if (this.isFifo || visibleAt > now) return;
    this.messages.delete(message.number);
    this.messages.set(message.number, message);
  }

  deduplicationId({ MessageBody = '', MessageDeduplicationId }: Entry): string {
    return MessageDeduplicationId ?? createHash('sha256').update(MessageBody).digest('hex');
  }

  duplicateOf(entry: Entry, now: number): Message | undefined {
    for (const [key, { acceptedAt }] of this.sent) {
      if (now - acceptedAt < DEDUPLICATION_MS) break;
      this.sent.delete(key);
    }
    return this.isFifo ? this.sent.get(this.deduplicationKey(entry)) : undefined;
  }

  remember(message: Message, entry: Entry): void {
    this.sent.set(this.deduplicationKey(entry), { ...message, acceptedAt: message.sentAt });
  }

  private deduplicationKey(entry: Entry): string {
    const isByGroup = this.get('DeduplicationScope') === 'messageGroup';
    return `${isByGroup ? entry.MessageGroupId : ''} ${this.deduplicationId(entry)}`;
  }

  handleOf({ number, receipt }: Message): string {
    return `${this.name}/${number}/${receipt}`;
  }

  /** The message is undefined if it was deleted or has moved to another queue. */
  receiptOf(handle: string | undefined): { message: Message | undefined; isLatest: boolean } {
    check(handle ? undefined : absent('ReceiptHandle'));
    const [, name, number, receipt] = /^(.+)\/(\d+)\/(\d+)$/.exec(handle ?? '') ?? [];
    check(name === this.name ? undefined : HANDLE_INVALID);
    const message = this.messages.get(Number(number));
    return { message, isLatest: message?.receipt === Number(receipt) };
  }

  purge(now: number): object {
    check(now - this.purgedAt < PAUSE_MS ? PURGE_IN_PROGRESS : undefined);
    this.purgedAt = now;
    this.messages.clear();
    return {};
  }
}

/** Least and most. */
const RANGES = {
  VisibilityTimeout: [0, VISIBILITY_SECONDS_MAX],
  DelaySeconds: [0, DELAY_SECONDS_MAX],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
} as const;

const DEFAULTS: Attributes & Record<keyof typeof RANGES, string> = {
  VisibilityTimeout: '30',
  DelaySeconds: '0',
  MaximumMessageSize: String(MESSAGE_BYTES_DEFAULT),
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
};

/** Only the redrive policy and the two attributes of deduplication have an effect here. */
const OTHER_ATTRIBUTES = [
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'Policy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
];

function attributeFault(name: string, value: string): Fault | undefined {
  const range = RANGES[name as keyof typeof RANGES];
  if (range === undefined) {
    return OTHER_ATTRIBUTES.includes(name)
      ? undefined
      : { name: 'InvalidAttributeName', message: `Unknown Attribute ${name}.` };
  }
  return /^\d+$/.test(value) && isWithin(Number(value), range)
    ? undefined
    : { name: 'InvalidAttributeValue', message: `Invalid value for the parameter ${name}.` };
}

interface RedrivePolicy {
  readonly deadLetterTargetArn?: string;
  readonly maxReceiveCount: number;
}

/** The number may be written as a text. */
function redriveOf(policy: string): RedrivePolicy {
  try {
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy);
    return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
  } catch {
    return refuse(invalid('RedrivePolicy', 'Redrive policy is not a valid JSON map.'));
  }
}

const isWithin = (value: number, [least, most]: readonly [number, number]): boolean =>
  value >= least && value <= most;

function sendFault(queue: Queue, entry: Entry): Fault | undefined {
  return queueFault(entry) ?? [...sendFaults(queue, entry)][0];
}

const UNFIT = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

function* sendFaults(queue: Queue, entry: Entry): Generator<Fault> {
  const { MessageBody: body = '', DelaySeconds: delay = 0, MessageDeduplicationId } = entry;
  const sizeMax = queue.number('MaximumMessageSize');
  if (body === '') yield absent('MessageBody');
  if (UNFIT.test(body)) yield UNFIT_BODY;
  if (sizeOf(entry) > sizeMax) yield invalid('MessageBody', `It has more than ${sizeMax} bytes.`);
  if (!isWithin(delay, RANGES.DelaySeconds)) yield invalid('DelaySeconds', 'At most 900.');
  if (queue.isFifo) yield* fifoFaults(queue, entry);
  else if (MessageDeduplicationId) yield invalid('MessageDeduplicationId', FOR_OTHER_TYPE);
}

function* fifoFaults(queue: Queue, entry: Entry): Generator<Fault> {
  const { DelaySeconds = 0, MessageGroupId, MessageDeduplicationId } = entry;
  if (!MessageGroupId) yield absent('MessageGroupId');
  if (DelaySeconds !== 0) yield invalid('DelaySeconds', FOR_OTHER_TYPE);
  const isByContent = queue.get('ContentBasedDeduplication') === 'true';
  if (!isByContent && !MessageDeduplicationId) {
    yield invalid('MessageDeduplicationId', 'The queue does not deduplicate by content.');
  }
}

function batchFault(entries: readonly { readonly Id?: string | undefined }[]): Fault | undefined {
  const ids = entries.map(({ Id = '' }) => Id);
  if (ids.length === 0) return fault('EmptyBatchRequest', 'There are no entries.');
  if (ids.length > BATCH_ENTRIES_MAX) {
    return fault('TooManyEntriesInBatchRequest', `At most ${BATCH_ENTRIES_MAX} entries.`);
  }
  if (!ids.every((id) => /^[A-Za-z0-9_-]{1,80}$/.test(id))) {
    return fault('InvalidBatchEntryId', 'Letters, digits, hyphens and underscores, at most 80.');
  }
  const isDistinct = new Set(ids).size === ids.length;
  return isDistinct ? undefined : fault('BatchEntryIdsNotDistinct', 'Two entries have one id.');
}

/** The entries that a service refuses do not keep it from taking the others. */
function inBatch<E extends { readonly Id: string | undefined }>(
  entries: readonly E[] | undefined,
  act: (entry: E) => object,
): object {
  check(batchFault(entries ?? []));
  const Successful: object[] = [];
  const Failed: sqs.BatchResultErrorEntry[] = [];
  for (const entry of entries ?? []) {
    try {
      Successful.push({ Id: entry.Id, ...act(entry) });
    } catch (error) {
      if (!(error instanceof sqs.SQSServiceException)) throw error;
      const { name, message } = error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: name, Message: message });
    }
  }
  return { Successful, Failed };
}

function receiveFault(input: sqs.ReceiveMessageCommandInput): Fault | undefined {
  const { MaxNumberOfMessages = 1, VisibilityTimeout = 0 } = input;
  return isWithin(MaxNumberOfMessages, [1, RECEIVED_MAX])
    ? visibilityFault(VisibilityTimeout)
    : invalid('MaxNumberOfMessages', 'Must be between 1 and 10, if provided.');
}

const visibilityFault = (seconds: number): Fault | undefined =>
  isWithin(seconds, RANGES.VisibilityTimeout)
    ? undefined
    : invalid('VisibilityTimeout', 'Must be between 0 and 43200.');

interface Receipt {
  readonly queue: Queue;
  readonly input: sqs.ReceiveMessageCommandInput;
}

function shown(message: Message, { queue, input }: Receipt): sqs.Message {
  const {
    AttributeNames = [],
    MessageSystemAttributeNames = [],
    MessageAttributeNames = [],
  } = input;
  const system = picked(systemAttributes(message), [
    ...AttributeNames,
    ...MessageSystemAttributeNames,
  ]);
  const own = picked(message.attributes, MessageAttributeNames);
  return {
    MessageId: idOf(message.number),
    ReceiptHandle: queue.handleOf(message),
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(system && { Attributes: system }),
    ...(own && { MD5OfMessageAttributes: md5OfAttributes(own), MessageAttributes: own }),
  };
}

function systemAttributes(message: Message): Record<string, string> {
  const { groupId, deduplicationId, sequenceNumber, deadLetterSource } = message;
  return {
    SenderId: 'AIDAMEMORY',
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
    ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
    ...(deadLetterSource !== undefined && { DeadLetterQueueSourceArn: deadLetterSource }),
  };
}

/** A name can be All, or end in `.*` for all that begin so. */
function picked<T>(
  attributes: Readonly<Record<string, T>>,
  names: readonly string[],
): Record<string, T> | undefined {
  const isAsked = (attribute: string) =>
    names.some(
      (name) =>
        name === 'All' ||
        name === attribute ||
        (name.endsWith('.*') && attribute.startsWith(name.slice(0, -2))),
    );
  const kept = Object.entries(attributes).filter(([name]) => isAsked(name));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** A message counts with the names, types and values of its attributes. */
function sizeOf({ MessageBody = '', MessageAttributes = {} }: Entry): number {
  const sizes = Object.entries(MessageAttributes).map(
    ([name, { DataType = '', StringValue = '', BinaryValue }]) =>
      Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.byteLength ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, Buffer.byteLength(MessageBody));
}

const md5 = (data: string | Buffer): string => createHash('md5').update(data).digest('hex');

/** As SQSDeveloperGuide/sqs-message-metadata.html describes it. */
function md5OfAttributes(attributes: MessageAttributes): string {
  const parts = Object.entries(attributes)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, { DataType = '', StringValue = '', BinaryValue }]) => [
      ...withLength(name),
      ...withLength(DataType),
      Buffer.of(DataType.startsWith('Binary') ? 2 : 1),
      ...withLength(BinaryValue ?? StringValue),
    ]);
  return md5(Buffer.concat(parts));
}

function withLength(value: string | Uint8Array): [Buffer, Buffer] {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

const idOf = (number: number): string =>
  `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;

const fault = (name: string, message: string): Fault => ({ name, message });

const absent = (parameter: string): Fault =>
  fault('MissingParameter', `The request must contain the parameter ${parameter}.`);

const invalid = (parameter: string, reason: string): Fault =>
  fault('InvalidParameterValue', `The value for parameter ${parameter} is invalid. ${reason}`);

const FOR_OTHER_TYPE = 'It is not valid for this queue type.';
const MISSING_NAME = absent('QueueName');
const WRONG_SUFFIX = invalid('QueueName', 'A FIFO queue, and no other, has the suffix .fifo.');
const NAME_EXISTS = fault('QueueNameExists', 'A queue of that name has other attributes.');
const DELETED_RECENTLY = fault('QueueDeletedRecently', 'Wait 60 seconds after deleting a queue.');
const PURGE_IN_PROGRESS = fault('PurgeQueueInProgress', 'Only one purge in 60 seconds.');
const BATCH_TOO_LONG = fault('BatchRequestTooLong', 'The messages have too many bytes together.');
const UNFIT_BODY = fault('InvalidMessageContents', 'The body has characters not valid in XML.');
const HANDLE_INVALID = fault('ReceiptHandleIsInvalid', 'It is no receipt handle of this queue.');
const HANDLE_EXPIRED = invalid('ReceiptHandle', 'Reason: The receipt handle has expired.');
const NOT_IN_FLIGHT = fault('MessageNotInflight', 'The message is not in flight.');
const VISIBILITY_BEYOND_LIMIT = invalid('VisibilityTimeout', 'At most 12 hours in total.');

function check(found: Fault | undefined): void {
  if (found !== undefined) refuse(found);
}

const missing = (): never =>
  refuse(fault('QueueDoesNotExist', 'The specified queue does not exist.'));

/** Those that have a class in the SDK. */
const EXCEPTIONS: Readonly<Record<string, new (options: Options) => sqs.SQSServiceException>> = {
  BatchEntryIdsNotDistinct: sqs.BatchEntryIdsNotDistinct,
  BatchRequestTooLong: sqs.BatchRequestTooLong,
  EmptyBatchRequest: sqs.EmptyBatchRequest,
  InvalidAttributeName: sqs.InvalidAttributeName,
  InvalidAttributeValue: sqs.InvalidAttributeValue,
  InvalidBatchEntryId: sqs.InvalidBatchEntryId,
  InvalidMessageContents: sqs.InvalidMessageContents,
  MessageNotInflight: sqs.MessageNotInflight,
  PurgeQueueInProgress: sqs.PurgeQueueInProgress,
  QueueDeletedRecently: sqs.QueueDeletedRecently,
  QueueDoesNotExist: sqs.QueueDoesNotExist,
  QueueNameExists: sqs.QueueNameExists,
  ReceiptHandleIsInvalid: sqs.ReceiptHandleIsInvalid,
  TooManyEntriesInBatchRequest: sqs.TooManyEntriesInBatchRequest,
};

interface Options {
  readonly message: string;
  readonly $metadata: { readonly httpStatusCode: number };
}

function refuse({ name, message }: Fault): never {
  const Known = EXCEPTIONS[name];
  const options = { message, $metadata: { httpStatusCode: 400 } };
  throw Known
    ? new Known(options)
    : new sqs.SQSServiceException({ name, $fault: 'client', ...options });
}
