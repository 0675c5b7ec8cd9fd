import { afterEach, expect, test, vi } from 'vitest';
import { createClients } from '../../lambda/aws/clients.ts';

afterEach(() => vi.unstubAllEnvs());

test('credentials come from the environment, as a function has them', async () => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const { dynamo, sns } = createClients();
  for (const client of [dynamo, sns]) {
    expect(await client.config.credentials()).toMatchObject({ accessKeyId: 'id' });
    client.destroy();
  }
});
