import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHandler } from '../../../lambda/check.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { fundTables } from '../../../local/status/fund-tables.ts';
import { readFund } from '../../../local/status/read-fund.ts';
import { readStatus } from '../../../local/status/read-status.ts';
import { statusTables } from '../../../local/status/tables.ts';
import { runMargin } from './margin.ts';

const NOW = Date.UTC(2020, 2, 12, 11);
const at = (minute: number) => NOW + minute * 60_000;
const SAME = { 'detail-type': 'Scheduled Event', source: 'aws.scheduler' };

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.close());

async function put(table: 'accounts' | 'market' | 'margin', row: Record<string, unknown>) {
  const { accountsTable, marketTable, marginTable } = services.config;
  const TableName = { accounts: accountsTable, market: marketTable, margin: marginTable }[table];
  await services.dynamo.send(new PutItemCommand({ TableName, Item: marshall(row) }));
}

const check = (minute: number) => {
  const handler = createHandler({ ...services, now: () => at(minute) });
  return handler({ ...SAME, time: new Date(at(minute)).toISOString() });
};
const fund = () => readFund({ dynamo: services.dynamo, deployment: services.config });
const status = () =>
  readStatus({ dynamo: services.dynamo, deployment: services.config, now: at(1) });

it('margin fund shows an empty fund before any payment, and no finding', async () => {
  await put('market', { kind: 'policy', id: 'default', mode: 'enforce' });
  const { code, out } = await runMargin(services, 'fund', '--environment');
  expect({ code, out }).toEqual({
    code: 0,
    out:
      'ok: insurance fund 0, equal to the sum of its entries\n' +
      'paid in 0, drawn 0; losses shared by others 0, uncovered 0\nno entries\nno open claims\n',
  });
  expect(statusTables(await status())).not.toContain('insurance fund');
});

it('margin fund shows what was paid in, what was drawn and by whom, the newest last', async () => {
  await put('market', { kind: 'fund', id: 'seed', total: '100' });
  const debt = { accountId: 'debtor', item: 'balance#USD', asset: 'USD', amount: '-130.5' };
  await put('accounts', debt);
  await check(0);
  const { code, out } = await runMargin(services, 'fund', '--environment', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    balance: '0',
    sum: '0',
    findings: [],
    totals: { paidIn: '100', drawn: '100', socialized: '0', uncovered: '30.5' },
    sources: [{ source: 'seed', booked: '100', total: '100' }],
    entries: [
      { sequence: 1, kind: 'paid-in', source: 'seed', amount: '100', balance: '100' },
      { sequence: 2, kind: 'drawn', accountId: 'debtor', amount: '-100', balance: '0' },
    ],
    openClaims: [],
  });
  const text = fundTables(await fund());
  expect(text).toContain('ok: insurance fund 0, equal to the sum of its entries');
  expect(text).toContain('debtor');
  const found = await status();
  expect(statusTables(found)).toContain('insurance fund 0; run `margin fund` for details');
  expect(found.openCases).toMatchObject([{ accountId: 'debtor', claimed: '130.5' }]);
  expect(found).toMatchObject({
    verdict: 'CRITICAL',
    headline: expect.stringMatching(/^a loss of the last day that neither the fund nor other/),
  });
});

it('margin fund shows the newest entries of a kind, up to a limit', async () => {
  const words = ['--environment', '--json', '--limit', '1'];
  const newest = await runMargin(services, 'fund', ...words);
  expect(JSON.parse(newest.out).entries).toMatchObject([{ sequence: 2 }]);
  const paidIn = await runMargin(services, 'fund', ...words, '--kind', 'paid-in');
  expect(JSON.parse(paidIn.out).entries).toMatchObject([{ sequence: 1 }]);
  const bad = await runMargin(services, 'fund', '--environment', '--limit', '0');
  expect(bad.code).toBe(2);
});

it('margin fund says that a meter is refused', async () => {
  await put('market', { kind: 'fund', id: 'seed', total: '99' });
  expect((await fund()).findings[0]).toContain('market fund/seed: its total fell by more');
  await put('market', { kind: 'fund', id: 'seed', total: '100' });
  expect((await fund()).findings).toEqual([]);
});

it('margin fund ends with 1 if the balance is not the sum of the entries', async () => {
  const { marginTable: TableName } = services.config;
  const Key = marshall({ pk: 'fund', sk: 'entry#000000000002' });
  await services.dynamo.send(
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: 'SET amount = :amount',
      ExpressionAttributeValues: marshall({ ':amount': '-90' }),
    }),
  );
  const { code, out } = await runMargin(services, 'fund', '--environment');
  expect(code).toBe(1);
  expect(out.split('\n')[0]).toBe(
    'NOT OK: insurance fund 0: entry 2 records a balance of 0, but the entries up to it sum to 10; ' +
      'the balance is 0, but its entries sum to 10',
  );
});

it('margin fund says in one line which entry it cannot read', async () => {
  await put('margin', { pk: 'fund', sk: 'entry#000000000003', kind: 'paid-in', amount: 'much' });
  const { code, err } = await runMargin(services, 'fund', '--environment');
  expect(code).toBe(1);
  expect(err).toMatch(/^margin: an entry of the fund cannot be read: \w+ is missing\n$/);
});
