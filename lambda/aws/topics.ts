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
  SNSServiceException,
} from '@aws-sdk/client-sns';
import type { Message } from '../messages/messages.ts';
import { emailOf, smsOf, subjectLineOf } from '../messages/text.ts';
import type { Parcel } from '../outbox/pending-messages.ts';
import type { PublishOutcome } from '../outbox/ports.ts';
import type { Topic } from '../outbox/stored-case.ts';

/** SNS takes at most 10 messages and 256 KiB a batch. */
const BATCH_ENTRIES_MAX = 10;
const BATCH_BYTES_MAX = 250 * 1024;
/** Of a FIFO group or deduplication id. */
const FIFO_ID_LENGTH_MAX = 128;

export interface TopicArns {
  readonly alerts: string;
  readonly orders: string;
}

export class Topics {
  private readonly sns: SNSClient;
  private readonly arns: TopicArns;

  constructor(input: { readonly sns: SNSClient; readonly arns: TopicArns }) {
    this.sns = input.sns;
    this.arns = input.arns;
  }

  /** Order plans first. Never throws: a topic that cannot be reached leaves its parcels pending. */
  async publish(parcels: readonly Parcel[]): Promise<PublishOutcome> {
    const published: Parcel[] = [];
    const failures: string[] = [];
    for (const topic of ['orders', 'alerts'] as const) {
      for (const batch of batchesOf(parcels.filter((parcel) => parcel.topic === topic))) {
        const refused = await this.publishBatch(topic, batch);
        for (const parcel of batch) {
          const fault = refused.get(parcel);
          if (fault === undefined) published.push(parcel);
          else failures.push(`${topic} ${parcel.delivery.messageId}: ${fault}`);
        }
      }
    }
    return { published, failures };
  }

  /** @returns what was refused, and why. */
  private async publishBatch(topic: Topic, batch: readonly Parcel[]): Promise<Refusals> {
    const entryOf = topic === 'alerts' ? alertEntry : orderEntry;
    try {
      const { Successful = [], Failed = [] } = await this.sns.send(
        new PublishBatchCommand({
          TopicArn: this.arns[topic],
          PublishBatchRequestEntries: batch.map((parcel, index) => entryOf(parcel, index)),
        }),
      );
      const taken = new Set(Successful.map(({ Id }) => Id));
      const faults = new Map(
        Failed.map(({ Id, Code, Message }) => [Id, `${Code} ${Message ?? ''}`]),
      );
      return new Map(
        batch.flatMap((parcel, index) => {
          const id = String(index);
          return taken.has(id) ? [] : [[parcel, faults.get(id) ?? 'SNS did not say']];
        }),
      );
    } catch (error) {
      if (batch.length > 1 && isRefusal(error)) return this.publishSingly(topic, batch);
      return new Map(batch.map((parcel) => [parcel, String(error)]));
    }
  }

  /** A batch that is refused as a whole must not hold back the ones that are well-formed. */
  private async publishSingly(topic: Topic, batch: readonly Parcel[]): Promise<Refusals> {
    const refusals = new Map<Parcel, string>();
    for (const parcel of batch) {
      for (const [refused, fault] of await this.publishBatch(topic, [parcel])) {
        refusals.set(refused, fault);
      }
    }
    return refusals;
  }
}

type Refusals = ReadonlyMap<Parcel, string>;

/** The request itself is at fault; throttling and outages are not. */
const isRefusal = (error: unknown): boolean =>
  error instanceof SNSServiceException &&
  error.$fault === 'client' &&
  !/Throttl|TooManyRequests/i.test(error.name);

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
const sizeOf = ({ delivery }: Parcel): number => 2 * Buffer.byteLength(delivery.message) + 4096;

function alertEntry({ delivery }: Parcel, index: number): PublishBatchRequestEntry {
  const { message: text } = delivery;
  const message = JSON.parse(text) as Message;
  return {
    Id: String(index),
    Subject: subjectLineOf(message),
    MessageStructure: 'json',
    Message: JSON.stringify({ default: text, email: emailOf(message), sms: smsOf(message) }),
    MessageAttributes: attributesOf(message),
  };
}

function orderEntry({ delivery }: Parcel, index: number): PublishBatchRequestEntry {
  const { message: text, messageId } = delivery;
  const message = JSON.parse(text) as Message;
  const group = 'accountId' in message ? message.accountId : messageId;
  const deduplicationId = message.type === 'liquidation.ordered' ? message.planId : messageId;
  return {
    Id: String(index),
    Message: text,
    MessageGroupId: fifoId(group),
    MessageDeduplicationId: fifoId(deduplicationId),
    MessageAttributes: attributesOf(message),
  };
}

/** A FIFO id is at most 128 characters long. */
const fifoId = (id: string): string =>
  id.length <= FIFO_ID_LENGTH_MAX ? id : createHash('sha256').update(id).digest('hex');

/** SNS refuses control characters, and texts longer than this are no use to filter on. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cs}\p{Cn}]/gu, '?').slice(0, 256);

/** What a subscriber can filter on. */
function attributesOf(message: Message): Record<string, MessageAttributeValue> {
  const named = {
    type: message.type,
    severity: message.severity,
    ...('accountId' in message ? { accountId: message.accountId } : {}),
    ...('certainty' in message ? { certainty: message.certainty } : {}),
  };
  return Object.fromEntries(
    Object.entries(named).map(([name, text]) => [
      name,
      { DataType: 'String', StringValue: printable(text) },
    ]),
  );
}
