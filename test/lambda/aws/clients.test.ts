import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import {
  checkpointBucket,
  PART_ATTEMPTS_MAX,
  PART_TIMEOUT_MS,
} from '../../../lambda/aws/certificate-services.ts';
import { ATTEMPTS_MAX, createClients, TIMEOUTS } from '../../../lambda/aws/clients.ts';

afterEach(() => vi.unstubAllEnvs());

it.each(['dynamo', 'sns'] as const)(
  'the client %s finds the credentials of a function',
  async (name) => {
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'token');
    const { config } = createClients()[name];
    expect(await config.region()).toBe('eu-central-1');
    expect(await config.credentials()).toMatchObject({ accessKeyId: 'key', sessionToken: 'token' });
  },
);

it('no answer is copied for a log', () => {
  const { dynamo, sns } = createClients();
  for (const { config } of [dynamo, sns]) expect(config.logger?.info).toBeUndefined();
});

const local = (port: number) => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'us-east-1',
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
});

async function listening(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return local((server.address() as AddressInfo).port);
}

const CALL = new GetItemCommand({ TableName: 'margin', Key: { pk: { S: 'a' } } });

it('all attempts of a call fit into the time that a check of a minute keeps', async () => {
  const keptMs = 0.2 * 60_000;
  const waitedMsMax = 1_500;
  expect(ATTEMPTS_MAX * TIMEOUTS.requestTimeout + waitedMsMax).toBeLessThan(keptMs);
  const { dynamo } = createClients(
    await listening((_, response) => {
      response.writeHead(400).end('{}');
    }),
  );
  expect(await dynamo.config.maxAttempts()).toBe(ATTEMPTS_MAX);
  await expect(dynamo.send(CALL)).rejects.toThrow();
  // Known after the first call.
  const handler = dynamo.config.requestHandler as unknown as { httpHandlerConfigs(): object };
  expect(handler.httpHandlerConfigs()).toMatchObject(TIMEOUTS);
});

it('so do all attempts of a call to the bucket of checkpoints', async () => {
  const keptMs = 0.2 * 60_000;
  const waitedMsMax = 1_500;
  expect(PART_ATTEMPTS_MAX * PART_TIMEOUT_MS + waitedMsMax).toBeLessThan(keptMs);
  let calls = 0;
  const settings = await listening((_, response) => {
    calls++;
    response.writeHead(500).end();
  });
  await expect(checkpointBucket('bucket', settings).get('part')).rejects.toThrow();
  expect(calls).toBe(PART_ATTEMPTS_MAX);
});

it('a service that takes the call and says nothing is an error', async () => {
  const { dynamo } = createClients({
    ...(await listening(() => undefined)),
    requestHandler: { ...TIMEOUTS, requestTimeout: 20 },
  });
  await expect(dynamo.send(CALL)).rejects.toThrow('requestTimeout');
});

it('a part of which no more comes is an error', async () => {
  const settings = await listening((_, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('a piece');
  });
  const bucket = checkpointBucket('bucket', {
    ...settings,
    requestHandler: { ...TIMEOUTS, socketTimeout: 100 },
  });
  await expect(bucket.get('part')).rejects.toThrow();
});

it('a part that is cut off is an error', async () => {
  const settings = await listening((_, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('a piece');
    setTimeout(() => response.destroy(), 20);
  });
  await expect(checkpointBucket('bucket', settings).get('part')).rejects.toThrow();
});
