import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { Topics } from '../../../lambda/aws/topics.ts';
import { fitted } from '../../../lambda/messages/fitted.ts';
import type { Message, MessageType } from '../../../lambda/messages/messages.ts';
import type { CaseSubject, CaseUpdate } from '../../../lambda/outbox/case-subject.ts';
import { Outbox } from '../../../lambda/outbox/outbox.ts';
import { pendingMessage, type StoredCase } from '../../../lambda/outbox/stored-case.ts';
import { ITEM_BYTES_MAX, MemoryTable, MemoryTopics, TOPIC_ARNS } from '../memory-aws.ts';
import { hugeMessages } from '../messages/huge-message.ts';

const START = Date.parse('2025-10-10T20:00:00.000Z');
const timeOf = (minute: number): number => START + minute * 60_000;
const checkIdOf = (minute: number): string => new Date(timeOf(minute)).toISOString();
const SIX_HOURS = 360;
const FENCE = { pk: 'check', sk: 'latest' };

function newWorld() {
  const table = new MemoryTable();
  const topics = new MemoryTopics();
  const outboxAt = (minute: number) =>
    new Outbox({
      margin: new MarginTable({ dynamo: table.client, table: 'margin' }),
      topics: new Topics({ sns: topics.client, arns: TOPIC_ARNS }),
      checkId: checkIdOf(minute),
      fenceKey: FENCE,
      asOf: timeOf(minute),
      historyDays: 400,
      isHalted: false,
      isObserving: false,
    });
  /** Reads and processes the subjects, as a check does. */
  const check = async (minute: number, subjects: readonly CaseSubject[]) => {
    const outbox = outboxAt(minute);
    const read = await outbox.read(subjects);
    const done = await outbox.process(read.subjects);
    return { ...done, failures: [...read.failures, ...done.failures] };
  };
  const caseOf = (key: StoredCase['key']) =>
    new MarginTable({ dynamo: table.client, table: 'margin' }).read(key);
  return { table, topics, check, caseOf };
}

const KEY = { pk: 'account#wide', sk: 'case' };

/** As large as messages get with names of ordinary length. */
const LARGE = new Map<MessageType, Message>();
function largeMessage(type: MessageType, minute: number, more: object = {}): Message {
  const sizes = { letter: 'n', nameLength: 24, entries: 400, most: { orders: 180, swaps: 4 } };
  const large = LARGE.get(type) ?? fitted(hugeMessages(type, sizes)[0] as Message);
  LARGE.set(type, large);
  const told = { accountId: 'wide', caseId: 'wide@1', checkId: checkIdOf(minute) };
  return { ...large, ...told, id: `wide/${checkIdOf(minute)}/${type}`, ...more } as Message;
}

/** Of an ordinary size, with prices that compress badly. */
function calledMessage(type: MessageType, minute: number, caseId: string): Message {
  const [message] = hugeMessages(type, { letter: 'n', nameLength: 8, entries: 1, most: {} });
  const bankrupt = randomBytes(3000).toString('hex');
  const told = { accountId: 'wide', caseId, position: bankrupt, checkId: checkIdOf(minute) };
  return { ...message, ...told, id: `wide/${checkIdOf(minute)}/${type}` } as Message;
}

const planAt = (minute: number): Message =>
  largeMessage('liquidation.ordered', minute, {
    planId: `wide@1#${minute + 1}`,
    generation: minute + 1,
    expiresAt: new Date(timeOf(minute) + 300_000).toISOString(),
  });

const update = (messages: readonly Message[], more: Partial<CaseUpdate> = {}): CaseUpdate => ({
  state: { at: messages[0]?.checkId },
  isActive: true,
  keepsPlans: true,
  messages: messages.map((message) =>
    pendingMessage(message, 'planId' in message ? ['alerts', 'orders'] : ['alerts']),
  ),
  ...more,
});

const subject = (key: StoredCase['key'], decided: CaseUpdate | undefined): CaseSubject => ({
  key,
  accountId: key.pk,
  decide: () => decided,
});

const typesOf = (messages: readonly Message[]) => messages.map(({ type }) => type);

describe('while SNS is away for six hours, a check a minute', () => {
  it('an account of 2,000 positions keeps one plan: the last, and only that goes out', async () => {
    const { table, topics, check, caseOf } = newWorld();
    topics.isDown = true;
    const record = () => randomBytes(300_000).toString('base64');
    for (let minute = 0; minute < SIX_HOURS; minute++) {
      const decided = update([planAt(minute)], minute % 60 === 0 ? { record: record() } : {});
      const { unpublishedSince, failures } = await check(minute, [subject(KEY, decided)]);
      expect({ unpublishedSince, failures }).toEqual({
        unpublishedSince: checkIdOf(minute),
        failures: [],
      });
    }
    const waiting = (await caseOf(KEY))?.pending.flatMap(({ messages }) => messages);
    expect(waiting?.map(({ message }) => message.checkId)).toEqual([checkIdOf(SIX_HOURS - 1)]);
    expect(table.largest).toBeLessThan(ITEM_BYTES_MAX);
    expect(table.rows('account#wide/decision#')).toHaveLength(6);

    topics.isDown = false;
    const { published } = await check(SIX_HOURS, [subject(KEY, undefined)]);
    expect(published).toBe(1);
    expect(topics.orders).toEqual([planAt(SIX_HOURS - 1)]);
    expect(topics.alerts).toEqual([planAt(SIX_HOURS - 1)]);
    expect((await caseOf(KEY))?.pending).toEqual([]);
  });

  it('an account that is called and cured every three minutes keeps all of it, in order', async () => {
    const { table, topics, check, caseOf } = newWorld();
    topics.isDown = true;
    const said: Message[] = [];
    for (let minute = 0; minute < SIX_HOURS; minute += 3) {
      const type = minute % 6 === 0 ? 'margin-call.issued' : 'margin-call.cured';
      const message = calledMessage(type, minute, `wide@${Math.floor(minute / 6)}`);
      said.push(message);
      expect(await check(minute, [subject(KEY, update([message]))])).toMatchObject({
        failures: [],
      });
    }
    expect((await caseOf(KEY))?.pending).toHaveLength(SIX_HOURS / 3);
    expect(table.largest).toBeLessThan(ITEM_BYTES_MAX);

    topics.isDown = false;
    await check(SIX_HOURS, [subject(KEY, undefined)]);
    expect(topics.alerts).toEqual(said);
    expect((await caseOf(KEY))?.pending).toEqual([]);
  });

  it('2,000 isolated positions keep what opened them and how they stand', async () => {
    const { table, topics, check } = newWorld();
    const keys = Array.from({ length: 2000 }, (_, index) => {
      return { pk: 'account#wide', sk: `case#PERP-${index}` };
    });
    const small = (type: MessageType, minute: number, position: string) =>
      ({
        ...hugeMessages(type, { letter: 'n', nameLength: 8, entries: 1, most: {} })[0],
        ...{ accountId: 'wide', position, caseId: `${position}@1`, checkId: checkIdOf(minute) },
        id: `${position}/${checkIdOf(minute)}/${type}`,
      }) as Message;
    topics.isDown = true;
    for (const minute of [0, 180, 359]) {
      const type = minute === 0 ? 'margin-call.issued' : 'margin-call.updated';
      await check(
        minute,
        keys.map((key) => subject(key, update([small(type, minute, key.sk)]))),
      );
    }
    topics.isDown = false;
    await check(
      360,
      keys.map((key) => subject(key, undefined)),
    );
    expect(topics.alerts).toHaveLength(2 * keys.length);
    const last = topics.alerts.filter(({ type }) => type === 'margin-call.updated');
    expect(new Set(last.map(({ checkId }) => checkId))).toEqual(new Set([checkIdOf(359)]));
    expect(table.largest).toBeLessThan(ITEM_BYTES_MAX);
  });
});

describe('a message that has reached nobody', () => {
  const pairs: readonly [MessageType, MessageType, boolean][] = [
    ['margin-call.issued', 'margin-call.issued', false],
    ['margin-call.issued', 'margin-call.updated', false],
    ['margin-call.updated', 'margin-call.updated', true],
    ['margin-call.expired', 'margin-call.expired', true],
    ['margin-call.updated', 'margin-call.cured', false],
    ['liquidation.withheld', 'liquidation.withheld', true],
    ['liquidation.completed', 'liquidation.completed', false],
    ['deficit.detected', 'deficit.detected', true],
    ['account.indeterminate', 'account.determinate', true],
    ['account.determinate', 'account.indeterminate', true],
    ['oracle.rejected', 'oracle.recovered', true],
    ['cascade.warned', 'cascade.eased', true],
    ['check.late', 'check.late', true],
    ['fund.drawn', 'fund.drawn', false],
  ];
  it.each(pairs)('%s, then %s: is replaced: %s', async (first, second, isReplaced) => {
    const { topics, check } = newWorld();
    topics.isDown = true;
    await check(0, [subject(KEY, update([largeMessage(first, 0)]))]);
    await check(1, [subject(KEY, update([largeMessage(second, 1)]))]);
    topics.isDown = false;
    await check(2, [subject(KEY, undefined)]);
    expect(typesOf(topics.alerts)).toEqual(isReplaced ? [second] : [first, second]);
  });

  it('is not replaced by one about another case', async () => {
    const { topics, check } = newWorld();
    topics.isDown = true;
    await check(0, [subject(KEY, update([largeMessage('margin-call.updated', 0)]))]);
    const other = largeMessage('margin-call.updated', 1, { caseId: 'wide@2' });
    await check(1, [subject(KEY, update([other]))]);
    topics.isDown = false;
    await check(2, [subject(KEY, undefined)]);
    expect(topics.alerts).toHaveLength(2);
  });
});

describe('what is stored', () => {
  it('is published before the next decision, whatever becomes of that', async () => {
    const { topics, check, table } = newWorld();
    topics.isDown = true;
    await check(0, [subject(KEY, update([largeMessage('margin-call.issued', 0)]))]);
    topics.isDown = false;
    const failing: CaseSubject = {
      ...subject(KEY, undefined),
      decide: (stored) => {
        expect(typesOf(topics.alerts)).toEqual(['margin-call.issued']);
        expect(stored?.pending).toEqual([]);
        throw new Error('cannot be assessed');
      },
    };
    const { failures } = await check(1, [failing]);
    expect(failures.map(({ error }) => String(error))).toEqual(['Error: cannot be assessed']);
    expect(topics.alerts).toHaveLength(1);
    expect(table.rows('account#wide/case')).toMatchObject([{ pending: [] }]);
  });

  it('is an order plan that waits for the decision, which may withdraw it', async () => {
    const { topics, check } = newWorld();
    topics.isDown = true;
    await check(0, [subject(KEY, update([planAt(0)]))]);
    topics.isDown = false;
    const done = largeMessage('liquidation.completed', 1);
    await check(1, [subject(KEY, update([done], { keepsPlans: false, isActive: false }))]);
    expect(topics.orders).toEqual([]);
    expect(typesOf(topics.alerts)).toEqual(['liquidation.ordered', 'liquidation.completed']);
  });
});

describe('a large record', () => {
  const text = () => randomBytes(700_000).toString('base64');
  const skOf = (item: Record<string, { S?: string | undefined }>) => item.sk?.S?.split('#')[0];

  it('is put in parts before the case, and its row names them after it', async () => {
    const { table, check } = newWorld();
    const order: unknown[] = [];
    table.onPut = (item) => order.push(skOf(item as never));
    const record = text();
    await check(0, [subject(KEY, update([largeMessage('margin-call.issued', 0)], { record }))]);
    expect(order).toEqual(['part', 'part', 'case', 'decision', 'case']);
    const [head] = table.rows('account#wide/decision#');
    expect(head).toMatchObject({ sk: `decision#${checkIdOf(0)}`, checkId: checkIdOf(0), parts: 2 });
    const parts = table.rows('account#wide/part#');
    const bytes = parts.map(({ part }) => part as Uint8Array);
    expect(gunzipSync(Buffer.concat(bytes)).toString()).toBe(record);
    for (const { expiresAtSeconds } of parts) {
      expect(Number(expiresAtSeconds)).toBeGreaterThan(Number(head?.expiresAtSeconds));
    }
  });

  it('of a case that was never written is named by nothing, and expires', async () => {
    const { table, check } = newWorld();
    table.onPut = (item) => {
      if (skOf(item as never) === 'case') throw new Error('killed');
    };
    const decided = update([largeMessage('margin-call.issued', 0)], { record: text() });
    expect((await check(0, [subject(KEY, decided)])).failures).toHaveLength(1);
    const rows = table.rows('account#wide/');
    expect(rows.map(({ sk }) => String(sk).split('#')[0])).toEqual(['part', 'part']);
    for (const { expiresAtSeconds } of rows) expect(expiresAtSeconds).toBeGreaterThan(0);
  });

  it('that a killed run has not put is put by the next check', async () => {
    const { table, check } = newWorld();
    const small = randomBytes(1000).toString('base64');
    for (const record of [small, text()]) {
      const [minute] = [record === small ? 0 : 2];
      table.onPut = (item) => {
        if (skOf(item as never) === 'decision') throw new Error('killed');
      };
      await check(minute, [subject(KEY, update([largeMessage('check.late', minute)], { record }))]);
      table.onPut = () => {};
      await check(minute + 1, [subject(KEY, undefined)]);
      const decisions = table.rows(`account#wide/decision#${checkIdOf(minute)}`);
      expect(decisions).toMatchObject([record === small ? { record: {} } : { parts: 2 }]);
    }
  });
});
