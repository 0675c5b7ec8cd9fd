/**
 * A margin table and two topics in memory, with the limits that AWS has: an outage of hours takes a
 * second. They know the requests that a check makes of them, and no others.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type PublishBatchCommand, type SNSClient, SNSServiceException } from '@aws-sdk/client-sns';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Message } from '../../lambda/messages/messages.ts';

type Item = Record<string, AttributeValue>;

export const ITEM_BYTES_MAX = 400 * 1024;
export const BATCH_BYTES_MAX = 256 * 1024;

export class MemoryTable {
  readonly items = new Map<string, Item>();
  largest = 0;
  puts = 0;
  /** Called before each put. */
  onPut: (item: Item) => void = () => {};

  readonly client = {
    send: async (command: unknown) => this.answer(command),
  } as unknown as DynamoDBClient;

  private answer(command: unknown): object {
    if (command instanceof GetItemCommand) {
      const { Key } = command.input;
      return { Item: this.items.get(nameOf(Key ?? {})) };
    }
    if (command instanceof PutItemCommand) {
      this.put(command.input);
      return {};
    }
    throw new Error(`not in this table: ${command?.constructor.name}`);
  }

  private put(input: PutItemCommand['input']): void {
    const item = input.Item as Item;
    this.onPut(item);
    const bytes = sizeOf({ M: item });
    if (bytes > ITEM_BYTES_MAX) {
      throw new Error(`ValidationException: ${nameOf(item)} has ${bytes} bytes`);
    }
    const before = this.items.get(nameOf(item));
    if (!allows(before, input)) {
      throw new ConditionalCheckFailedException({
        message: 'The conditional request failed',
        $metadata: {},
        ...(before && { Item: before }),
      });
    }
    this.puts++;
    this.largest = Math.max(this.largest, bytes);
    this.items.set(nameOf(item), item);
  }

  /** Rows whose names begin so, `pk/sk`. */
  rows(prefix: string): Record<string, unknown>[] {
    return [...this.items]
      .filter(([name]) => name.startsWith(prefix))
      .map(([, item]) => unmarshall(item));
  }
}

const nameOf = ({ pk, sk }: Item): string => `${pk?.S}/${sk?.S}`;

/** `<attribute> = | < | <= :value`, joined by AND, or attribute_not_exists, or an earlier check. */
function allows(item: Item | undefined, input: PutItemCommand['input']): boolean {
  const { ConditionExpression: condition, ExpressionAttributeValues: values = {} } = input;
  if (condition === undefined) return true;
  if (condition === 'attribute_not_exists(pk)') return item === undefined;
  if (condition.endsWith(' OR checkId < :checkId')) {
    return item === undefined || String(item.checkId?.S) < String(values[':checkId']?.S);
  }
  return condition.split(' AND ').every((clause) => {
    const [, name = '', operator, value = ''] = /^#(\w+) (=|<|<=) (:\w+)$/.exec(clause) ?? [];
    const [left, right] = [item?.[name], values[value]].map((each) => each?.S ?? Number(each?.N));
    if (left === undefined || right === undefined || operator === undefined) return false;
    if (operator === '=') return left === right;
    return left < right || (operator === '<=' && left === right);
  });
}

function sizeOf({ S, N, B, L, M }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return 21;
  if (B !== undefined) return B.length;
  if (L !== undefined) return L.reduce((sum, each) => sum + 1 + sizeOf(each), 3);
  if (M === undefined) return 1;
  return Object.entries(M).reduce(
    (sum, [name, each]) => sum + 1 + Buffer.byteLength(name) + sizeOf(each),
    3,
  );
}

export class MemoryTopics {
  isDown = false;
  readonly alerts: Message[] = [];
  readonly orders: Message[] = [];

  readonly client = {
    send: async ({ input }: PublishBatchCommand) => this.publish(input),
  } as unknown as SNSClient;

  private publish({
    TopicArn,
    PublishBatchRequestEntries: entries = [],
  }: PublishBatchCommand['input']) {
    if (this.isDown) throw new Error('connect ECONNREFUSED');
    const texts = entries.flatMap(({ Message: text, Subject, MessageAttributes = {} }) => [
      text ?? '',
      Subject ?? '',
      ...Object.entries(MessageAttributes).flatMap(([name, { DataType, StringValue }]) => [
        `${name}${DataType}${StringValue}`,
      ]),
    ]);
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    if (entries.length > 10 || bytes > BATCH_BYTES_MAX) {
      throw new SNSServiceException({
        name: 'BatchRequestTooLong',
        $fault: 'client',
        $metadata: {},
        message: `${entries.length} entries of ${bytes} bytes`,
      });
    }
    for (const { Message: text = '', MessageStructure } of entries) {
      const json = MessageStructure === 'json' ? JSON.parse(text).default : text;
      this[TopicArn === 'alerts' ? 'alerts' : 'orders'].push(JSON.parse(json));
    }
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  }
}
