import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { Receiver } from '../../../lambda/aws/receiver.ts';
import { ConfigError, readForwardConfig } from '../../../lambda/config.ts';
import { deliverTo, type Format } from '../../../lambda/forward/deliver.ts';
import type { Answer } from '../../../lambda/forward/post.ts';
import { postJson } from '../../../lambda/forward/post.ts';
import { messageIn } from '../../../lambda/forward/queued-message.ts';
import { createForwarder } from '../../../lambda/forward.ts';
import type { Message } from '../../../lambda/messages/messages.ts';

const MESSAGE: Message = {
  type: 'feed.frozen',
  id: 'feed:BTC-USD/c/feed.frozen',
  version: 1,
  severity: 'warning',
  checkId: '2020-03-12T11:00:00.000Z',
  asOf: '2020-03-12T11:00:00.250Z',
  feed: 'BTC-USD',
  price: '6000',
  since: '2020-03-12T10:00:00.000Z',
};
const KEY = '0123456789abcdef0123456789abcdef';
const HOOK = 'https://hooks.example.com/services/T0/B0/secret';
const TAKEN: Answer = { status: 200, text: 'ok' };

interface World {
  readonly format?: Format;
  readonly secret?: string;
  readonly answers?: readonly Answer[];
}

function forwarderTo({ format = 'slack', secret = HOOK, answers = [] }: World) {
  const posted: { url: string; body: Record<string, unknown> }[] = [];
  const published: object[] = [];
  const waited: number[] = [];
  let reads = 0;
  const receiver = new Receiver({
    secrets: {
      send: async () => {
        reads++;
        return { SecretString: secret };
      },
    } as unknown as SecretsManagerClient,
    sns: {
      send: async ({ input }: { input: object }) => published.push(input),
    } as unknown as SNSClient,
    config: { secretId: 'desk/alerts', chatTopicArn: 'arn:chat' },
  });
  const config = { format, origin: { stack: 'Desk', runbook: 'docs/runbook.md' } };
  const post = async (url: string, body: string) => {
    posted.push({ url, body: JSON.parse(body) });
    return answers[posted.length - 1] ?? TAKEN;
  };
  const wait = async (ms: number) => {
    waited.push(ms);
  };
  const forward = createForwarder(deliverTo({ receiver, config, post, wait }));
  const event = (message: unknown = MESSAGE) => ({
    Records: [{ messageId: '1', body: JSON.stringify(message) }],
  });
  return { forward, event, posted, published, waited, reads: () => reads };
}

describe('a forwarder', () => {
  it('posts the format of Slack to the address in the secret, which it reads once', async () => {
    const { forward, event, posted, reads } = forwarderTo({ secret: `${HOOK}\n` });
    await forward(event());
    await forward(event());
    expect(posted.map(({ url }) => url)).toEqual([HOOK, HOOK]);
    expect(posted[0]?.body.text).toMatch(/^\[warning\] Price of BTC-USD unchanged/);
    expect(reads()).toBe(1);
  });

  it('posts an Adaptive Card to Teams', async () => {
    const { forward, event, posted } = forwarderTo({ format: 'teams' });
    await forward(event());
    expect(posted[0]).toMatchObject({ url: HOOK, body: { type: 'message' } });
  });

  it.each([
    ['a key', KEY, 'https://events.pagerduty.com/v2/enqueue'],
    [
      'a key and the European address',
      JSON.stringify({ routingKey: KEY, url: 'https://events.eu.pagerduty.com/v2/enqueue' }),
      'https://events.eu.pagerduty.com/v2/enqueue',
    ],
  ])('posts an event to PagerDuty with %s', async (_, secret, url) => {
    const { forward, event, posted } = forwarderTo({ format: 'pagerduty', secret });
    await forward(event());
    expect(posted[0]).toMatchObject({ url, body: { routing_key: KEY, event_action: 'trigger' } });
  });

  it('posts nothing that PagerDuty need not know', async () => {
    const { forward, event, posted } = forwarderTo({ format: 'pagerduty', secret: KEY });
    await forward(event({ ...MESSAGE, severity: 'info' }));
    expect(posted).toEqual([]);
  });

  it('publishes a custom notification to the topic of a chat', async () => {
    const { forward, event, published, posted } = forwarderTo({ format: 'chatbot' });
    await forward(event());
    const [only] = published as { TopicArn: string; Message: string }[];
    expect(only?.TopicArn).toBe('arn:chat');
    expect(JSON.parse(only?.Message ?? '')).toMatchObject({ version: '1.0', source: 'custom' });
    expect(posted).toEqual([]);
  });

  it('waits as long as the receiver asks, and tries once more', async () => {
    const busy = { status: 429, text: '', retryAfterSeconds: 3 };
    const { forward, event, posted, waited } = forwarderTo({ answers: [busy, TAKEN] });
    await forward(event());
    expect([posted.length, waited]).toEqual([2, [3000]]);
    const twice = forwarderTo({ answers: [{ ...busy, retryAfterSeconds: 600 }, busy] });
    await expect(twice.forward(twice.event())).rejects.toThrow('the receiver answered 429');
    expect(twice.waited).toEqual([10_000]);
  });

  it('fails when the receiver refuses, and then reads the secret again', async () => {
    const refusal = { status: 404, text: 'no_service' };
    const { forward, event, reads } = forwarderTo({ answers: [refusal] });
    await expect(forward(event())).rejects.toThrow('the receiver answered 404: no_service');
    await forward(event());
    expect(reads()).toBe(2);
  });

  it.each([
    ['slack', 'http://hooks.example.com/secret'],
    ['slack', 'secret'],
    ['teams', ''],
    ['pagerduty', 'secret'],
    ['pagerduty', '{"routingKey":"secret"}'],
    ['pagerduty', '{secret'],
    ['pagerduty', JSON.stringify({ routingKey: KEY, url: 'http://secret' })],
  ] as const)('to %s refuses the secret %s and does not repeat it', async (format, secret) => {
    const { forward, event, posted } = forwarderTo({ format, secret });
    const error = await forward(event()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'SecretError' });
    expect((error as Error).message).not.toMatch(/hooks|"secret"|http:/);
    expect(posted).toEqual([]);
  });

  it.each(['', 'null', '[]', '{"type":"unknown"}', '{"type":"toString"}', '{'])(
    'refuses %j, which is no message',
    (body) => {
      expect(() => messageIn(body)).toThrow(/^not a message of the margin checker/);
    },
  );
});

describe('a request that nobody answers', () => {
  it('fails without the address in its error', async () => {
    const error = await postJson('https://127.0.0.1:9/secret', '{}').catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'DeliveryError' });
    expect(String(error)).not.toMatch(/secret|127/);
  });
});

describe('the settings of a forwarder', () => {
  it('are its format and where its secret or topic is', () => {
    const origin = { stack: 'MarginChecker', region: undefined, runbook: 'docs/runbook.md' };
    expect(readForwardConfig({ FORMAT: 'slack', SECRET_ID: 'desk/slack' })).toEqual({
      format: 'slack',
      secretId: 'desk/slack',
      origin,
    });
    expect(readForwardConfig({ FORMAT: 'chatbot', CHAT_TOPIC_ARN: 'arn' })).toEqual({
      format: 'chatbot',
      chatTopicArn: 'arn',
      origin,
    });
  });

  it.each([
    [{}, 'FORMAT is missing'],
    [{ FORMAT: 'irc' }, 'FORMAT must be one of slack, pagerduty, teams, chatbot'],
    [{ FORMAT: 'slack' }, 'SECRET_ID is missing'],
    [{ FORMAT: 'chatbot' }, 'CHAT_TOPIC_ARN is missing'],
  ])('%o are refused', (environment, fault) => {
    expect(() => readForwardConfig(environment)).toThrow(ConfigError);
    expect(() => readForwardConfig(environment)).toThrow(fault);
  });
});
