/** https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html and API_PublishBatch.html */
import { PublishBatchCommand, PublishCommand } from '@aws-sdk/client-sns';
import { expect, it } from 'vitest';
import { type Delivery, MemoryTopics } from './memory-topics.ts';
import { VirtualTime } from './virtual-time.ts';

const ALERTS = 'arn:aws:sns:us-east-1:000000000000:alerts';
const ORDERS = 'arn:aws:sns:us-east-1:000000000000:orders.fifo';

function opened(rest: Partial<ConstructorParameters<typeof MemoryTopics>[0]> = {}) {
  const time = new VirtualTime(0);
  const topics = new MemoryTopics({ time, topicArns: [ALERTS, ORDERS], ...rest });
  const heard: Delivery[] = [];
  for (const arn of [ALERTS, ORDERS]) topics.subscribe(arn, (delivery) => heard.push(delivery));
  return { time, topics, bodies: () => heard.map(({ body }) => body) };
}

const order = (Message: string, MessageGroupId: string, MessageDeduplicationId: string) =>
  new PublishCommand({ TopicArn: ORDERS, Message, MessageGroupId, MessageDeduplicationId });

it('takes a deduplication id once in five minutes', async () => {
  const { time, topics, bodies } = opened();
  const first = topics.answer(order('first', 'a', '1'));
  expect(topics.answer(order('again', 'a', '1'))).toEqual(first);
  await time.runUntil(5 * 60_000 - 1);
  topics.answer(order('again', 'a', '1'));
  await time.runUntil(5 * 60_000);
  topics.answer(order('later', 'a', '1'));
  await time.runUntil(6 * 60_000);
  expect(bodies()).toEqual(['first', 'later']);
});

it('keeps the order within a group, and not between groups', async () => {
  const delays = [300, 10, 20];
  const { time, topics, bodies } = opened({ delayMs: () => delays.shift() ?? 0 });
  topics.answer(order('a1', 'a', '1'));
  topics.answer(order('a2', 'a', '2'));
  topics.answer(order('b1', 'b', '3'));
  await time.runUntil(1_000);
  expect(bodies()).toEqual(['b1', 'a1', 'a2']);
});

const batch = (messages: readonly string[], TopicArn = ALERTS) =>
  new PublishBatchCommand({
    TopicArn,
    PublishBatchRequestEntries: messages.map((Message, index) => ({ Id: `${index}`, Message })),
  });

it('refuses some entries of a batch and delivers the others', async () => {
  const refusal = ({ Message }: { Message?: string | undefined }) =>
    Message === 'no' ? 'busy' : undefined;
  const { time, topics, bodies } = opened({ refusal });
  expect(topics.answer(batch(['yes', 'no']))).toMatchObject({
    Successful: [{ Id: '0' }],
    Failed: [{ Id: '1', Code: 'InternalError', Message: 'busy' }],
  });
  await time.runUntil(10);
  expect(bodies()).toEqual(['yes']);
});

it.each([
  ['a batch of eleven', batch(Array.from({ length: 11 }, String)), 'TooManyEntriesInBatchRequest'],
  ['an empty batch', batch([]), 'EmptyBatchRequest'],
  [
    'more than 256 KiB together',
    batch(['x'.repeat(200_000), 'y'.repeat(100_000)]),
    'BatchRequestTooLong',
  ],
  ['an order without a group', batch(['x'], ORDERS), 'InvalidParameter'],
  [
    'a long subject',
    new PublishCommand({ TopicArn: ALERTS, Message: 'x', Subject: 's'.repeat(100) }),
    'InvalidParameter',
  ],
  [
    'an unknown topic',
    new PublishCommand({ TopicArn: 'arn:none', Message: 'x' }),
    'NotFoundException',
  ],
])('refuses %s', (_what, command, name) => {
  const { topics } = opened();
  expect(() => topics.answer(command)).toThrow(expect.objectContaining({ name }));
});

it('sends a queue its own text of a structured message', async () => {
  const { time, topics, bodies } = opened();
  const Message = JSON.stringify({ default: 'for people', sqs: 'for systems' });
  topics.answer(new PublishCommand({ TopicArn: ALERTS, Message, MessageStructure: 'json' }));
  await time.runUntil(10);
  expect(bodies()).toEqual(['for systems']);
});
