/** Dynalite has no lag, no limits of a partition and no expiry, so these rules are tested here. */
import {
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { TABLES } from '../../lib/names.ts';
import type { Change } from './memory-table.ts';
import { MemoryTables } from './memory-tables.ts';
import { VirtualTime } from './virtual-time.ts';

function opened() {
  const time = new VirtualTime(0);
  const changes: Change[] = [];
  const tables = new MemoryTables({
    time,
    definitions: TABLES,
    onChange: (each) => changes.push(each),
  });
  return { time, tables, changes };
}

const row = (sk: string, rest: object = {}, pk = 'a') => ({
  pk: { S: pk },
  sk: { S: sk },
  ...rest,
});
const put = (Item: object) => new PutItemCommand({ TableName: 'margin', Item } as never);
const get = (sk: string, ConsistentRead: boolean) =>
  new GetItemCommand({ TableName: 'margin', Key: row(sk), ConsistentRead });

it('shows an eventually consistent read and the index what was there a moment ago', async () => {
  const { time, tables } = opened();
  tables.lagMs = 500;
  tables.answer(put(row('case', { openSubject: { S: 'a' } })));
  const index = new ScanCommand({ TableName: 'margin', IndexName: 'open-cases' });
  expect(tables.answer(get('case', true))).toHaveProperty('Item');
  expect(tables.answer(get('case', false))).toEqual({});
  expect(tables.answer(index)).toMatchObject({ Items: [] });
  await time.runUntil(500);
  expect(tables.answer(get('case', false))).toHaveProperty('Item');
  expect(tables.answer(index)).toMatchObject({ Items: [row('case', { openSubject: { S: 'a' } })] });
});

it('throttles a partition beyond its units a second, and no other', async () => {
  const { time, tables } = opened();
  const large = { text: { S: 'x'.repeat(399_000) } };
  tables.answer(put(row('1', large)));
  tables.answer(put(row('2', large)));
  const third = () => tables.answer(put(row('3', large)));
  expect(third).toThrow(
    expect.objectContaining({ name: 'ProvisionedThroughputExceededException' }),
  );
  tables.answer(put(row('1', large, 'b')));
  await time.runUntil(1_000);
  expect(third).not.toThrow();
});

it('ends a page after 1 MB', async () => {
  const { time, tables } = opened();
  for (const sk of ['1', '2', '3', '4']) {
    tables.answer(put(row(sk, { text: { S: 'x'.repeat(390_000) } })));
    await time.runUntil(time.now + 1_000);
  }
  const query = {
    TableName: 'margin',
    KeyConditionExpression: 'pk = :a',
    ExpressionAttributeValues: { ':a': { S: 'a' } },
  };
  const first = tables.answer(new QueryCommand(query)) as {
    Items: object[];
    LastEvaluatedKey: object;
  };
  expect(first.Items).toHaveLength(3);
  expect(first.LastEvaluatedKey).toEqual(row('3'));
});

it('deletes what has expired, and says so', async () => {
  const { time, tables, changes } = opened();
  tables.answer(put(row('old', { expiresAtSeconds: { N: '10' } })));
  await time.runUntil(10_000);
  tables.expire();
  expect(tables.items('margin')).toHaveLength(1);
  await time.runUntil(10_001);
  tables.expire();
  expect(tables.items('margin')).toEqual([]);
  expect(changes.at(-1)).toMatchObject({ keys: row('old'), newImage: undefined });
});

it.each([
  [
    'an item over 400 KB',
    put(row('1', { text: { S: 'x'.repeat(410_000) } })),
    'ValidationException',
  ],
  ['a sort key over 1,024 bytes', put(row('x'.repeat(1_025))), 'ValidationException'],
  ['39 digits', put(row('1', { n: { N: '1'.repeat(39) } })), 'ValidationException'],
  ['no number', put(row('1', { n: { N: '0x10' } })), 'ValidationException'],
  ['an unknown table', new ScanCommand({ TableName: 'none' }), 'ResourceNotFoundException'],
  [
    'a consistent read of the index',
    new ScanCommand({ TableName: 'margin', IndexName: 'open-cases', ConsistentRead: true }),
    'ValidationException',
  ],
  [
    '26 writes',
    new BatchWriteItemCommand({
      RequestItems: {
        margin: Array.from({ length: 26 }, (_, n) => ({ PutRequest: { Item: row(String(n)) } })),
      },
    } as never),
    'ValidationException',
  ],
])('refuses %s', (_what, command, name) => {
  const { tables } = opened();
  expect(() => tables.answer(command)).toThrow(expect.objectContaining({ name }));
});

it('knows no operation that it does not simulate', () => {
  const { tables } = opened();
  const query = {
    TableName: 'margin',
    IndexName: 'open-cases',
    KeyConditionExpression: 'openSubject = :a',
    ExpressionAttributeValues: { ':a': { S: 'a' } },
  };
  expect(() => tables.answer(new QueryCommand(query))).toThrow('is not simulated');
});
