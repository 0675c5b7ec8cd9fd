/** Every command has examples in its help, and each runs as it stands. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHandler } from '../../../lambda/check.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { EXAMPLES } from '../../../local/cli/examples.ts';
import { writeBook } from '../../../local/cli/load.ts';
import { readBook } from '../../../local/load/read-book.ts';
import { environmentOf } from './margin.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

let services: Services;
let folder: string;
let stack: ReturnType<typeof createServer>;

/** CloudFormation, as far as the commands ask it: where the tables and topics are. */
function startStack({ config }: Services) {
  const outputs = {
    AccountsTableName: config.accountsTable,
    MarketTableName: config.marketTable,
    MarginTableName: config.marginTable,
    AlertsTopicArn: config.alertsTopicArn,
    OrdersTopicArn: config.ordersTopicArn,
    CheckIntervalSeconds: String(config.checkIntervalSeconds),
  };
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const described =
    '<DescribeStacksResponse><DescribeStacksResult><Stacks><member>' +
    '<StackName>MarginChecker</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>' +
    `<StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs>` +
    '</member></Stacks></DescribeStacksResult></DescribeStacksResponse>';
  return createServer((_request, response) => {
    response.setHeader('content-type', 'text/xml');
    response.end(described);
  });
}

beforeAll(async () => {
  services = await startServices();
  const now = Date.now();
  const { rows } = await readBook(join(ROOT, 'docs/examples/book'), now);
  await writeBook({ dynamo: services.dynamo, tables: services.config, rows });
  const time = new Date(now).toISOString();
  const event = { source: 'aws.scheduler', 'detail-type': 'Scheduled Event', time };
  await createHandler({ ...services, now: () => now + 250 })(event);
  stack = startStack(services).listen(0, '127.0.0.1');
  await once(stack, 'listening');
  folder = mkdtempSync(join(tmpdir(), 'margin-examples-'));
  for (const each of ['docs', 'test']) symlinkSync(join(ROOT, each), join(folder, each));
  const command = `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, 'bin/margin.ts')} "$@"\n`;
  writeFileSync(join(folder, 'margin'), command, { mode: 0o755 });
});

afterAll(async () => {
  stack?.close();
  rmSync(folder, { recursive: true, force: true });
  await services?.close();
});

async function run(line: string) {
  const { port } = stack.address() as AddressInfo;
  const base = await environmentOf(services);
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn('sh', ['-c', line], {
    cwd: folder,
    env: {
      ...base,
      PATH: `${folder}:${process.env.PATH}`,
      AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH: endpoint,
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const [code] = await once(child, 'close');
  return { code, said };
}

/** They listen until Ctrl-C, or for a minute. */
const LONG = ['watch'];

const lines = Object.entries(EXAMPLES).flatMap(([name, each]) =>
  each.map((line) => [line, name] as const),
);

it.each(lines.filter(([, name]) => !LONG.includes(name)))(
  '%s',
  async (line) => {
    const { code, said } = await run(line);
    // 1 and 3 are findings about the book; 2 and above 3 are faults of the line.
    expect([0, 1, 3], said).toContain(code);
    expect(said).not.toMatch(/\n {4}at .*\.ts:|error: unknown/);
  },
  120_000,
);

it('margin watch --severity warning', async () => {
  const { said } = await run('margin watch --severity warning --seconds 3');
  expect(said).toContain('watching; press Ctrl-C to stop');
}, 120_000);
