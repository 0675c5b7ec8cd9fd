import {
  type BatchResultErrorEntry,
  type PublishBatchCommand,
  type PublishBatchRequestEntry,
  type SNSClient,
  SNSServiceException,
} from '@aws-sdk/client-sns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Topics } from '../../../lambda/aws/topics.ts';
import { OPENED_ORDERS_MAX, SWAPS_MAX } from '../../../lambda/margin/number/limits.ts';
import { fitted } from '../../../lambda/messages/fitted.ts';
import type { Message } from '../../../lambda/messages/messages.ts';
import type { Origin } from '../../../lambda/messages/origin.ts';
import type { Publication } from '../../../lambda/outbox/pending-messages.ts';
import { HUGE_TYPES, hugeMessages } from '../messages/huge-message.ts';

interface Batch {
  readonly TopicArn: string;
  readonly entries: readonly PublishBatchRequestEntry[];
}

type Answer = (batch: Batch) => readonly BatchResultErrorEntry[];

/** Topics that answer each batch so, take the rest, and remember it. */
function topicsWith(answer: Answer = () => [], origin?: Origin) {
  const batches: Batch[] = [];
  const send = async ({ input }: PublishBatchCommand) => {
    const { TopicArn = '', PublishBatchRequestEntries: entries = [] } = input;
    batches.push({ TopicArn, entries });
    const Failed = answer({ TopicArn, entries });
    const refused = new Set(Failed.map(({ Id }) => Id));
    return { Successful: entries.filter(({ Id }) => !refused.has(Id)), Failed };
  };
  const sns = { send } as unknown as SNSClient;
  const arns = { alerts: 'A', orders: 'O.fifo' };
  let waited = 0;
  const wait = async () => {
    waited++;
  };
  const stopwatch = { now: () => 0, wait };
  const common = { sns, arns, origin, stopwatch };
  const topics = new Topics(common);
  return {
    topics,
    batches,
    withoutTime: () => new Topics({ ...common, hasTime: () => false }),
    waits: () => waited,
  };
}

const messageOf = (id: string, more: object = {}) => ({
  type: 'oracle.recovered',
  id,
  version: 1,
  severity: 'info',
  checkId: '2020-03-12T11:00:00.000Z',
  asOf: '2020-03-12T11:00:00.250Z',
  feed: 'BTC-USD',
  price: '6000',
  ...more,
});

const publication = (
  id: string,
  topic: Publication['topic'] = 'alerts',
  more: object = {},
): Publication => ({
  checkId: '2020-03-12T11:00:00.000Z',
  pending: { message: messageOf(id, more) as Message, to: [topic] },
  topic,
});

const publications = (count: number, topic?: Publication['topic']): Publication[] =>
  Array.from({ length: count }, (_, index) => publication(`m${index}`, topic));

const sizesOf = (batches: readonly Batch[]): number[] =>
  batches.map(({ entries }) => entries.length);

describe('a batch', () => {
  it.each([
    [0, []],
    [1, [1]],
    [9, [9]],
    [10, [10]],
    [11, [10, 1]],
    [25, [10, 10, 5]],
  ])('holds at most 10 messages: %i', async (count, sizes) => {
    const { topics, batches } = topicsWith();
    const { published, failures } = await topics.publish(publications(count));
    expect(sizesOf(batches)).toEqual(sizes);
    expect(published).toHaveLength(count);
    expect(failures).toEqual([]);
  });

  it('is for one topic, and order plans go first', async () => {
    const { topics, batches } = topicsWith();
    await topics.publish([
      publication('a', 'orders'),
      publication('b'),
      publication('c', 'orders'),
    ]);
    expect(batches.map(({ TopicArn }) => TopicArn)).toEqual(['O.fifo', 'A']);
    expect(sizesOf(batches)).toEqual([2, 1]);
  });

  it('stays below the 256 KiB that SNS takes, with all that is sent of each message', async () => {
    const { topics, batches } = topicsWith();
    const reasonsOf = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        code: 'row-malformed',
        subject: `accounts desk-7/position#BTC-PERP#lot-${index}`,
        detail:
          `accounts desk-7/position#BTC-PERP#lot-${index}: ` +
          'entryPrice must be a decimal number, not "здесь"',
      }));
    const type = 'account.indeterminate';
    const unknown = { type, accountId: 'desk-7', certainty: 'indeterminate' };
    const sent = Array.from({ length: 40 }, (_, index) =>
      publication(`m${index}`, 'alerts', { ...unknown, reasons: reasonsOf(1 + (index % 5) * 80) }),
    );
    await topics.publish(sent);
    expect(sizesOf(batches).reduce((sum, size) => sum + size)).toBe(40);
    for (const { entries } of batches) expect(bytesOf(entries)).toBeLessThan(256 * 1024);
    expect(batches.length).toBeGreaterThan(4);
    expect(Math.max(...batches.map(({ entries }) => bytesOf(entries)))).toBeGreaterThan(128 * 1024);
  });

  it('of the largest messages stays below it, message by message', async () => {
    const { topics, batches } = topicsWith();
    const most = { orders: OPENED_ORDERS_MAX, swaps: SWAPS_MAX, counterparties: 78 };
    const sizes = { letter: '𝔄', entries: 5000, most };
    const messages = HUGE_TYPES.flatMap((type) =>
      hugeMessages(type, sizes).map((each) => fitted(each)),
    );
    await topics.publish(
      messages.flatMap((message) =>
        (['alerts', 'orders'] as const).map((topic) => {
          return { checkId: 'c', pending: { message, to: [topic] }, topic };
        }),
      ),
    );
    expect(batches.flatMap(({ entries }) => entries)).toHaveLength(2 * messages.length);
    for (const { entries } of batches) expect(bytesOf(entries)).toBeLessThan(256 * 1024);
  });

  it('of one message goes out however large it is: SNS alone can say that it is too large', async () => {
    const { topics, batches } = topicsWith();
    await topics.publish([
      publication('small'),
      publication('large', 'alerts', { feed: 'x'.repeat(300_000) }),
      publication('last'),
    ]);
    expect(sizesOf(batches)).toEqual([1, 1, 1]);
  });
});

function bytesOf(entries: readonly PublishBatchRequestEntry[]): number {
  const texts = entries.flatMap(({ Message, Subject, MessageAttributes = {} }) => [
    Message ?? '',
    Subject ?? '',
    JSON.stringify(MessageAttributes),
  ]);
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

describe('what a batch refuses', () => {
  const failed = (Id: string): BatchResultErrorEntry => ({
    Id,
    Code: 'Throttled',
    Message: 'slow down',
    SenderFault: false,
  });

  it('is not published, and is named; the rest is', async () => {
    const { topics } = topicsWith(() => [failed('1'), failed('3')]);
    const sent = publications(5);
    const { published, failures } = await topics.publish(sent);
    expect(published.map(({ pending }) => pending.message.id)).toEqual(['m0', 'm2', 'm4']);
    expect(failures).toEqual(['alerts m1: Throttled slow down', 'alerts m3: Throttled slow down']);
  });

  it('is counted in its own batch', async () => {
    const { topics } = topicsWith(({ entries }) => (entries.length < 10 ? [failed('0')] : []));
    const { published, failures } = await topics.publish(publications(12));
    expect(published).toHaveLength(11);
    expect(failures).toEqual(['alerts m10: Throttled slow down']);
  });

  it('is all of it when the topic cannot be reached; the other topic is', async () => {
    const { topics, batches } = topicsWith(({ TopicArn }) => {
      if (TopicArn === 'A') throw new Error('ECONNREFUSED');
      return [];
    });
    const sent = [...publications(12), ...publications(2, 'orders')];
    const { published, failures } = await topics.publish(sent);
    expect(published.map(({ topic }) => topic)).toEqual(['orders', 'orders']);
    expect(failures).toHaveLength(12);
    expect(failures[0]).toBe('alerts m0: Error: ECONNREFUSED');
    expect(sizesOf(batches)).toEqual([2, 10, 2]);
  });
});

describe('a topic that does not answer', () => {
  it('is asked with three batches, then with one each time, and again with all once it answers', async () => {
    let isAway = true;
    const { topics, batches } = topicsWith(({ TopicArn }) => {
      if (isAway && TopicArn === 'A') throw new Error('ECONNREFUSED');
      return [];
    });
    const publish = async () => {
      batches.length = 0;
      const outcome = await topics.publish([...publications(60), ...publications(20, 'orders')]);
      const asked = batches.filter(({ TopicArn }) => TopicArn === 'A').length;
      return { asked, published: outcome.published.length, failures: outcome.failures };
    };
    const first = await publish();
    expect(first).toMatchObject({ asked: 3, published: 20, failures: { length: 60 } });
    expect(first.failures[0]).toBe('alerts m0: Error: ECONNREFUSED');
    expect(first.failures[30]).toBe('alerts m30: not tried after alerts m29: Error: ECONNREFUSED');
    expect(await publish()).toMatchObject({ asked: 1, published: 20, failures: { length: 60 } });
    isAway = false;
    expect(await publish()).toEqual({ asked: 6, published: 80, failures: [] });
  });

  it('is asked again with every batch if it answers in between', async () => {
    let asked = 0;
    const { topics, batches } = topicsWith(() => {
      if (++asked % 3 !== 0) throw new Error('ECONNREFUSED');
      return [];
    });
    const { published, failures } = await topics.publish(publications(90));
    expect(batches).toHaveLength(9);
    expect([published.length, failures.length]).toEqual([30, 60]);
  });
});

describe('a batch that is refused as a whole', () => {
  const clientFault = (name = 'InvalidParameter') =>
    new SNSServiceException({ name, $fault: 'client', $metadata: {}, message: 'bad byte' });
  const isBad = ({ entries }: Batch) => entries.some(({ Subject }) => Subject?.includes('BAD'));
  const refuseBad =
    (fault: () => Error): Answer =>
    (batch) => {
      if (isBad(batch)) throw fault();
      return [];
    };

  it('for one bad message goes out again singly, without that one', async () => {
    const { topics, batches } = topicsWith(refuseBad(clientFault));
    const sent = publications(4);
    const { published, failures } = await topics.publish([
      ...sent,
      publication('bad', 'alerts', { feed: 'BAD' }),
    ]);
    expect(published.map(({ pending }) => pending.message.id)).toEqual(['m0', 'm1', 'm2', 'm3']);
    expect(failures).toEqual(['alerts bad: InvalidParameter: bad byte']);
    expect(sizesOf(batches)).toEqual([5, 1, 1, 1, 1, 1]);
  });

  it.each([
    ['throttling', () => clientFault('ThrottledException'), [4, 4]],
    ['an outage', () => new Error('ECONNREFUSED'), [4]],
  ])('for %s is left for the next check, not tried singly', async (_, fault, sizes) => {
    const { topics, batches } = topicsWith(() => {
      throw fault();
    });
    const { published, failures } = await topics.publish(publications(4));
    expect(published).toEqual([]);
    expect(failures).toHaveLength(4);
    expect(sizesOf(batches)).toEqual(sizes);
  });
});

describe('a topic that throttles', () => {
  const throttled = () =>
    new SNSServiceException({
      ...{ name: 'ThrottledException', $fault: 'client', $metadata: {}, message: 'Rate exceeded' },
    });
  const always: Answer = () => {
    throw throttled();
  };
  /** The first so many calls. */
  const first = (times: number): Answer => {
    let left = times;
    return () => {
      if (left-- > 0) throw throttled();
      return [];
    };
  };

  it('is given time: the batch waits its turn, and nothing of it fails', async () => {
    const { topics, waits } = topicsWith(first(5));
    const outcome = await topics.publish(publications(4, 'orders'));
    expect(outcome).toMatchObject({ published: { length: 4 }, failures: [] });
    expect(waits()).toBe(5);
  });

  it.each([
    ['orders', 10],
    ['alerts', 2],
  ] as const)('is asked so often for a batch of %s: %i', async (topic, times) => {
    const { topics, batches } = topicsWith(always);
    const { failures } = await topics.publish(publications(4, topic));
    expect(failures).toHaveLength(4);
    expect(batches).toHaveLength(times);
  });

  it('is not waited for when the function is about to be stopped', async () => {
    const { withoutTime, waits } = topicsWith(always);
    const { failures } = await withoutTime().publish(publications(4, 'orders'));
    expect(failures).toHaveLength(4);
    expect(waits()).toBe(0);
  });
});

describe('several batches', () => {
  /** Topics that answer when they are told to. */
  function slowTopics() {
    const open: { readonly texts: readonly string[]; readonly answer: () => void }[] = [];
    const send = ({ input }: PublishBatchCommand) =>
      new Promise((resolve) => {
        const { PublishBatchRequestEntries: entries = [] } = input;
        const texts = entries.map(({ Message = '' }) => Message);
        open.push({ texts, answer: () => resolve({ Successful: entries }) });
      });
    const sns = { send } as unknown as SNSClient;
    const topics = new Topics({ sns, arns: { alerts: 'A', orders: 'O.fifo' } });
    const answerAll = async (): Promise<number> => {
      await settled();
      const answered = open.splice(0);
      for (const { answer } of answered) answer();
      return answered.length;
    };
    return { topics, open, answerAll };
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('are on their way at once: three, then more while they are answered, up to 16', async () => {
    const { topics, answerAll } = slowTopics();
    const publishing = topics.publish(publications(3_000));
    const atOnce: number[] = [];
    for (let count = await answerAll(); count > 0; count = await answerAll()) atOnce.push(count);
    expect(atOnce[0]).toBe(3);
    expect(Math.max(...atOnce)).toBe(16);
    // By one a round.
    expect(atOnce.slice(0, 6)).toEqual([3, 3, 4, 5, 6, 7]);
    expect((await publishing).published).toHaveLength(3_000);
  });

  it('of two topics do not wait for each other when two lots are published', async () => {
    const { topics, open, answerAll } = slowTopics();
    const first = topics.publish(publications(1, 'alerts'));
    const second = topics.publish(publications(1, 'orders'));
    await settled();
    expect(open).toHaveLength(2);
    await answerAll();
    expect((await first).published.length + (await second).published.length).toBe(2);
  });

  const said = (id: string, accountId: string) =>
    publication(id, 'orders', { type: 'account.determinate', accountId, certainty: 'certain' });
  const fillers = (count: number) =>
    Array.from({ length: count }, (_, each) => said(`f${each}`, `other-${each}`));

  it('with messages about one account go one after the other, also from lot to lot', async () => {
    const { topics, open, answerAll } = slowTopics();
    const first = topics.publish([said('a1', 'a'), ...fillers(9), said('a2', 'a')]);
    await settled();
    const second = topics.publish([said('a3', 'a')]);
    const seen: string[][] = [];
    for (;;) {
      await settled();
      if (open.length === 0) break;
      seen.push(open.flatMap(({ texts }) => texts.map((text) => JSON.parse(text).id)));
      await answerAll();
    }
    expect(seen.map((ids) => ids.filter((id) => id.startsWith('a')))).toEqual([
      ['a1'],
      ['a2'],
      ['a3'],
    ]);
    await Promise.all([first, second]);
  });
});

describe('an entry', () => {
  const account = { type: 'account.determinate', accountId: 'desk-7', certainty: 'certain' };
  const unknown = { type: 'account.indeterminate', reasons: [], certainty: 'indeterminate' };
  const entryOf = async (sent: Publication) => {
    const { topics, batches } = topicsWith();
    await topics.publish([sent]);
    const entry = batches[0]?.entries[0];
    if (entry === undefined) throw new Error('nothing was sent');
    return entry;
  };

  it('of alerts has the JSON for systems, a text for e-mail and a line for SMS', async () => {
    const sent = publication('m', 'alerts');
    const { Message, MessageStructure, Subject, MessageGroupId } = await entryOf(sent);
    expect(MessageStructure).toBe('json');
    expect(Subject).toBe('[info] Price of BTC-USD usable again: 6000');
    expect(MessageGroupId).toBeUndefined();
    expect(JSON.parse(Message ?? '')).toEqual({
      default: JSON.stringify(sent.pending.message),
      email: expect.stringContaining('Price of BTC-USD usable again: 6000\n'),
      sms: expect.stringMatching(/^\[info\] Price of BTC-USD usable again: 6000 \(/),
    });
  });

  it('names the deployment in its e-mail, and nowhere that systems or records read', async () => {
    const origin = { stack: 'Desk', region: 'eu-west-1', mode: 'enforce', runbook: 'r' } as const;
    const { topics, batches } = topicsWith(undefined, origin);
    await topics.publish([publication('m')]);
    const { email, ...rest } = JSON.parse(batches[0]?.entries[0]?.Message ?? '');
    expect(email).toMatch(/^sent by +Desk in eu-west-1, mode enforce$/m);
    expect(JSON.stringify(rest)).not.toMatch(/Desk|eu-west-1|enforce/);
  });

  it('can be filtered by what the message has of type, severity, account and certainty', async () => {
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    expect((await entryOf(publication('m'))).MessageAttributes).toEqual({
      type: text('oracle.recovered'),
      severity: text('info'),
    });
    const figures = { numeraire: 'USD', level: 'call', prices: [] };
    const ordered = { ...account, figures, type: 'liquidation.ordered', planId: 'p' };
    expect((await entryOf(publication('m', 'orders', ordered))).MessageAttributes).toEqual({
      type: text('liquidation.ordered'),
      severity: text('info'),
      accountId: text('desk-7'),
      certainty: text('certain'),
    });
  });

  it('of orders is the JSON as it is, in the group of its account, once for its plan', async () => {
    const plan = { ...account, type: 'liquidation.ordered', planId: 'desk-7@c#1' };
    const sent = publication('m', 'orders', plan);
    expect(await entryOf(sent)).toMatchObject({
      Message: JSON.stringify(sent.pending.message),
      MessageGroupId: 'desk-7',
      MessageDeduplicationId: 'desk-7@c#1',
    });
    expect(await entryOf(sent)).not.toHaveProperty('MessageStructure');
  });

  it('has an account in its attributes as SNS takes it, whatever it is called', async () => {
    const accountId = `bad\u0007id${'x'.repeat(300)}`;
    const { MessageAttributes } = await entryOf(
      publication('m', 'alerts', { ...unknown, accountId }),
    );
    const name = MessageAttributes?.accountId?.StringValue ?? '';
    expect(name).toMatch(/^bad\?idx+$/);
    expect(name.length).toBeLessThanOrEqual(256);
  });

  it('has a subject that SNS takes, whatever its feed is called', async () => {
    const feeds = fc.string({ unit: 'binary', maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(feeds, async (feed) => {
        const { Subject } = await entryOf(publication('m', 'alerts', { feed }));
        expect(Subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      }),
      { numRuns: 300 },
    );
  });

  it('is cut in its attributes between two characters', async () => {
    const accountId = `a${'𐌀'.repeat(200)}`;
    const { MessageAttributes } = await entryOf(
      publication('m', 'alerts', { ...unknown, accountId }),
    );
    const name = MessageAttributes?.accountId?.StringValue ?? '';
    expect(name).toBe(`a${'𐌀'.repeat(127)}?`);
  });

  it.each([
    ['letters of another script', 'счёт-7'],
    ['characters of four bytes', '𐌀'.repeat(128)],
    ['a space', 'desk 7'],
  ])(
    'of an account with %s has a group and an id of ASCII, and its own name',
    async (_, accountId) => {
      const plan = {
        ...account,
        accountId,
        type: 'liquidation.ordered',
        planId: `${accountId}@c#1`,
      };
      const sent = publication('m', 'orders', plan);
      const { Message, MessageGroupId, MessageDeduplicationId } = await entryOf(sent);
      expect(MessageGroupId).toMatch(/^#sha256:[0-9a-f]{64}$/);
      expect(MessageDeduplicationId).toMatch(/^#sha256:[0-9a-f]{64}$/);
      expect(JSON.parse(Message ?? '')).toMatchObject({ accountId, planId: `${accountId}@c#1` });
    },
  );

  it.each([
    [128, 128],
    [129, 72],
  ])('a plan id of %i characters takes %i, and another for another plan', async (length, taken) => {
    const idOf = async (planId: string) => {
      const plan = { ...account, type: 'liquidation.ordered', planId };
      return (await entryOf(publication('m', 'orders', plan))).MessageDeduplicationId;
    };
    const one = await idOf(`${'x'.repeat(length - 1)}1`);
    expect(one).toHaveLength(taken);
    expect(one).toBe(await idOf(`${'x'.repeat(length - 1)}1`));
    expect(one).not.toBe(await idOf(`${'x'.repeat(length - 1)}2`));
  });
});

it('an entry that SNS names neither as taken nor as refused stays pending', async () => {
  const sns = { send: async () => ({ Successful: [], Failed: [] }) } as unknown as SNSClient;
  const topics = new Topics({ sns, arns: { alerts: 'A', orders: 'O.fifo' } });
  const { published, failures } = await topics.publish(publications(1));
  expect(published).toEqual([]);
  expect(failures).toEqual([expect.stringContaining('SNS gave no reason')]);
});
