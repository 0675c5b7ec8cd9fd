import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as sqs from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { SlotQueue } from '../../../lambda/aws/slot-queue.ts';
import { LAST_PUT_KEY, putSlots } from '../../../lambda/check/put-slots.ts';
import { readScheduledCheck } from '../../../lambda/check/scheduled-check.ts';
import { TABLES } from '../../../lib/names.ts';
import { clientOf } from '../../aws/client.ts';
import { MemoryQueues } from '../../aws/memory-queues.ts';
import { MemoryTables } from '../../aws/memory-tables.ts';
import { VirtualTime } from '../../aws/virtual-time.ts';

const AT = Date.parse('2020-03-12T11:00:00.300Z');
const iso = (time: number) => new Date(time).toISOString();

/** The function's tables and queue, and what a check would receive. */
class World {
  readonly time = new VirtualTime(AT);
  readonly tables = new MemoryTables({ time: this.time, definitions: TABLES });
  readonly queues = new MemoryQueues(this.time);
  /** Called before each request to SQS; may throw, or answer in its place. */
  onSend: (command: object) => object | undefined = () => undefined;
  onPut: () => void = () => undefined;

  private readonly dynamo = clientOf(DynamoDBClient, async (command) => {
    if (command.constructor.name === 'PutItemCommand') this.onPut();
    return this.tables.answer(command);
  });
  private readonly sqs = clientOf(
    sqs.SQSClient,
    async (command) => this.onSend(command) ?? this.queues.answer(command),
  );

  readonly url = this.queueNamed('slots');

  queueNamed(QueueName: string): string {
    const Attributes = { MessageRetentionPeriod: '330', VisibilityTimeout: '60' };
    const command = new sqs.CreateQueueCommand({ QueueName, Attributes });
    return (this.queues.answer(command) as sqs.CreateQueueCommandOutput).QueueUrl as string;
  }

  readonly margin = new MarginTable({ dynamo: this.dynamo, table: 'margin' });

  put({ url = this.url, intervalSeconds = 10 } = {}): Promise<number> {
    const queue = new SlotQueue({ sqs: this.sqs, url });
    return putSlots({ margin: this.margin, queue, intervalSeconds, now: () => this.time.now });
  }

  /** Takes what is visible now, as Lambda would. */
  private take(QueueUrl: string): string[] {
    const command = new sqs.ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = this.queues.answer(command) as sqs.ReceiveMessageCommandOutput;
    return Messages.map(({ Body = '', ReceiptHandle }) => {
      this.queues.answer(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      return Body;
    });
  }

  /** Runs on until then, and looks into the queue every 100 ms. */
  async arrivals(until: number, url = this.url): Promise<{ slot: string; at: number }[]> {
    const arrived: { slot: string; at: number }[] = [];
    while (this.time.now < until) {
      await this.time.runUntil(this.time.now + 100);
      const bodies = this.take(url);
      arrived.push(...bodies.map((body) => ({ slot: JSON.parse(body).slot, at: this.time.now })));
    }
    return arrived;
  }

  remembered = async () => (await this.margin.readRow(LAST_PUT_KEY))?.checkId;
}

describe('slots that are put', () => {
  it('come at their time, within a second and never early', async () => {
    const world = new World();
    expect(await world.put()).toBe(21);
    const arrived = await world.arrivals(AT + 215_000);
    expect(arrived.map(({ slot }) => slot)).toEqual(
      Array.from({ length: 21 }, (_, index) => iso(AT - 300 + (index + 1) * 10_000)),
    );
    for (const { slot, at } of arrived) {
      const lateMs = at - Date.parse(slot);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(1_100);
      const event = { Records: [{ eventSource: 'aws:sqs', body: JSON.stringify({ slot }) }] };
      const check = readScheduledCheck(event, { now: at, intervalSeconds: 10 });
      expect(check.checkId).toBe(slot);
    }
  });

  it('follow those of the start before, also if one start was lost', async () => {
    const world = new World();
    await world.put();
    await world.time.runUntil(AT + 60_000);
    expect(await world.put()).toBe(6);
    await world.time.runUntil(AT + 60_050);
    expect(await world.put()).toBe(0);
    await world.time.runUntil(AT + 239_900);
    expect(await world.put()).toBe(18);
    expect(await world.remembered()).toBe(iso(AT - 300 + 440_000 + 10_000));
  });

  it('are sent again after a crash between sending and remembering, and none is lost', async () => {
    const world = new World();
    world.onPut = () => {
      throw new Error('the function was stopped');
    };
    await expect(world.put()).rejects.toThrow('the function was stopped');
    world.onPut = () => undefined;
    expect(await world.remembered()).toBeUndefined();
    await world.put();
    const slots = (await world.arrivals(AT + 220_000)).map(({ slot }) => slot);
    expect(slots).toHaveLength(42);
    expect(new Set(slots).size).toBe(21);
  });

  it('are not remembered if SQS refuses one of them', async () => {
    const world = new World();
    world.onSend = () => ({
      Successful: [],
      Failed: [{ Id: '0', SenderFault: false, Code: 'InternalError' }],
    });
    await expect(world.put()).rejects.toThrow('1 slots were not put: InternalError');
    expect(await world.remembered()).toBeUndefined();
    world.onSend = () => undefined;
    expect(await world.put()).toBe(21);
  });

  it('are never more than ten in one request', async () => {
    const world = new World();
    const sizes: number[] = [];
    world.onSend = (command) => {
      const { Entries = [] } = (command as sqs.SendMessageBatchCommand).input;
      sizes.push(Entries.length);
      return undefined;
    };
    await world.put({ intervalSeconds: 1 });
    expect(sizes).toEqual(Array.from({ length: 21 }, () => 10));
  });
});

describe('what was put last', () => {
  it('says nothing about another interval', async () => {
    const world = new World();
    await world.put({ intervalSeconds: 30 });
    await world.time.runUntil(AT + 1_000);
    expect(await world.put({ intervalSeconds: 5 })).toBe(42);
    expect(await world.put({ intervalSeconds: 5 })).toBe(0);
    expect(await world.put({ intervalSeconds: 30 })).toBe(7);
    expect(await world.put({ intervalSeconds: 30 })).toBe(0);
  });

  it('says nothing about another queue', async () => {
    const world = new World();
    await world.put();
    const url = world.queueNamed('slots-after-a-new-deployment');
    expect(await world.put({ url })).toBe(21);
  });

  it('is ignored, and replaced, if a clock that was ahead has put it', async () => {
    const world = new World();
    await world.time.runUntil(AT + 86_400_000);
    await world.put();
    const { checkId, ...row } = (await world.margin.readRow(LAST_PUT_KEY)) ?? {};
    const ahead = iso(Date.parse(String(checkId)) + 86_400_000);
    const attributes = { timetable: String(row.timetable), checkId: ahead };
    await world.margin.putLater(LAST_PUT_KEY, attributes, undefined);
    expect(await world.put()).toBe(21);
    expect(await world.put()).toBe(0);
  });

  it('is ignored if it is no time', async () => {
    const world = new World();
    await world.put();
    const { timetable } = (await world.margin.readRow(LAST_PUT_KEY)) ?? {};
    await world.margin.putRow(LAST_PUT_KEY, { timetable, checkId: 'tomorrow' });
    expect(await world.put()).toBe(21);
    expect(await world.put()).toBe(0);
  });
});
