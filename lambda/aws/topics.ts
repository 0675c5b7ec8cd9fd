/**
 * Alerts go to people and systems, order plans to the execution system. A message that SNS refuses
 * stays pending and is published again under the same id.
 */
import {
  type MessageAttributeValue,
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  type SNSClient,
  SNSServiceException,
} from '@aws-sdk/client-sns';
import { alertText } from '../messages/alert-text.ts';
import { fifoId } from '../messages/hashed-id.ts';
import { subjectLineOf } from '../messages/headline.ts';
import type { Message } from '../messages/messages.ts';
import type { Origin } from '../messages/origin.ts';
import type { Publication } from '../outbox/pending-messages.ts';
import type { Publisher, PublishOutcome } from '../outbox/ports.ts';
import type { Topic } from '../outbox/stored-case.ts';

/** SNS takes at most 10 messages and 262,144 bytes a batch. */
const BATCH_ENTRIES_MAX = 10;
const BATCH_BYTES_MAX = 260_000;

/** The SDK has tried each of them several times: the topic is away, or throttled. */
const UNANSWERED_MAX = 3;

export interface TopicArns {
  readonly alerts: string;
  readonly orders: string;
}

export class Topics implements Publisher {
  private readonly sns: SNSClient;
  private readonly arns: TopicArns;
  private readonly origin: Origin | undefined;
  /** Batches in a row that no answer came to. */
  private readonly unanswered: Record<Topic, number> = { orders: 0, alerts: 0 };

  /** @param input.origin is named in e-mails */
  constructor(input: {
    readonly sns: SNSClient;
    readonly arns: TopicArns;
    readonly origin?: Origin | undefined;
  }) {
    this.sns = input.sns;
    this.arns = input.arns;
    this.origin = input.origin;
  }

  /** Order plans first. Never throws: a refused message stays pending. */
  async publish(publications: readonly Publication[]): Promise<PublishOutcome> {
    const outcomes = [];
    for (const topic of ['orders', 'alerts'] as const) {
      const all = publications.filter((each) => each.topic === topic);
      outcomes.push(await this.publishTo(topic, all));
    }
    return {
      published: outcomes.flatMap(({ published }) => published),
      failures: outcomes.flatMap(({ failures }) => failures),
    };
  }

  /** A topic that is away is asked once more each time, and not with every batch. */
  private async publishTo(topic: Topic, all: readonly Publication[]): Promise<PublishOutcome> {
    const published: Publication[] = [];
    const failures: string[] = [];
    for (const batch of batchesOf(all, this.origin)) {
      const refused = await this.publishBatch(topic, batch);
      for (const each of batch) {
        const fault = refused.get(each);
        if (fault === undefined) published.push(each.publication);
        else failures.push(`${topic} ${each.message.id}: ${fault}`);
      }
      if (this.unanswered[topic] >= UNANSWERED_MAX) break;
    }
    const rest = all.slice(published.length + failures.length);
    const why = `not tried after ${failures.at(-1)}`;
    return {
      published,
      failures: [
        ...failures,
        ...rest.map(({ pending }) => `${topic} ${pending.message.id}: ${why}`),
      ],
    };
  }

  private async publishBatch(topic: Topic, batch: readonly Written[]): Promise<Refusals> {
    try {
      const { Successful = [], Failed = [] } = await this.sns.send(
        new PublishBatchCommand({
          TopicArn: this.arns[topic],
          PublishBatchRequestEntries: batch.map(({ entry }, index) => {
            return { Id: String(index), ...entry };
          }),
        }),
      );
      this.unanswered[topic] = 0;
      const taken = new Set(Successful.map(({ Id }) => Id));
      const faults = new Map(
        Failed.map(({ Id, Code, Message }) => [Id, `${Code} ${Message ?? ''}`]),
      );
      return new Map(
        batch.flatMap((each, index) => {
          const id = String(index);
          return taken.has(id) ? [] : [[each, faults.get(id) ?? 'SNS gave no reason']];
        }),
      );
    } catch (error) {
      this.unanswered[topic] = isRefusal(error) ? 0 : this.unanswered[topic] + 1;
      if (batch.length > 1 && isRefusal(error)) return this.publishSingly(topic, batch);
      return new Map(batch.map((each) => [each, String(error)]));
    }
  }

  /** One malformed message makes SNS refuse the whole batch. */
  private async publishSingly(topic: Topic, batch: readonly Written[]): Promise<Refusals> {
    const refusals = new Map<Written, string>();
    for (const each of batch) {
      for (const [refused, fault] of await this.publishBatch(topic, [each])) {
        refusals.set(refused, fault);
      }
    }
    return refusals;
  }
}

type Entry = Omit<PublishBatchRequestEntry, 'Id'>;

interface Written {
  readonly publication: Publication;
  readonly message: Message;
  readonly entry: Entry;
}

function write(publication: Publication, origin: Origin | undefined): Written {
  const { message } = publication.pending;
  const entry = publication.topic === 'alerts' ? alertEntry(message, origin) : orderEntry(message);
  return { publication, message, entry };
}

type Refusals = ReadonlyMap<Written, string>;

/** The request is at fault; throttling and outages are not. */
const isRefusal = (error: unknown): boolean =>
  error instanceof SNSServiceException &&
  error.$fault === 'client' &&
  !/Throttl|TooManyRequests/i.test(error.name);

/** Written batch by batch, because the texts of all may be too many to hold. */
function* batchesOf(
  publications: readonly Publication[],
  origin: Origin | undefined,
): Generator<Written[]> {
  let batch: Written[] = [];
  let bytes = 0;
  for (const publication of publications) {
    const each = write(publication, origin);
    const size = sizeOf(each);
    if (batch.length === BATCH_ENTRIES_MAX || bytes + size > BATCH_BYTES_MAX) {
      if (batch.length > 0) yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(each);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** All texts of an entry, with its attributes' names, types and values. */
const sizeOf = ({ entry }: Written): number =>
  Buffer.byteLength(JSON.stringify(entry.MessageAttributes)) +
  Buffer.byteLength(`${entry.Message}${entry.Subject ?? ''}`);

const alertEntry = (message: Message, origin: Origin | undefined): Entry => ({
  Subject: subjectLineOf(message),
  MessageStructure: 'json',
  Message: alertText(message, origin),
  MessageAttributes: attributesOf(message),
});

function orderEntry(message: Message): Entry {
  const group = 'accountId' in message ? message.accountId : message.id;
  const deduplicationId = message.type === 'liquidation.ordered' ? message.planId : message.id;
  return {
    Message: JSON.stringify(message),
    MessageGroupId: fifoId(group),
    MessageDeduplicationId: fifoId(deduplicationId),
    MessageAttributes: attributesOf(message),
  };
}

/** SNS refuses control characters. Nobody filters on longer texts. The cut may halve a character. */
const printable = (text: string): string =>
  text.slice(0, 256).replace(/[\p{Cc}\p{Cs}\p{Cn}]/gu, '?');

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
