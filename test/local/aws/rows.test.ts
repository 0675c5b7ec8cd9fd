import type { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test, vi } from 'vitest';
import { Numeral } from '../../../lambda/rows/numeral.ts';
import { put, putExactly, writeRows } from '../../../local/aws/rows.ts';

vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

const requests = (count: number) =>
  Array.from({ length: count }, (_, index) => put({ kind: 'quote', id: `${index}` }));

function table(takesMost: number) {
  const sizes: number[] = [];
  const send = async ({ input }: BatchWriteItemCommand) => {
    const batch = input.RequestItems?.market ?? [];
    sizes.push(batch.length);
    const left = batch.slice(takesMost);
    return { UnprocessedItems: left.length === 0 ? {} : { market: left } };
  };
  return { dynamo: { send } as unknown as DynamoDBClient, sizes };
}

test('rows that a batch leaves unwritten are written again', async () => {
  const { dynamo, sizes } = table(10);
  const written: number[] = [];
  const onWritten = (rows: number) => written.push(rows);
  await writeRows(dynamo, { table: 'market', requests: requests(25), onWritten });
  expect(sizes).toEqual([25, 15, 5]);
  expect(written).toEqual([25]);
});

test('a table that accepts nothing is given up after some attempts, and named', async () => {
  const { dynamo, sizes } = table(0);
  await expect(writeRows(dynamo, { table: 'market', requests: requests(3) })).rejects.toThrow(
    'the table market is throttled: 3 rows of a batch are still unwritten after 9 attempts; ' +
      'try again later',
  );
  expect(sizes).toHaveLength(9);
});

test('an empty list of rows causes no request', async () => {
  const { dynamo, sizes } = table(25);
  await writeRows(dynamo, { table: 'market', requests: [] });
  expect(sizes).toEqual([]);
});

test('numbers keep every digit when they are written', () => {
  const text = '0.1234567890123456789012345678901234';
  const { PutRequest } = putExactly({
    price: new Numeral(text),
    list: [{ n: new Numeral('1.50') }],
  });
  expect(PutRequest?.Item).toEqual({
    price: { N: text },
    list: { L: [{ M: { n: { N: '1.50' } } }] },
  });
});

test('labels may have any name', () => {
  const { PutRequest } = putExactly({ labels: { constructor: 'x', toString: 'y' } });
  expect(PutRequest?.Item).toEqual({
    labels: { M: { constructor: { S: 'x' }, toString: { S: 'y' } } },
  });
});
