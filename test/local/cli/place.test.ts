import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { recordPartKeys } from '../../../lambda/outbox/parts.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { writeBook } from '../../../local/cli/load.ts';
import { readBook } from '../../../local/load/read-book.ts';
import { runMargin } from './margin.ts';

let services: Services;
beforeAll(async () => {
  services = await startServices();
  const { rows } = await readBook('docs/examples/book', Date.now());
  await writeBook({ dynamo: services.dynamo, tables: services.config, rows });
});
afterAll(() => services.close());

it('margin invoke runs a check on the tables of the environment, and margin replay repeats its decision', async () => {
  const time = new Date().toISOString();
  const event = join(tmpdir(), `event-${process.pid}.json`);
  const body = { source: 'aws.scheduler', 'detail-type': 'Scheduled Event', time };
  await writeFile(event, JSON.stringify(body));
  const invoked = await runMargin(services, 'invoke', event, '--environment', '--json');
  expect(invoked.code).toBe(0);
  expect(JSON.parse(invoked.out).summary).toMatchObject({ checkId: time, accounts: 6 });
  const words = ['--account', 'called-long', '--check', time, '--environment', '--json'];
  const replayed = await runMargin(services, 'replay', ...words);
  expect(JSON.parse(replayed.out)).toMatchObject({ accountId: 'called-long', matches: true });
});

it('margin replay puts a record in parts together, and names the part that is missing', async () => {
  const { dynamo, config } = services;
  const TableName = config.marginTable;
  const { Items: items = [] } = await dynamo.send(new ScanCommand({ TableName }));
  const row = items.find(({ record, pk }) => record && pk?.S === 'account#called-long');
  const bytes = row?.record?.B ?? new Uint8Array();
  const checkId = '2020-01-01T00:00:00.000Z';
  const parts = [bytes.subarray(0, 1000), bytes.subarray(1000, 2000), bytes.subarray(2000)];
  const key = { pk: 'account#called-long', sk: `decision#${checkId}` };
  const margin = new MarginTable({ dynamo, table: TableName });
  for (const [index, { pk, sk }] of recordPartKeys(key, parts.length).entries()) {
    await margin.putRow({ pk, sk }, { part: parts[index] });
  }
  await margin.putRow(key, { parts: parts.length });
  const words = ['--account', 'called-long', '--check', checkId, '--table', TableName, '--json'];
  const whole = await runMargin(services, 'replay', ...words);
  expect(JSON.parse(whole.out)).toMatchObject({ accountId: 'called-long', matches: true });

  const file = join(tmpdir(), `record-${process.pid}.json`);
  await writeFile(file, JSON.stringify({ Item: { parts: { N: '3' } } }));
  expect(await runMargin(undefined, 'replay', file)).toMatchObject({
    code: 2,
    err: `margin: ${file}: the record lies in parts; use --account and --check instead\n`,
  });

  const [, second] = recordPartKeys(key, parts.length);
  const Key = { pk: { S: key.pk }, sk: { S: second?.sk ?? '' } };
  await dynamo.send(new DeleteItemCommand({ TableName, Key }));
  const { code, err } = await runMargin(services, 'replay', ...words);
  expect({ code, err }).toEqual({
    code: 2,
    err:
      `margin: margin account#called-long/decision#${checkId}: account#called-long/part#${checkId}#002 ` +
      'is missing: part 2 of 3; restore the table to a time when it had it\n',
  });
});

it('margin replay needs no stack if the table is named', async () => {
  const words = ['--account', 'nobody', '--check', 'c', '--table', 'margin'];
  const { code, err } = await runMargin(services, 'replay', ...words);
  expect({ code, err }).toEqual({
    code: 2,
    err: 'margin: margin account#nobody/decision#c: no such record; check --account, --check and --position\n',
  });
});

it('margin replay without input says what it needs', async () => {
  const { code, err } = await runMargin(undefined, 'replay', '--account', 'a');
  expect({ code, err }).toEqual({
    code: 2,
    err: 'margin: no record given: name a file, or use --account with --check\n',
  });
});

it.each(['status', 'watch'])(
  'margin %s without its variables names the first one missing',
  async (command) => {
    expect(await runMargin(undefined, command, '--environment')).toMatchObject({
      code: 2,
      err: 'margin: --environment: the environment variable ACCOUNTS_TABLE is missing\n',
    });
  },
);

it('margin status without a region says what to set', async () => {
  const { code, err } = await runMargin(undefined, 'status');
  expect({ code, err }).toEqual({
    code: 2,
    err: 'margin: no AWS region: set AWS_REGION, such as AWS_REGION=eu-west-1 (Region is missing)\n',
  });
});

it('a missing stack is named with what to do', async () => {
  const server = createServer((_, response) => {
    response
      .writeHead(400, { 'content-type': 'text/xml' })
      .end(
        '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error>' +
          '<Type>Sender</Type><Code>ValidationError</Code>' +
          '<Message>Stack with id Mine does not exist</Message></Error></ErrorResponse>',
      );
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const words = ['status', '--stack', 'Mine', '--endpoint', endpoint];
  const { code, err } = await runMargin(services, ...words);
  server.close();
  expect(code).toBe(2);
  expect(err).toMatch(/^margin: stack Mine: not found in this account and region; deploy it/);
});
