import { randomBytes } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import type { Message } from '../../../lambda/messages/messages.ts';
import type { DecideCase } from '../../../lambda/outbox/ports.ts';
import type { Key, PendingDecision, StoredCase } from '../../../lambda/outbox/stored-case.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { ITEM_BYTES_MAX, MemoryTable } from '../memory-aws.ts';

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.close());

let cases = 0;
const newKey = (): Key => ({ pk: `account#${cases++}`, sk: 'case' });

const message = { id: 'm', type: 'check.late' } as Message;
const caseAt = (key: Key, stored: StoredCase | undefined, checkId: string): StoredCase => ({
  key,
  version: stored?.version ?? 0,
  checkId,
  state: { by: checkId },
  isActive: true,
  pending: [{ checkId, messages: [{ message, to: ['alerts'] }], record: new Uint8Array([1, 2]) }],
  expiresAtSeconds: 1,
});

interface Calls {
  gets: number;
  puts: number;
}

/** A table behind a client whose puts can be tampered with, and that counts its calls. */
function tableWith(tamper: (put: () => Promise<unknown>) => Promise<unknown> = (put) => put()) {
  const calls: Calls = { gets: 0, puts: 0 };
  const { dynamo } = services;
  const send = (command: PutItemCommand | GetItemCommand) => {
    if (command instanceof GetItemCommand) calls.gets++;
    if (!(command instanceof PutItemCommand)) return dynamo.send(command);
    calls.puts++;
    return tamper(() => dynamo.send(command));
  };
  const client = Object.assign(Object.create(dynamo), { send }) as DynamoDBClient;
  return { table: new MarginTable({ dynamo: client, table: 'margin' }), calls };
}

const decideBy =
  (key: Key, checkId: string): DecideCase =>
  (stored) =>
    caseAt(key, stored, checkId);

const conflict = (Item?: ConditionalCheckFailedException['Item']) =>
  new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: {},
    ...(Item && { Item }),
  });

describe('an update of a case', () => {
  it('writes the first version, and reads back what was written', async () => {
    const key = newKey();
    const { table } = tableWith();
    const { isWritten, stored } = await table.update(key, decideBy(key, 'c1'), {
      over: 'earlier checks',
    });
    expect(isWritten).toBe(true);
    expect(stored).toMatchObject({ version: 1, checkId: 'c1', state: { by: 'c1' } });
    expect(await table.read(key)).toEqual(stored);
  });

  it('writes nothing when nothing is decided, and returns the case as read', async () => {
    const key = newKey();
    const { table, calls } = tableWith();
    const result = await table.update(key, () => undefined, { over: 'any check' });
    expect(result).toEqual({ isWritten: false, stored: undefined });
    expect(calls).toEqual({ gets: 1, puts: 0 });
  });

  it('does not read a case that was read already, even if there was none', async () => {
    const key = newKey();
    const { table, calls } = tableWith();
    await table.update(key, decideBy(key, 'c1'), { stored: undefined, over: 'earlier checks' });
    expect(calls).toEqual({ gets: 0, puts: 1 });
  });

  it.each([
    ['earlier checks', 'c0', false],
    ['earlier checks', 'c1', false],
    ['earlier checks', 'c2', true],
    ['this check too', 'c0', false],
    ['this check too', 'c1', true],
    ['any check', 'c0', true],
  ] as const)('over %s by %s, after c1, is written: %s', async (over, checkId, isWritten) => {
    const key = newKey();
    const { table } = tableWith();
    const { stored } = await table.update(key, decideBy(key, 'c1'), { over });
    let asked = 0;
    const decide: DecideCase = (now) => (asked++ < 1 ? caseAt(key, now, checkId) : undefined);
    expect((await table.update(key, decide, { stored, over })).isWritten).toBe(isWritten);
  });

  it('decides again on what another run has written in between', async () => {
    const key = newKey();
    const { table } = tableWith();
    const { stored: first } = await table.update(key, decideBy(key, 'c1'), { over: 'any check' });
    await table.update(key, decideBy(key, 'c2'), { over: 'any check' });
    const seen: (string | undefined)[] = [];
    const decide: DecideCase = (now) => {
      seen.push(now?.checkId);
      return caseAt(key, now, 'c3');
    };
    const options = { stored: first, over: 'earlier checks' } as const;
    const { isWritten, stored } = await table.update(key, decide, options);
    expect({ isWritten, version: stored?.version, seen }).toEqual({
      isWritten: true,
      version: 3,
      seen: ['c1', 'c2'],
    });
  });

  it('recognises its own write when the answer was lost and the SDK tried again', async () => {
    const key = newKey();
    let lost = 0;
    const { table, calls } = tableWith(async (put) => {
      await put();
      lost++;
      throw conflict();
    });
    const { isWritten, stored } = await table.update(key, decideBy(key, 'c1'), {
      stored: undefined,
      over: 'earlier checks',
    });
    expect({ isWritten, version: stored?.version, lost }).toEqual({
      isWritten: true,
      version: 1,
      lost: 1,
    });
    expect(calls).toEqual({ gets: 1, puts: 1 });
  });

  it('does not take another run’s write of the same check and version for its own', async () => {
    const key = newKey();
    const other = caseAt(key, undefined, 'c1');
    const { table } = tableWith(async (put) => {
      const { table: rival } = tableWith();
      const state = { by: 'the other run' };
      await rival.update(key, () => ({ ...other, state }), { over: 'any check' });
      return put();
    });
    let asked = 0;
    const decide: DecideCase = (now) => (asked++ < 1 ? caseAt(key, now, 'c1') : undefined);
    const { isWritten, stored } = await table.update(key, decide, { over: 'earlier checks' });
    expect({ isWritten, state: stored?.state }).toEqual({
      isWritten: false,
      state: { by: 'the other run' },
    });
  });

  it('uses the item that DynamoDB returns with the conflict, and reads nothing more', async () => {
    const key = newKey();
    await tableWith().table.update(key, decideBy(key, 'c2'), { over: 'any check' });
    const { Item } = await services.dynamo.send(
      new GetItemCommand({ TableName: 'margin', Key: { pk: { S: key.pk }, sk: { S: key.sk } } }),
    );
    const { table, calls } = tableWith(() => Promise.reject(conflict(Item)));
    let asked = 0;
    const decide: DecideCase = (now) => (asked++ < 1 ? caseAt(key, now, 'c3') : undefined);
    const options = { stored: undefined, over: 'earlier checks' } as const;
    const { stored } = await table.update(key, decide, options);
    expect(stored).toMatchObject({ checkId: 'c2', version: 1 });
    expect(calls).toEqual({ gets: 0, puts: 1 });
  });

  it('gives up after 5 writes of other runs in between', async () => {
    const key = newKey();
    const { table, calls } = tableWith(async (put) => {
      const { table: rival } = tableWith();
      await rival.update(key, decideBy(key, 'rival'), { over: 'any check' });
      return put();
    });
    const update = table.update(key, decideBy(key, 'c1'), { over: 'any check' });
    await expect(update).rejects.toThrow(
      `${key.pk}/case: not written, because other runs kept changing this item`,
    );
    expect(calls.puts).toBe(5);
  });

  it('fails with any other error', async () => {
    const key = newKey();
    const { table } = tableWith(() => Promise.reject(new Error('throttled')));
    const update = table.update(key, decideBy(key, 'c1'), { over: 'any check' });
    await expect(update).rejects.toThrow('throttled');
  });
});

describe('a case whose messages are too large for an item', () => {
  /** Ids that cannot be compressed: about 100 KB in all. */
  const largeMessage = (id: string) =>
    ({ id, type: 'check.late', checkId: randomBytes(100_000).toString('base64') }) as Message;
  const decisionsOf = (count: number): PendingDecision[] =>
    Array.from({ length: count }, (_, index) => ({
      checkId: `c${index}`,
      messages: [{ message: largeMessage(`m${index}`), to: ['alerts', 'orders'] }],
      record: randomBytes(50_000),
      rows: [{ sk: 'row', attributes: { at: index } }],
    }));
  const keyOf = (): Key => ({ pk: 'account#large', sk: 'case' });
  const pendingIn = (pending: readonly PendingDecision[], key = keyOf()): StoredCase => ({
    ...caseAt(key, undefined, 'c9'),
    pending,
    expiresAtSeconds: 1_000,
  });
  const newTable = () => {
    const memory = new MemoryTable();
    const margin = () => new MarginTable({ dynamo: memory.client, table: 'margin' });
    return { memory, margin };
  };
  const partsIn = ({ memory }: ReturnType<typeof newTable>) =>
    memory.rows('account#large/pending#');

  it.each([1, 2, 8, 40])('reads back as it was written: %i decisions', async (count) => {
    const table = newTable();
    const pending = decisionsOf(count);
    await table.margin().update(keyOf(), () => pendingIn(pending), { over: 'any check' });
    expect((await table.margin().read(keyOf()))?.pending).toEqual(pending);
    expect(partsIn(table).length > 0).toBe(count > 1);
    expect(table.memory.largest).toBeLessThan(ITEM_BYTES_MAX);
    expect(table.memory.rows('account#large/case')).toMatchObject([
      { openSubject: expect.stringMatching(/^v\d+ account#large$/) },
    ]);
  });

  it('has its parts before it, and they expire', async () => {
    const table = newTable();
    const names: unknown[] = [];
    table.memory.onPut = ({ sk }) => names.push(sk?.S?.split('#')[0]);
    await table.margin().update(keyOf(), () => pendingIn(decisionsOf(8)), { over: 'any check' });
    expect(names).toEqual([...Array(names.length - 1).fill('pending'), 'case']);
    for (const part of partsIn(table)) expect(part.expiresAtSeconds).toBeGreaterThan(1_000);
  });

  it('puts only the parts that are new when a decision is added', async () => {
    const table = newTable();
    const pending = decisionsOf(20);
    await table.margin().update(keyOf(), () => pendingIn(pending), { over: 'any check' });
    const before = partsIn(table).length;
    const { puts } = table.memory;
    const add = (stored: StoredCase | undefined): StoredCase => ({
      ...(stored as StoredCase),
      pending: [...(stored?.pending ?? []), ...decisionsOf(1)],
    });
    await table.margin().update(keyOf(), add, { over: 'any check' });
    expect(before).toBeGreaterThan(5);
    expect(table.memory.puts - puts).toBeLessThanOrEqual(3);
    expect((await table.margin().read(keyOf()))?.pending).toHaveLength(21);
  });

  it('is small again when little is left of it', async () => {
    const table = newTable();
    const pending = decisionsOf(8);
    await table.margin().update(keyOf(), () => pendingIn(pending), { over: 'any check' });
    const keep = (stored: StoredCase | undefined): StoredCase => ({
      ...(stored as StoredCase),
      pending: stored?.pending.slice(-1) ?? [],
    });
    await table.margin().update(keyOf(), keep, { over: 'any check' });
    expect(table.memory.rows('account#large/case')).toMatchObject([{ pending: [{}] }]);
    expect((await table.margin().read(keyOf()))?.pending).toEqual(pending.slice(-1));
  });

  it('of another run is not changed by a run that loses against it', async () => {
    const table = newTable();
    const theirs = decisionsOf(8);
    const ours = decisionsOf(8);
    const rival = () =>
      table.margin().update(keyOf(), () => pendingIn(theirs), { over: 'any check' });
    let isFirst = true;
    table.memory.onPut = ({ sk }) => {
      if (!isFirst || sk?.S !== 'case') return;
      isFirst = false;
      throw new Error('killed before the case');
    };
    const killed = table.margin().update(keyOf(), () => pendingIn(ours), { over: 'any check' });
    await expect(killed).rejects.toThrow('killed');
    await rival();
    expect((await table.margin().read(keyOf()))?.pending).toEqual(theirs);
  });

  it('with a part missing is refused in one line that names it', async () => {
    const table = newTable();
    await table.margin().update(keyOf(), () => pendingIn(decisionsOf(8)), { over: 'any check' });
    const parts = partsIn(table).length;
    const [stored] = table.memory.rows('account#large/case');
    const [sk = ''] = (stored?.pendingParts ?? []) as string[];
    const name = `account#large/${sk}`;
    const Key = { pk: { S: 'account#large' }, sk: { S: sk } };
    await table.memory.client.send(new DeleteItemCommand({ TableName: 'margin', Key }));
    await expect(table.margin().read(keyOf())).rejects.toThrow(
      new RegExp(`^${name} is missing: part 1 of ${parts}$`),
    );
  });
});
