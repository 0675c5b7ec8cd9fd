import { afterEach, expect, it, vi } from 'vitest';
import { createClients } from '../../../lambda/aws/clients.ts';

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
