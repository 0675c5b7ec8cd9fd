/**
 * SNS in memory: standard and FIFO topics, batches that fail in part, deduplication of five minutes,
 * and the limits that a client can meet. Subscribers get raw messages, each with its own delay.
 */
import {
  NotFoundException,
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  PublishCommand,
  SNSServiceException,
} from '@aws-sdk/client-sns';
import { publishFault } from '../../local/aws/message-limits.ts';
import type { VirtualTime } from './virtual-time.ts';

const BATCH_ENTRIES_MAX = 10;
const DEDUPLICATION_MS = 5 * 60_000;

/** As a queue with raw delivery gets it. */
export interface Delivery {
  readonly topicArn: string;
  readonly body: string;
  readonly subject?: string | undefined;
  readonly attributes: NonNullable<PublishBatchRequestEntry['MessageAttributes']>;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

export type Subscriber = (delivery: Delivery) => void;

type Entry = Omit<PublishBatchRequestEntry, 'Id'>;

export interface TopicsInput {
  readonly time: VirtualTime;
  readonly topicArns: readonly string[];
  /** Until a message is delivered. Of a FIFO topic, order is kept within a group. Default 0. */
  readonly delayMs?: () => number;
  /** Why SNS does not take this entry now, and takes others of the batch. */
  readonly refusal?: (entry: Entry) => string | undefined;
}

interface Topic {
  readonly arn: string;
  readonly subscribers: Subscriber[];
  /** When each deduplication id was taken. */
  readonly taken: Map<string, { readonly at: number; readonly messageId: string }>;
  /** When the last message of each group is delivered. */
  readonly delivered: Map<string, number>;
}

export class MemoryTopics {
  private readonly input: TopicsInput;
  private readonly topics: ReadonlyMap<string, Topic>;
  private count = 0;

  constructor(input: TopicsInput) {
    this.input = input;
    this.topics = new Map(
      input.topicArns.map((arn) => [
        arn,
        { arn, subscribers: [], taken: new Map(), delivered: new Map() },
      ]),
    );
  }

  subscribe(topicArn: string, subscriber: Subscriber): void {
    this.topic(topicArn).subscribers.push(subscriber);
  }

  answer(command: object): object {
    const { input } = command as PublishCommand | PublishBatchCommand;
    const topic = this.topic(input.TopicArn ?? '');
    const fault = publishFault(input);
    if (fault !== undefined) throw refused(fault.name, fault.message);
    if (command instanceof PublishBatchCommand) return this.publishBatch(topic, command.input);
    if (command instanceof PublishCommand) {
      const refusal = this.input.refusal?.(command.input);
      if (refusal !== undefined) throw refused('InternalError', refusal);
      return { MessageId: this.publish(topic, command.input) };
    }
    throw new Error(`not simulated: ${command.constructor.name}`);
  }

  private topic(arn: string): Topic {
    const found = this.topics.get(arn);
    if (found !== undefined) return found;
    throw new NotFoundException({
      message: 'Topic does not exist',
      $metadata: { httpStatusCode: 404 },
    });
  }

  private publishBatch(
    topic: Topic,
    { PublishBatchRequestEntries: entries = [] }: PublishBatchCommand['input'],
  ) {
    if (entries.length === 0) throw refused('EmptyBatchRequest', 'The batch has no entries');
    if (entries.length > BATCH_ENTRIES_MAX) {
      throw refused('TooManyEntriesInBatchRequest', `${entries.length} entries`);
    }
    if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
      throw refused('BatchEntryIdsNotDistinct', 'Two entries have one id');
    }
    const Successful: { Id: string | undefined; MessageId: string }[] = [];
    const Failed: {
      Id: string | undefined;
      Code: string;
      Message: string;
      SenderFault: boolean;
    }[] = [];
    for (const { Id, ...entry } of entries) {
      const refusal = this.input.refusal?.(entry);
      if (refusal === undefined) Successful.push({ Id, MessageId: this.publish(topic, entry) });
      else Failed.push({ Id, Code: 'InternalError', Message: refusal, SenderFault: false });
    }
    return { Successful, Failed };
  }

  private publish(topic: Topic, entry: Entry): string {
    const { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } = entry;
    const isFifo = topic.arn.endsWith('.fifo');
    if (isFifo && (groupId === undefined || deduplicationId === undefined)) {
      throw refused('InvalidParameter', 'The MessageGroupId or MessageDeduplicationId is missing');
    }
    const { now } = this.input.time;
    const earlier = topic.taken.get(deduplicationId ?? '');
    if (isFifo && earlier !== undefined && now - earlier.at < DEDUPLICATION_MS) {
      return earlier.messageId;
    }
    const messageId = `message-${++this.count}`;
    if (isFifo) topic.taken.set(deduplicationId ?? '', { at: now, messageId });
    const delivery = {
      topicArn: topic.arn,
      body: textForQueues(entry),
      subject: entry.Subject,
      attributes: entry.MessageAttributes ?? {},
      groupId,
      deduplicationId,
    };
    for (const deliver of topic.subscribers) this.deliver(topic, delivery, deliver);
    return messageId;
  }

  private deliver(topic: Topic, delivery: Delivery, deliver: Subscriber): void {
    const { time, delayMs } = this.input;
    const due = time.now + (delayMs?.() ?? 0);
    const { groupId } = delivery;
    if (groupId === undefined) {
      time.at(due, () => deliver(delivery));
      return;
    }
    const inOrder = Math.max(due, topic.delivered.get(groupId) ?? due);
    topic.delivered.set(groupId, inOrder);
    time.at(inOrder, () => deliver(delivery));
  }
}

/** Of a structured message each protocol gets its own text. */
function textForQueues({ Message = '', MessageStructure }: Entry): string {
  if (MessageStructure !== 'json') return Message;
  const texts = JSON.parse(Message) as { readonly default: string; readonly sqs?: string };
  return texts.sqs ?? texts.default;
}

const refused = (name: string, message: string): SNSServiceException =>
  new SNSServiceException({
    name,
    message,
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  });
