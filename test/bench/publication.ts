/**
 * `npm run bench:publication`: how long a storm of orders and alerts takes to leave, in virtual time:
 * SNS answers after a stated while, tables after 5 ms, and the processor takes no time.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { Command } from 'commander';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { Topics } from '../../lambda/aws/topics.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { CaseRunner } from '../../lambda/outbox/case-runner.ts';
import type { CaseSubject } from '../../lambda/outbox/case-subject.ts';
import { CheckCounters } from '../../lambda/outbox/check-counters.ts';
import { Outbox } from '../../lambda/outbox/outbox.ts';
import { pendingMessage } from '../../lambda/outbox/stored-case.ts';
import { whole } from '../../local/cli/arguments.ts';
import { clientOf } from '../aws/client.ts';
import { VirtualTime } from '../aws/virtual-time.ts';
import { hugeMessages } from '../lambda/messages/huge-message.ts';

const START = Date.parse('2020-03-12T11:00:00.000Z');
const TABLE_MS = 5;
/** As the liquidation queue cuts them. */
const LOT = 60;

const { messages, delay } = new Command('bench:publication')
  .option('--messages <count>', 'half orders, half alerts', whole(2, 1_000_000), 15_000)
  .option('--delay <milliseconds>', 'until SNS answers', whole(0, 10_000), 100)
  .parse()
  .opts<{ readonly messages: number; readonly delay: number }>();

const time = new VirtualTime(START);
const dynamo = clientOf(DynamoDBClient, async () => {
  await time.wait(TABLE_MS);
  return {};
});
let [batches, atOnce, mostAtOnce, lastOrder] = [0, 0, 0, 0];
const sns = clientOf(SNSClient, async (command) => {
  const { input } = command as PublishBatchCommand;
  batches++;
  mostAtOnce = Math.max(mostAtOnce, ++atOnce);
  await time.wait(delay);
  atOnce--;
  if (input.TopicArn?.endsWith('.fifo')) lastOrder = time.now;
  return { Successful: input.PublishBatchRequestEntries };
});

const checkId = new Date(START).toISOString();
const stopwatch = { now: () => time.now, wait: (ms: number) => time.wait(ms) };
const sizes = { letter: 'n', nameLength: 8, entries: 1, most: {} } as const;
const [plan] = hugeMessages('liquidation.ordered', sizes);

const subjectOf = (account: number): CaseSubject => {
  const accountId = `account-${account}`;
  const id = `${accountId}/${checkId}/liquidation.ordered`;
  const caseId = `${accountId}@1`;
  const expiresAt = new Date(START + 600_000).toISOString();
  const more = { id, accountId, caseId, checkId, planId: `${caseId}#1`, expiresAt };
  const ordered = pendingMessage({ ...plan, ...more } as Message, ['alerts', 'orders']);
  return {
    key: { pk: `account#${accountId}`, sk: 'case' },
    accountId,
    decide: () => ({ state: {}, isActive: true, keepsPlans: false, messages: [ordered] }),
  };
};

async function* lots() {
  const accounts = messages / 2;
  for (let from = 0; from < accounts; from += LOT) {
    const count = Math.min(LOT, accounts - from);
    yield Array.from({ length: count }, (_, each) => subjectOf(from + each));
  }
}

const counters = new CheckCounters();
const outbox = new Outbox({
  margin: new MarginTable({ dynamo, table: 'margin', stopwatch }),
  topics: new Topics({ sns, arns: { alerts: 'alerts', orders: 'orders.fifo' }, stopwatch }),
  ...{ checkId, asOf: START, fenceKey: { pk: 'check', sk: 'latest' }, historyDays: 1 },
  ...{ isHalted: false, isObserving: false },
});
let end: number | undefined;
const runner = new CaseRunner({ outbox, counters, open: [] });
const processing = runner.processLots(lots()).finally(() => {
  end = time.now;
});
while (end === undefined) await time.runUntil(time.now + 1_000);
await processing;

const seconds = (at: number): string => ((at - START) / 1_000).toFixed(1);
const { published, publishFailures } = counters.counts(checkId);
process.stdout.write(
  `${published} messages in ${batches} batches, SNS answering after ${delay} ms: the last order after ` +
    `${seconds(lastOrder)} s, the last message after ${seconds(end)} s; at most ${mostAtOnce} ` +
    `batches at once, ${publishFailures} failures\n`,
);
