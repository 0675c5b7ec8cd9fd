import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, it, onTestFinished } from 'vitest';
import { put, readAccountRows, readMarketRow, remove, writeRows } from '../../../local/aws/rows.ts';
import { startServices } from '../../../local/aws/services.ts';
import { putQuote, writeMarked } from '../../../local/aws/writers.ts';

async function open() {
  const services = await startServices();
  onTestFinished(() => services.close());
  return services;
}

const usd = (amount: string) => {
  return { accountId: 'alice', item: 'balance#USD', asset: 'USD', amount };
};
const btc = { accountId: 'alice', item: 'balance#BTC', asset: 'BTC', amount: '1' };
const profile = { accountId: 'alice', item: 'profile', marginModel: 'portfolio' };

/** Whether the profile was marked when each call had been made. */
function watched(dynamo: DynamoDBClient, table: string) {
  const marks: unknown[] = [];
  const send = async (command: never) => {
    const answer = await dynamo.send(command);
    const rows = await readAccountRows(dynamo, { table, accountId: 'alice' });
    marks.push(rows.some(({ changing }) => changing === true));
    return answer;
  };
  return { dynamo: { send } as unknown as DynamoDBClient, marks };
}

it.each([
  ['a profile', [profile, usd('5')]],
  ['no profile', [usd('5')]],
])(
  'marks an account with %s during a change, and leaves nothing but the change',
  async (_, rows) => {
    const { dynamo, config } = await open();
    const { accountsTable: table } = config;
    await writeRows(dynamo, { table, requests: rows.map(put) });
    const { dynamo: seen, marks } = watched(dynamo, table);
    const requests = [put(btc), remove(usd('5'))];
    await writeMarked(seen, { table, accountId: 'alice', requests });
    expect(marks).toEqual([false, true, true, false]);
    const kept = rows.filter(({ item }) => item === 'profile');
    expect(await readAccountRows(dynamo, { table, accountId: 'alice' })).toEqual([btc, ...kept]);
  },
);

it('does not mark the change of one row', async () => {
  const { dynamo, config } = await open();
  const { accountsTable: table } = config;
  const { dynamo: seen, marks } = watched(dynamo, table);
  await writeMarked(seen, { table, accountId: 'alice', requests: [put(usd('7'))] });
  expect(marks).toEqual([false]);
});

it('puts a quote only over an older one', async () => {
  const { dynamo, config } = await open();
  const { marketTable: table } = config;
  const quoted = (price: string, publishedAt: number) =>
    putQuote(dynamo, { table, quote: { kind: 'quote', id: 'BTC-USD#a', price, publishedAt } });
  expect([await quoted('1', 9), await quoted('2', 10), await quoted('3', 9)]).toEqual([
    true,
    true,
    false,
  ]);
  expect(await quoted('4', 10), 'the same again').toBe(false);
  expect(await readMarketRow(dynamo, { table, kind: 'quote', id: 'BTC-USD#a' })).toMatchObject({
    price: '2',
  });
});
