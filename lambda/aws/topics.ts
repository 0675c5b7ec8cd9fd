/**
 * The two topics: alerts to people and systems, order plans to the execution system. Messages go
 * out in batches; what a batch refuses stays pending, and is published again under the same id.
 */
import { createHash } from 'node:crypto';
import {
  type MessageAttributeValue,
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  type SNSClient,
} from '@aws-sdk/client-sns';
import type { Message } from '../contract/messages.ts';
import { emailOf, smsOf, subjectLineOf } from '../contract/text.ts';
import type { Delivery, Topic } from './margin-table.ts';

/** SNS takes at most 10 messages and 256 KiB a batch. */
const BATCH_ENTRIES_MAX = 10;
const BATCH_BYTES_MAX = 250 * 1024;
/** Of a FIFO group or deduplication id. */
const FIFO_ID_LENGTH_MAX = 128;

/** One message on its way to one topic. */
export interface Parcel {
  readonly messageId: string;
  readonly message: string;
  readonly topic: Topic;
}

export interface PublishOutcome {
  readonly published: ReadonlySet<Parcel>;
  /** What was refused, in words; its parcels stay pending. */
  readonly failures: readonly string[];
}

export interface TopicArns {
  readonly alerts: string;
  readonly orders: string;
}

export const parcelsOf = (deliveries: readonly Delivery[]): Parcel[] =>
  deliveries.flatMap(({ messageId, message, to }) =>
    to.map((topic) => ({ messageId, message, topic })),
  );

export class Topics {
  private readonly sns: SNSClient;
  private readonly arns: TopicArns;

  constructor(input: { readonly sns: SNSClient; readonly arns: TopicArns }) {
    this.sns = input.sns;
    this.arns = input.arns;
  }

  /** Never throws: a topic that cannot be reached leaves its parcels pending. */
  async publish(parcels: readonly Parcel[]): Promise<PublishOutcome> {
    const published = new Set<Parcel>();
    const failures: string[] = [];
    for (const topic of ['alerts', 'orders'] as const) {
      const bound = parcels.filter((parcel) => parcel.topic === topic);
      for (const batch of batchesOf(bound)) {
        const refused = await this.publishBatch(topic, batch);
        for (const [index, parcel] of batch.entries()) {
          const fault = refused.get(index);
          if (fault === undefined) published.add(parcel);
          else failures.push(`${topic} ${parcel.messageId}: ${fault}`);
        }
      }
    }
    return { published, failures };
  }

  /** @returns what was refused, by place in the batch. */
  private async publishBatch(
    topic: Topic,
    batch: readonly Parcel[],
  ): Promise<ReadonlyMap<number, string>> {
    const entryOf = topic === 'alerts' ? alertEntry : orderEntry;
    try {
      const { Failed = [] } = await this.sns.send(
        new PublishBatchCommand({
          TopicArn: this.arns[topic],
          PublishBatchRequestEntries: batch.map((parcel, index) => entryOf(parcel, index)),
        }),
      );
      return new Map(
        Failed.map(({ Id, Code, Message }) => [Number(Id), `${Code} ${Message ?? ''}`]),
      );
    } catch (error) {
      return new Map(batch.map((_, index) => [index, String(error)]));
    }
  }
}

function batchesOf(parcels: readonly Parcel[]): Parcel[][] {
  const batches: Parcel[][] = [];
  let bytes = 0;
  for (const parcel of parcels) {
    const size = sizeOf(parcel);
    const last = batches.at(-1);
    const fits =
      last !== undefined && last.length < BATCH_ENTRIES_MAX && bytes + size <= BATCH_BYTES_MAX;
    if (fits) last.push(parcel);
    else batches.push([parcel]);
    bytes = fits ? bytes + size : size;
  }
  return batches;
}

/** Generously: the JSON within JSON doubles its quotes, and e-mail and SMS add a text each. */
const sizeOf = ({ message }: Parcel): number => 2 * Buffer.byteLength(message) + 4096;

function alertEntry({ message: text }: Parcel, index: number): PublishBatchRequestEntry {
  const message = JSON.parse(text) as Message;
  return {
    Id: String(index),
    Subject: subjectLineOf(message),
    MessageStructure: 'json',
    Message: JSON.stringify({ default: text, email: emailOf(message), sms: smsOf(message) }),
    MessageAttributes: attributesOf(message),
  };
}

function orderEntry({ message: text, messageId }: Parcel, index: number): PublishBatchRequestEntry {
  const message = JSON.parse(text) as Message;
  const group = 'accountId' in message ? message.accountId : messageId;
  const planId = message.type === 'liquidation.ordered' ? message.planId : messageId;
  return {
    Id: String(index),
    Message: text,
    MessageGroupId: fifoId(group),
    MessageDeduplicationId: fifoId(planId),
    MessageAttributes: attributesOf(message),
  };
}

/** A FIFO id is at most 128 characters long. */
const fifoId = (id: string): string =>
  id.length <= FIFO_ID_LENGTH_MAX ? id : createHash('sha256').update(id).digest('hex');

/** What a subscriber can filter on. */
function attributesOf(message: Message): Record<string, MessageAttributeValue> {
  const named = {
    type: message.type,
    severity: message.severity,
    ...('accountId' in message ? { accountId: message.accountId } : {}),
    ...('certainty' in message ? { certainty: message.certainty } : {}),
  };
  return Object.fromEntries(
    Object.entries(named).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
  );
}
