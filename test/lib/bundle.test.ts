import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MarginChecker } from '../../lib/margin-checker.ts';
import { definesOf, ENTRIES, entryOf } from '../../lib/node-function.ts';
import { put, writeRows } from '../../local/aws/rows.ts';
import { startServices } from '../../local/aws/services.ts';
import { bundle, CHECK_ENTRY } from '../../local/bench/bundle.ts';
import { environmentOf } from '../local/cli/margin.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'margin-bundle-'));
const file = join(folder, 'index.js');
let bytes = 0;
const SLOTS_BYTES_MAX = 750_000;
const WORKER_BYTES_MAX = 1_200_000;
const EVENTS_BYTES_MAX = 900_000;

beforeAll(async () => {
  bytes = await bundle(CHECK_ENTRY, file);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs one check of an empty book from the file, as Lambda would, and returns its metrics. */
async function checkOf(bundled: string) {
  const services = await startServices();
  try {
    const { dynamo, config } = services;
    const requests = [put({ kind: 'policy', id: 'default' })];
    await writeRows(dynamo, { table: config.marketTable, requests });
    const env = { ...(await environmentOf(services)), SERVICE_NAME: 'Desk-Checker' };
    const event = {
      source: 'aws.scheduler',
      'detail-type': 'Scheduled Event',
      time: new Date().toISOString(),
    };
    const script = `require(${JSON.stringify(bundled)}).handler(${JSON.stringify(event)})`;
    const { stdout } = await run(process.execPath, ['--eval', script], { env });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { _aws, service } = lines.find((line) => line._aws !== undefined);
    const [{ Namespace, Dimensions, Metrics }] = _aws.CloudWatchMetrics;
    expect({ Namespace, Dimensions }).toEqual({
      Namespace: 'MarginChecker',
      Dimensions: [['service']],
    });
    const reported: string[] = Metrics.map(({ Name }: { Name: string }) => Name);
    return { service, reported };
  } finally {
    await services.close();
  }
}

function alarmsOn(namespace: string) {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Desk');
  new MarginChecker(stack, 'Checker');
  const alarms = Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm');
  return Object.values(alarms)
    .map(({ Properties }) => Properties)
    .filter(({ Namespace }) => Namespace === namespace);
}

describe('the bundled function', () => {
  it('is one file of less than 1.45 MB', () => {
    expect(readdirSync(folder)).toEqual(['index.js']);
    expect(bytes).toBeGreaterThan(300_000);
    expect(bytes).toBeLessThan(1_450_000);
  });

  it('needs less than the one with certificates, which runs as well', async () => {
    const certified = join(folder, 'certified.js');
    const size = await bundle(entryOf('check-certified'), certified);
    expect(size).toBeGreaterThan(bytes + 300_000);
    expect(size).toBeLessThan(2_200_000);
    expect((await checkOf(certified)).reported).toContain('CompleteChecks');
    const { SOURCES_DIGEST = '' } = definesOf();
    expect(readFileSync(certified, 'utf8').replaceAll('\\\n', '')).toContain(SOURCES_DIGEST);
    rmSync(certified);
  });

  it('runs unchanged, and its stack traces name the sources', async () => {
    const { handler } = createRequire(import.meta.url)(file);
    const failure = await handler({}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'ConfigError' });
    expect(failure.stack).toContain('readConfig');
  });

  it('reports metrics under exactly the names and dimension that the alarms watch', async () => {
    const { service, reported } = await checkOf(file);
    expect(service).toBe('Desk-Checker');
    const watched = alarmsOn('MarginChecker');
    expect(watched.length).toBeGreaterThan(3);
    for (const { MetricName, Dimensions } of watched) {
      expect(Dimensions).toEqual([{ Name: 'service', Value: service }]);
      expect(reported).toContain(MetricName);
    }
  });

  it('contains no message schema, as a cold start would build them all', () => {
    // Long lines are cut, with a backslash inside a text.
    const code = readFileSync(file, 'utf8').replaceAll('\\\n', '');
    expect(code).toContain('Action when a call reaches its deadline.');
    expect(code).not.toContain('the same event always has the same id');
    expect(code).not.toContain('The same event always has the same id');
  });
});

it('a package has the entry of every function', () => {
  const text = readFileSync(new URL('../../tsconfig.build.json', import.meta.url), 'utf8');
  const built: readonly string[] = JSON.parse(text).files;
  expect(
    ENTRIES.map((entry) => `lambda/${entry}.ts`).filter((each) => !built.includes(each)),
  ).toEqual([]);
});

describe('the bundle of the slots function', () => {
  it('is small, loads, and has the clients of DynamoDB and SQS alone', async () => {
    const slots = join(folder, 'slots.js');
    expect(await bundle(entryOf('slots'), slots)).toBeLessThan(SLOTS_BYTES_MAX);
    const script = `require(${JSON.stringify(slots)}).handler()
      .catch((error) => process.stdout.write(error.name + ': ' + error.message))`;
    const { stdout } = await run(process.execPath, ['--eval', script], { env: {} });
    expect(stdout).toBe('ConfigError: the environment variable MARGIN_TABLE is missing');
    const code = readFileSync(slots, 'utf8').replaceAll('\\\n', '');
    const services = ['DynamoDB_20120810', 'AmazonSQS', 'AmazonSimpleNotificationService'];
    expect(services.map((service) => code.includes(service))).toEqual([true, true, false]);
    rmSync(slots);
  });
});

describe('the bundle of the worker', () => {
  it('is small, loads, and has the client of DynamoDB alone', async () => {
    const worker = join(folder, 'worker.js');
    expect(await bundle(entryOf('worker'), worker)).toBeLessThan(WORKER_BYTES_MAX);
    const script = `require(${JSON.stringify(worker)}).handler({})
      .catch((error) => process.stdout.write(error.name + ': ' + error.message))`;
    const { stdout } = await run(process.execPath, ['--eval', script], { env: {} });
    expect(stdout).toBe('ConfigError: the environment variable ACCOUNTS_TABLE is missing');
    const code = readFileSync(worker, 'utf8').replaceAll('\\\n', '');
    const services = ['DynamoDB_20120810', 'AWSGirApiService', 'AmazonSimpleNotificationService'];
    expect(services.map((service) => code.includes(service))).toEqual([true, false, false]);
    // The check has the same, so it believes what this worker has assessed.
    expect(code).toContain(definesOf().SOURCES_DIGEST);
    rmSync(worker);
  });
});

describe('the bundle of the events function', () => {
  it('is small, loads, and has the clients of DynamoDB and SQS alone', async () => {
    const events = join(folder, 'events.js');
    expect(await bundle(entryOf('events'), events)).toBeLessThan(EVENTS_BYTES_MAX);
    const script = `require(${JSON.stringify(events)}).handler({ Records: [] })
      .catch((error) => process.stdout.write(error.name + ': ' + error.message))`;
    const { stdout } = await run(process.execPath, ['--eval', script], { env: {} });
    expect(stdout).toBe('ConfigError: the environment variable MARGIN_TABLE is missing');
    const code = readFileSync(events, 'utf8').replaceAll('\\\n', '');
    const services = ['DynamoDB_20120810', 'AmazonSQS', 'AmazonSimpleNotificationService'];
    expect(services.map((service) => code.includes(service))).toEqual([true, true, false]);
    rmSync(events);
  });
});

describe('the bundle of the forwarder', () => {
  it('is small, loads, and refuses what is no message', async () => {
    const forwarder = join(folder, 'forward.js');
    expect(await bundle(entryOf('forward'), forwarder)).toBeLessThan(1_000_000);
    const event = { Records: [{ messageId: '1', body: '{}' }] };
    const script = `require(${JSON.stringify(forwarder)}).handler(${JSON.stringify(event)})
      .catch((error) => process.stdout.write(error.name))`;
    const env = {
      ...process.env,
      FORMAT: 'slack',
      SECRET_ID: 'desk/slack',
      AWS_REGION: 'eu-west-1',
    };
    const { stdout } = await run(process.execPath, ['--eval', script], { env });
    expect(stdout).toBe('QueuedMessageError');
  });
});
