import { ListSubscriptionsCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Message, SEVERITIES } from '../../../lambda/messages/messages.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { type QueueClients, queuePolicy } from '../../../local/aws/subscription.ts';
import { type Watching, watch } from '../../../local/cli/watch.ts';
import { lineOf, readReceived } from '../../../local/cli/watch-line.ts';
import { type Running, startMargin } from './margin.ts';

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.close());

const queues = async () => (await services.sqs.send(new ListQueuesCommand({}))).QueueUrls ?? [];
const subscriptions = async () =>
  (await services.sns.send(new ListSubscriptionsCommand({}))).Subscriptions ?? [];

/** Every test must remove its queues and subscriptions, however it ends. */
afterEach(async () => {
  expect(await queues()).toEqual([]);
  expect(await subscriptions()).toEqual([]);
});

const feedMessage = (id: string, type: 'oracle.rejected' | 'oracle.recovered'): Message => {
  const header = {
    id,
    version: 1,
    checkId: 'c',
    asOf: '2020-03-12T11:00:00.250Z',
    feed: 'B',
  } as const;
  return type === 'oracle.recovered'
    ? { type, ...header, severity: SEVERITIES[type], price: '1.5' }
    : { type, ...header, severity: SEVERITIES[type], reasons: [reason], accounts: 0 };
};
const reason = { code: 'price-stale', subject: 'B', detail: 'B: newest quote is 301 s old' };

async function publish(message: Message | string, topic: 'alerts' | 'orders' = 'alerts') {
  const isAlert = topic === 'alerts';
  const id = `${Math.random()}`;
  const { alertsTopicArn, ordersTopicArn } = services.config;
  const severity = typeof message === 'string' ? 'critical' : message.severity;
  await services.sns.send(
    new PublishCommand({
      TopicArn: isAlert ? alertsTopicArn : ordersTopicArn,
      Message: typeof message === 'string' ? message : JSON.stringify(message),
      MessageAttributes: { severity: { DataType: 'String', StringValue: severity } },
      ...(isAlert ? {} : { MessageGroupId: 'g', MessageDeduplicationId: id }),
    }),
  );
}

async function watched(
  some: Partial<Watching> & { readonly lines: number },
  whenReady: () => Promise<void> = async () => {},
): Promise<string[]> {
  const controller = new AbortController();
  const said: string[] = [];
  let ready: Promise<void> | undefined;
  await watch({
    clients: services,
    topics: services.config,
    severity: 'info',
    isJson: false,
    print: (line) => {
      said.push(line);
      if (said.length === some.lines) controller.abort();
    },
    onReady: () => {
      ready = whenReady();
      if (some.lines === 0) ready.then(() => controller.abort());
    },
    end: controller.signal,
    ...some,
  });
  await ready;
  return said;
}

describe('a watched message', () => {
  it('is one line: time, topic, severity, headline', async () => {
    const said = await watched({ lines: 2 }, async () => {
      await publish(feedMessage('1', 'oracle.rejected'));
      await publish(feedMessage('1', 'oracle.rejected'), 'orders');
    });
    const line = 'warning   Price in doubt: B: newest quote is 301 s old';
    expect(said.toSorted()).toEqual([
      `2020-03-12 11:00:00  alerts  ${line}`,
      `2020-03-12 11:00:00  orders  ${line}`,
    ]);
  });

  it('is one line of JSON with --json', async () => {
    const message = feedMessage('1', 'oracle.recovered');
    const [line = ''] = await watched({ lines: 1, isJson: true }, () => publish(message));
    expect(JSON.parse(line)).toEqual({ topic: 'alerts', ...message });
    expect(line).not.toContain('\n');
  });

  it('is printed once for each topic, by its id', async () => {
    const said = await watched({ lines: 2, isJson: true }, async () => {
      for (const id of ['1', '1', '2']) await publish(feedMessage(id, 'oracle.recovered'));
    });
    expect(said.map((line) => JSON.parse(line).id)).toEqual(['1', '2']);
  });

  it.each([
    ['info', ['warning', 'info']],
    ['warning', ['warning']],
  ] as const)('is filtered by the topic to a severity of %s and above', async (severity, some) => {
    const said = await watched({ lines: some.length, isJson: true, severity }, async () => {
      if (severity !== 'info') await publish(feedMessage('0', 'oracle.recovered'));
      await publish(feedMessage('1', 'oracle.rejected'));
      await publish(feedMessage('2', 'oracle.recovered'));
    });
    expect(said.map((line) => JSON.parse(line).severity)).toEqual(some);
  });

  it('is shown unchanged if it is not from the checker, without control characters', async () => {
    const [line] = await watched({ lines: 1 }, () => publish('try\u001b[2Jout'));
    expect(line).toBe('not a message of the checker  alerts  try?[2Jout');
    expect(lineOf(readReceived('alerts', 'x'.repeat(500)))).toMatch(/ {2}x{120}$/);
  });
});

describe('a queue of margin watch', () => {
  it('accepts messages from its topic only, and nothing without TLS', async () => {
    await watched({ lines: 0 }, async () => {
      const urls = await queues();
      expect(urls.map((url) => /margin-watch-[0-9a-f]{12}(\.fifo)?$/.test(url))).toEqual([
        true,
        true,
      ]);
      const url = urls.find((each) => !each.endsWith('.fifo'));
      const { Attributes } = await services.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['Policy', 'QueueArn'] }),
      );
      const topicArn = services.config.alertsTopicArn;
      const policy = queuePolicy(Attributes?.QueueArn ?? '', topicArn);
      expect(JSON.parse(Attributes?.Policy ?? '')).toEqual(policy);
      expect(policy.Statement.map(({ Effect, Condition }) => [Effect, Condition])).toEqual([
        ['Allow', { ArnEquals: { 'aws:SourceArn': topicArn } }],
        ['Deny', { Bool: { 'aws:SecureTransport': 'false' } }],
      ]);
    });
  });
});

/** The services, with one command that fails at its nth call. */
function failing(command: unknown, turn = 1): QueueClients {
  let met = 0;
  const through = (client: { send: unknown }) => ({
    send: (sent: object, ...more: unknown[]) => {
      const isMeant = sent instanceof (command as { new (...words: never): object });
      if (isMeant && ++met === turn) return Promise.reject(new Error('refused'));
      return (client.send as (...words: unknown[]) => unknown).call(client, sent, ...more);
    },
  });
  return { sns: through(services.sns), sqs: through(services.sqs) } as QueueClients;
}

describe('queues and subscriptions', () => {
  it('are removed if watching ends before anything arrives', async () => {
    expect(await watched({ lines: 0 })).toEqual([]);
  });

  it('are removed if watching ended before it began', async () => {
    expect(await watched({ lines: 9, end: AbortSignal.abort() })).toEqual([]);
  });

  it.each([1, 2])('are removed if subscription %i fails', async (turn) => {
    const clients = failing(SubscribeCommand, turn);
    await expect(watched({ lines: 9, clients })).rejects.toThrow('refused');
  });

  it.each([1, 2])('are removed if queue %i cannot be asked for its ARN', async (turn) => {
    const clients = failing(GetQueueAttributesCommand, turn);
    await expect(watched({ lines: 9, clients })).rejects.toThrow('refused');
  });

  it('are removed if a queue cannot be read', async () => {
    const clients = failing(ReceiveMessageCommand);
    await expect(watched({ lines: 9, clients })).rejects.toThrow('refused');
  });

  it('are removed if printing fails', async () => {
    const print = () => {
      throw new Error('no paper');
    };
    await expect(
      watched({ lines: 9, print }, () => publish(feedMessage('1', 'oracle.recovered'))),
    ).rejects.toThrow('no paper');
  });

  it('are removed except for a queue that AWS keeps, which is named', async () => {
    const clients = failing(DeleteQueueCommand);
    const ended = watched({ lines: 0, clients });
    await expect(ended).rejects.toThrow(/^delete by hand: http.*margin-watch-.*refused/);
    const left = await queues();
    expect(left).toHaveLength(1);
    await services.sqs.send(new DeleteQueueCommand({ QueueUrl: left[0] }));
  });
});

describe('margin watch', () => {
  const ready = ({ process: child, ending }: Running) =>
    new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (text) => String(text).includes('watching') && resolve());
      ending.then(({ err }) => reject(new Error(`it ended before it was ready: ${err}`)));
    });

  it.each(['SIGINT', 'SIGTERM'] as const)('prints messages, and ends on %s', async (signal) => {
    const child = await startMargin(services, 'watch', '--environment', '--json');
    await ready(child);
    let said = '';
    child.process.stdout.on('data', (text) => {
      said += text;
      if (said.includes('"alerts"') && said.includes('heartbeat')) child.process.kill(signal);
    });
    await publish(feedMessage('1', 'oracle.rejected'));
    const { code, out } = await child.ending;
    expect(code).toBe(0);
    const [beat, message] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .sort((left) => (left.type === 'heartbeat' ? -1 : 1));
    expect(beat).toMatchObject({ type: 'heartbeat', state: 'silent' });
    expect(message).toMatchObject({ topic: 'alerts', id: '1' });
  });

  it('ends after its seconds', async () => {
    const child = await startMargin(services, 'watch', '--environment', '--seconds', '1');
    const { code, out } = await child.ending;
    expect(code).toBe(0);
    // Nothing has been loaded and nothing checked: that is said.
    expect(out).toMatch(/^\S+ \S+ {2}watch {3}critical {2}NOTHING IS BEING CHECKED: .*\n$/);
  });

  it('ends when its reader closes the output', async () => {
    const child = await startMargin(services, 'watch', '--environment');
    await ready(child);
    child.process.stdout.destroy();
    await publish(feedMessage('1', 'oracle.rejected'));
    expect(await child.ending).toMatchObject({ code: 0 });
  });
});
