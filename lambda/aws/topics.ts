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
import pMap from 'p-map';
import { alertText } from '../messages/alert-text.ts';
import { fifoId } from '../messages/hashed-id.ts';
import { subjectLineOf } from '../messages/headline.ts';
import type { Message } from '../messages/messages.ts';
import type { Origin } from '../messages/origin.ts';
import type { Publication } from '../outbox/pending-messages.ts';
import type { Publisher, PublishOutcome } from '../outbox/ports.ts';
import type { Topic } from '../outbox/stored-case.ts';
import { BATCHES_AT_ONCE_MAX, PublishWindow } from './publish-window.ts';
import { STOPWATCH, type Stopwatch } from './stopwatch.ts';
import { inItsTurn, isThrottled } from './throttled.ts';

/** SNS takes at most 10 messages and 262,144 bytes a batch. */
const BATCH_ENTRIES_MAX = 10;
const BATCH_BYTES_MAX = 260_000;

/**
 * Turns of a second that a throttled batch waits: orders cannot be decided faster than they leave.
 * Alerts must not hold up the decisions for long; the next check publishes them.
 */
const TURNS_MAX: Readonly<Record<Topic, number>> = { orders: 10, alerts: 2 };

export interface TopicArns {
  readonly alerts: string;
  readonly orders: string;
}

export class Topics implements Publisher {
  private readonly sns: SNSClient;
  private readonly arns: TopicArns;
  private readonly origin: Origin | undefined;
  private readonly wait: Stopwatch['wait'];
  private readonly hasTime: () => boolean;
  /** By topic and group of messages, while any is on its way. */
  private readonly lastOf = new Map<string, Promise<unknown>>();
  private readonly windows = { orders: new PublishWindow(), alerts: new PublishWindow() };

  /**
   * @param input.origin is named in e-mails
   * @param input.hasTime whether a throttled batch may wait; by default it may
   */
  constructor(input: {
    readonly sns: SNSClient;
    readonly arns: TopicArns;
    readonly origin?: Origin | undefined;
    readonly stopwatch?: Stopwatch | undefined;
    readonly hasTime?: () => boolean;
  }) {
    this.sns = input.sns;
    this.arns = input.arns;
    this.origin = input.origin;
    this.wait = (input.stopwatch ?? STOPWATCH).wait;
    this.hasTime = input.hasTime ?? (() => true);
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

  /**
   * Several batches at once, and those with messages about the same account one after the other. A
   * topic that is away is asked once more each time, and not with every batch.
   */
  private async publishTo(topic: Topic, all: readonly Publication[]): Promise<PublishOutcome> {
    const window = this.windows[topic];
    const { lastOf } = this;
    let [isFirst, wasAsked] = [true, false];
    const send = (batch: readonly Written[]): Promise<Sent> => {
      const mustAsk = isFirst;
      isFirst = false;
      const groups = new Set(batch.map(({ message }) => `${topic} ${groupOf(message)}`));
      const before = Promise.all([...groups].map((group) => lastOf.get(group)));
      const sent = before.then(() =>
        window.run(async () => {
          const isTried = mustAsk || !window.isAway;
          const refused = isTried ? await this.publishBatch(topic, batch) : undefined;
          wasAsked = true;
          return { batch, refused };
        }),
      );
      for (const group of groups) lastOf.set(group, sent);
      return sent.finally(() => {
        for (const group of groups) if (lastOf.get(group) === sent) lastOf.delete(group);
      });
    };
    const batches = batchesOf(all, this.origin, () => !(wasAsked && window.isAway));
    const sent = await pMap(batches, send, { concurrency: BATCHES_AT_ONCE_MAX });
    return outcomeOf(topic, all, sent);
  }

  private async publishBatch(topic: Topic, batch: readonly Written[]): Promise<Refusals> {
    const window = this.windows[topic];
    try {
      const command = new PublishBatchCommand({
        TopicArn: this.arns[topic],
        PublishBatchRequestEntries: batch.map(({ entry }, index) => {
          return { Id: String(index), ...entry };
        }),
      });
      const mayWait = (turns: number) => {
        window.shrink();
        return turns < TURNS_MAX[topic] && !window.isAway && this.hasTime();
      };
      const { wait } = this;
      const send = () => this.sns.send(command);
      const { Successful = [], Failed = [] } = await inItsTurn(send, { wait, mayWait });
      window.answered();
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
      if (isRefusal(error)) window.answered();
      else window.notAnswered();
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

interface Sent {
  readonly batch: readonly Written[];
  /** Absent if the batch was not tried, because its topic is away. */
  readonly refused: Refusals | undefined;
}

function outcomeOf(
  topic: Topic,
  all: readonly Publication[],
  sent: readonly Sent[],
): PublishOutcome {
  const published = new Set<Publication>();
  const faults = new Map<Publication, string>();
  for (const { batch, refused } of sent) {
    if (refused === undefined) continue;
    for (const each of batch) {
      const fault = refused.get(each);
      if (fault === undefined) published.add(each.publication);
      else faults.set(each.publication, fault);
    }
  }
  const failures: string[] = [];
  const nameOf = ({ pending }: Publication) => `${topic} ${pending.message.id}`;
  let why = '';
  for (const each of all) {
    if (published.has(each)) continue;
    const fault = faults.get(each);
    if (fault !== undefined) why = `not tried after ${nameOf(each)}: ${fault}`;
    failures.push(`${nameOf(each)}: ${fault ?? why}`);
  }
  return { published: [...published], failures };
}

/** The request is at fault; throttling and outages are not. */
const isRefusal = (error: unknown): boolean =>
  error instanceof SNSServiceException && error.$fault === 'client' && !isThrottled(error);

/** Written batch by batch, because the texts of all may be too many to hold. */
function* batchesOf(
  publications: readonly Publication[],
  origin: Origin | undefined,
  mayGoOn: () => boolean,
): Generator<Written[]> {
  let batch: Written[] = [];
  let bytes = 0;
  for (const publication of publications) {
    const each = write(publication, origin);
    const size = sizeOf(each);
    if (batch.length === BATCH_ENTRIES_MAX || bytes + size > BATCH_BYTES_MAX) {
      if (batch.length > 0) yield batch;
      if (!mayGoOn()) return;
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

/** Messages of one group keep their order. */
const groupOf = (message: Message): string =>
  'accountId' in message ? message.accountId : message.id;

function orderEntry(message: Message): Entry {
  const deduplicationId = message.type === 'liquidation.ordered' ? message.planId : message.id;
  return {
    Message: JSON.stringify(message),
    MessageGroupId: fifoId(groupOf(message)),
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
