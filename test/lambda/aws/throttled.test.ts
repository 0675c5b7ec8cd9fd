import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { inItsTurn } from '../../../lambda/aws/throttled.ts';
import type { StoredCase } from '../../../lambda/outbox/stored-case.ts';
import { TABLES } from '../../../lib/names.ts';
import { MemoryTables } from '../../aws/memory-tables.ts';
import { Process } from '../../aws/network.ts';
import { VirtualTime } from '../../aws/virtual-time.ts';

const KEY = { pk: 'account#large', sk: 'case' };

/** Cannot be compressed: about 270 KB each, once it is text. */
const caseWith = (decisions: number): StoredCase => ({
  key: KEY,
  version: 0,
  checkId: 'c1',
  state: {},
  isActive: true,
  pending: Array.from({ length: decisions }, (_, index) => ({
    checkId: `c${index}`,
    messages: [],
    record: new Uint8Array(randomBytes(200_000)),
  })),
});

function opened() {
  const time = new VirtualTime(0);
  const tables = new MemoryTables({ time, definitions: TABLES });
  const fateOf = () => ({ requestMs: 20 });
  const process = new Process({ task: 'a check', time, dynamo: tables, sns: tables, fateOf });
  const tableOf = () =>
    new MarginTable({ dynamo: process.dynamo, table: 'margin', stopwatch: process });
  return { time, tableOf };
}

/**
 * A partition takes 1,000 KB a second: three parts of 360 KB are too many. Up to six the SDK's own
 * attempts are enough; twelve were never written, and with them no message of that account.
 */
it.each([
  [2, 1],
  [8, 10],
  [12, 10],
  [18, 15],
])(
  'writes and reads a case of %i large decisions within %i seconds',
  async (decisions, seconds) => {
    const { time, tableOf } = opened();
    const stored = caseWith(decisions);
    let read: StoredCase | undefined;
    const work = async () => {
      await tableOf().update(KEY, () => stored, { over: 'any check' });
      read = await tableOf().read(KEY);
    };
    void work();
    await time.runUntil(seconds * 1000);
    expect(read?.pending.map(({ record }) => Buffer.from(record ?? []).length)).toEqual(
      stored.pending.map(() => 200_000),
    );
  },
);

/** The scores of some thousand feeds, written at once. */
it('writes eight large pages of one partition', async () => {
  const { time, tableOf } = opened();
  const table = tableOf();
  const feeds = new Uint8Array(randomBytes(300_000));
  const puts = Array.from({ length: 8 }, (_, page) =>
    table.putLater({ pk: 'scores', sk: `page-${page}` }, { checkId: 'c1', feeds }, undefined),
  );
  const written = Promise.all(puts);
  await time.runUntil(10_000);
  expect(await written).toEqual(puts.map(() => true));
});

it('waits for nothing else, and not for ever', async () => {
  let waits = 0;
  const wait = async () => {
    waits++;
  };
  const fail = (name: string) => () => Promise.reject(Object.assign(new Error(name), { name }));
  await expect(inItsTurn(fail('AccessDeniedException'), { wait })).rejects.toThrow('AccessDenied');
  expect(waits).toBe(0);
  await expect(inItsTurn(fail('ThrottlingException'), { wait })).rejects.toThrow('Throttling');
  expect(waits).toBe(9);
});
