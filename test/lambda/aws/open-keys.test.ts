/** The index of open cases, as it is listed. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { itemOf, listedKeys } from '../../../lambda/aws/case-item.ts';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { clientOf } from '../../aws/client.ts';

const text = (S: string) => ({ S });
const entry = (pk: string, openSubject: string) => ({
  ...{ pk: text(pk), sk: text('case') },
  openSubject: text(openSubject),
});

const listed = (Items: readonly object[]) =>
  new MarginTable({
    dynamo: clientOf(DynamoDBClient, async () => ({ Items })),
    table: 'margin',
  }).openKeys();

it.each([
  ['as it was written last', [entry('a', 'v12 a')], 12],
  ['one that an older version of the checker has written', [entry('a', 'a')], undefined],
  // The old entry and the new one, in any order.
  ['one that a write moves just now', [entry('a', 'v3 a'), entry('a', 'v2 a')], undefined],
])('tells the version of a case: %s', async (_name, entries, version) => {
  expect(await listed(entries)).toEqual([{ pk: 'a', sk: 'case', version }]);
});

it.each(['account#a', `account#${'ж'.repeat(1020)}`])('fits into its key: %#', (pk) => {
  const { item } = itemOf({
    ...{ key: { pk, sk: 'case' }, version: 7, checkId: 'c', state: {} },
    ...{ isActive: true, pending: [] },
  });
  const { S = '' } = item.openSubject as { readonly S?: string };
  expect(Buffer.byteLength(S)).toBeLessThanOrEqual(2048);
  expect(listedKeys([item])).toMatchObject([{ pk, sk: 'case', version: 7 }]);
});
