/** The command `margin` in a process of its own, on embedded services. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Services } from '../../../local/aws/services.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface Ending {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The variables of the function and the address of AWS. Without services, neither. */
export async function environmentOf(services: Services | undefined) {
  const base = { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nowhere' };
  if (services === undefined) return base;
  const { config, dynamo, sns, sqs } = services;
  return {
    ...base,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: await urlOf(dynamo),
    AWS_ENDPOINT_URL_SNS: await urlOf(sns),
    AWS_ENDPOINT_URL_SQS: await urlOf(sqs),
    ACCOUNTS_TABLE: config.accountsTable,
    MARKET_TABLE: config.marketTable,
    MARGIN_TABLE: config.marginTable,
    ALERTS_TOPIC_ARN: config.alertsTopicArn,
    ORDERS_TOPIC_ARN: config.ordersTopicArn,
    CHECK_INTERVAL_SECONDS: String(config.checkIntervalSeconds),
  };
}

async function urlOf(client: Services['dynamo'] | Services['sns'] | Services['sqs']) {
  const endpoint = await client.config.endpoint?.();
  return `http://${endpoint?.hostname}:${endpoint?.port}`;
}

export interface Running {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ending: Promise<Ending>;
}

export async function startMargin(
  services: Services | undefined,
  ...words: readonly string[]
): Promise<Running> {
  const env = await environmentOf(services);
  const child = spawn(process.execPath, ['bin/margin.ts', ...words], { cwd: ROOT, env });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => {
    said.out += text;
  });
  child.stderr.on('data', (text) => {
    said.err += text;
  });
  const ending = once(child, 'close').then(([code]) => ({ ...said, code }));
  return { process: child, ending };
}

export async function runMargin(services: Services | undefined, ...words: readonly string[]) {
  return (await startMargin(services, ...words)).ending;
}
