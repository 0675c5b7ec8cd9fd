/** A margin table and two topics in memory (../aws), for outages of hours that take a second. */
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Message } from '../../lambda/messages/messages.ts';
import { TABLES } from '../../lib/names.ts';
import { ITEM_BYTES_MAX, sizeOfMap } from '../../local/aws/table-limits.ts';
import type { Item } from '../aws/attribute-value.ts';
import { MemoryTables } from '../aws/memory-tables.ts';
import { MemoryTopics as Topics } from '../aws/memory-topics.ts';
import { VirtualTime } from '../aws/virtual-time.ts';

export { ITEM_BYTES_MAX };

/** Each request has a second of its own, so that none is throttled. */
const BETWEEN_REQUESTS_MS = 1_000;

export class MemoryTable {
  private readonly time = new VirtualTime(0);
  private readonly tables = new MemoryTables({ time: this.time, definitions: TABLES });
  largest = 0;
  puts = 0;
  /** Called before each put. */
  onPut: (item: Item) => void = () => {};

  private queue: Promise<unknown> = Promise.resolve();

  readonly client = {
    send: (command: object) => {
      const answer = this.queue.then(() => this.answer(command));
      this.queue = answer.catch(() => undefined);
      return answer;
    },
  } as unknown as DynamoDBClient;

  private async answer(command: object): Promise<object> {
    await this.time.runUntil(this.time.now + BETWEEN_REQUESTS_MS);
    if (!(command instanceof PutItemCommand)) return this.tables.answer(command);
    const { Item: item = {} } = command.input;
    this.onPut(item);
    const answer = this.tables.answer(command);
    this.puts++;
    this.largest = Math.max(this.largest, sizeOfMap(item));
    return answer;
  }

  get items(): readonly Item[] {
    return this.tables.items('margin');
  }

  /** Rows whose names begin so, `pk/sk`. */
  rows(prefix: string): Record<string, unknown>[] {
    return this.items
      .filter((item) => nameOf(item).startsWith(prefix))
      .map((item) => unmarshall(item));
  }
}

const nameOf = ({ pk, sk }: Item): string => `${pk?.S}/${sk?.S}`;

export const TOPIC_ARNS = { alerts: 'alerts', orders: 'orders.fifo' } as const;

export class MemoryTopics {
  isDown = false;
  readonly alerts: Message[] = [];
  readonly orders: Message[] = [];
  private readonly time = new VirtualTime(0);
  private readonly topics = new Topics({ time: this.time, topicArns: Object.values(TOPIC_ARNS) });

  constructor() {
    const heard = (into: Message[]) => (delivery: { readonly body: string }) =>
      into.push(JSON.parse(delivery.body));
    this.topics.subscribe(TOPIC_ARNS.alerts, heard(this.alerts));
    this.topics.subscribe(TOPIC_ARNS.orders, heard(this.orders));
  }

  readonly client = {
    send: async (command: PublishBatchCommand) => {
      if (this.isDown) throw new Error('connect ECONNREFUSED');
      const answer = this.topics.answer(command);
      await this.time.runUntil(this.time.now);
      return answer;
    },
  } as unknown as SNSClient;
}
