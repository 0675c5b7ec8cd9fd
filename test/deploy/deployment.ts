/** The deployed stack as seen from outside: its tables, its topics, its schedule. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { CertificatesSummary } from '../../lambda/certified/certified-check.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import type { Message, MessageType } from '../../lambda/messages/messages.ts';
import { feedsOn, readFeedPage } from '../../lambda/record/feed-pages.ts';
import { findDeployment, type Deployment as Places } from '../../local/aws/deployment.ts';
import { type AccountRow, put, writeRows } from '../../local/aws/rows.ts';
import { type Subscription, subscribeQueue } from '../../local/aws/subscription.ts';

const QUOTE_EVERY_MS = 10_000;
const LOOK_EVERY_MS = 1_000;

/** The record of a check with certificates. */
export type CheckRecord = Pick<
  CheckSummary,
  'checkId' | 'asOf' | 'accounts' | 'unreached' | 'failed' | 'workers'
> & {
  readonly certificates: CertificatesSummary;
};

type IsSuch = (record: CheckRecord) => boolean;

interface Listening {
  readonly alerts: Subscription;
  readonly orders: Subscription;
}

export class Deployment {
  readonly checkIntervalSeconds: number;
  firstCheckId = '';

  readonly #places: Places;
  readonly #scheduleName: string;
  readonly #dynamo = new DynamoDBClient();
  readonly #sns = new SNSClient();
  readonly #sqs = new SQSClient();
  #listening: Listening | undefined;
  #quoting: NodeJS.Timeout | undefined;
  #price = '6092.44';
  readonly #alerts: Message[] = [];
  readonly #orders: Message[] = [];

  private constructor(places: Places, scheduleName: string) {
    this.#places = places;
    this.#scheduleName = scheduleName;
    this.checkIntervalSeconds = places.checkIntervalSeconds;
  }

  static async find(): Promise<Deployment> {
    const command = new DescribeStackResourcesCommand({ StackName: 'MarginChecker' });
    const { StackResources = [] } = await new CloudFormationClient().send(command);
    const schedule = StackResources.find(({ ResourceType }) => ResourceType === SCHEDULE);
    assert.ok(schedule?.PhysicalResourceId, 'the stack has a schedule');
    return new Deployment(await findDeployment({}), schedule.PhysicalResourceId);
  }

  async close(): Promise<void> {
    clearInterval(this.#quoting);
    for (const client of [this.#dynamo, this.#sns, this.#sqs]) client.destroy();
  }

  async listen(): Promise<void> {
    const clients = { sns: this.#sns, sqs: this.#sqs };
    const { alertsTopicArn, ordersTopicArn } = this.#places;
    this.#listening = {
      alerts: await subscribeQueue(clients, { topicArn: alertsTopicArn, queueName: 'alerts' }),
      orders: await subscribeQueue(clients, { topicArn: ordersTopicArn, queueName: 'orders.fifo' }),
    };
  }

  /** Everything received since the queues were subscribed. */
  async arrived(): Promise<{ alerts: readonly Message[]; orders: readonly Message[] }> {
    assert.ok(this.#listening, 'queues listen');
    const read = (texts: readonly string[]) => texts.map((text) => JSON.parse(text) as Message);
    this.#alerts.push(...read(await this.#listening.alerts.drain()));
    this.#orders.push(...read(await this.#listening.orders.drain()));
    return { alerts: this.#alerts, orders: this.#orders };
  }

  async enforce(): Promise<void> {
    const policy = { kind: 'policy', id: 'default', mode: 'enforce', callGraceSeconds: '3600' };
    await this.#put(this.#places.marketTable, policy);
  }

  async putMistypedBalance(): Promise<void> {
    const row = { accountId: 'mistyped', item: 'balance#USD', asset: 'USD', amount: '25,000' };
    await this.#put(this.#places.accountsTable, row);
  }

  putAccounts(rows: readonly AccountRow[]): Promise<void> {
    const { accountsTable: table } = this.#places;
    return writeRows(this.#dynamo, { table, requests: rows.map(put) });
  }

  /** Publishes prices again and again, so that they do not become stale. */
  keepQuoting(): void {
    this.#quoting = setInterval(() => void this.#quote(), QUOTE_EVERY_MS);
  }

  quoteAt(price: string): void {
    this.#price = price;
    void this.#quote();
  }

  async #quote(): Promise<void> {
    const publishedAt = Date.now();
    const prices = {
      'BTC-USD#pyth': this.#price,
      'BTC-USD#venue': this.#price,
      'USDC-USD#pyth': '1',
    };
    for (const [id, price] of Object.entries(prices)) {
      await this.#put(this.#places.marketTable, { kind: 'quote', id, price, publishedAt });
    }
  }

  async #put(table: string, row: Parameters<typeof put>[0]): Promise<void> {
    const Item = put(row).PutRequest?.Item;
    await this.#dynamo.send(new PutItemCommand({ TableName: table, Item }));
  }

  /** Waits for checks that read every account, according to their records. */
  async untilChecks(count: number, secondsMax: number): Promise<void> {
    await until(secondsMax, `${count} complete checks`, async () => {
      const ids = await this.#completeChecks();
      this.firstCheckId = ids[0] ?? '';
      return ids.length >= count;
    });
  }

  async #completeChecks(): Promise<string[]> {
    return (await this.#checks()).map(({ checkId }) => checkId);
  }

  async #checks(): Promise<CheckRecord[]> {
    const { Items = [] } = await this.#dynamo.send(
      new QueryCommand({
        TableName: this.#places.marginTable,
        KeyConditionExpression: 'pk = :check',
        ExpressionAttributeValues: { ':check': { S: 'check' } },
      }),
    );
    return Items.filter(({ isComplete }) => isComplete?.BOOL).map(
      (item) => unmarshall(item) as CheckRecord,
    );
  }

  /** @returns the last check's record, once it is such a one */
  untilCheck(isSuch: IsSuch, secondsMax: number): Promise<CheckRecord> {
    return this.#untilFound((records) => records.slice(-1).find(isSuch), secondsMax);
  }

  /** @returns the record of such a check, the last one or not */
  untilAnyCheck(isSuch: IsSuch, secondsMax: number): Promise<CheckRecord> {
    return this.#untilFound((records) => records.find(isSuch), secondsMax);
  }

  async #untilFound(
    find: (records: readonly CheckRecord[]) => CheckRecord | undefined,
    secondsMax: number,
  ): Promise<CheckRecord> {
    let records: readonly CheckRecord[] = [];
    const said = () => `such a check; the last ones say ${JSON.stringify(records.slice(-6))}`;
    await until(secondsMax, said, async () => {
      records = await this.#checks();
      return find(records) !== undefined;
    });
    return find(records) as CheckRecord;
  }

  async nextCheck(secondsMax: number): Promise<CheckRecord> {
    const last = (await this.#completeChecks()).at(-1) ?? '';
    return this.untilCheck(({ checkId }) => checkId > last, secondsMax);
  }

  /** Waits until the last checks were each so many seconds apart. */
  async untilSpaced(
    { checks, seconds }: { readonly checks: number; readonly seconds: number },
    secondsMax: number,
  ): Promise<void> {
    let last: number[] = [];
    const said = () => `${checks} checks ${seconds} s apart; the last were ${last.join(', ')}`;
    await until(secondsMax, said, async () => {
      last = (await this.#completeChecks()).slice(-checks).map((id) => Date.parse(id) / 1000);
      return last.length === checks && last.every((at, n) => at === (last[0] ?? 0) + n * seconds);
    });
  }

  /** Waits for an event check of this account. */
  async untilEventCheck(accountId: string, secondsMax: number): Promise<void> {
    await until(secondsMax, `an event check of ${accountId}`, async () => {
      const { Items = [] } = await this.#dynamo.send(
        new QueryCommand({
          TableName: this.#places.marginTable,
          KeyConditionExpression: 'pk = :event',
          ExpressionAttributeValues: { ':event': { S: 'event' } },
        }),
      );
      return Items.some((item) => JSON.stringify(unmarshall(item).changed).includes(accountId));
    });
  }

  async withdrawTo(accountId: string, amount: string): Promise<void> {
    const row = { accountId, item: 'balance#USD', asset: 'USD', amount };
    await this.#put(this.#places.accountsTable, row);
  }

  async assertMeasured(feed: string): Promise<void> {
    const Key = { pk: { S: 'feeds' }, sk: { S: 'page-0' } };
    const { Item } = await this.#dynamo.send(
      new GetItemCommand({ TableName: this.#places.marginTable, Key }),
    );
    const page = Item && readFeedPage(unmarshall(Item));
    const { feeds } = feedsOn({ feeds: page ? [page] : [], scores: [] }, Date.now());
    const variance = feeds.get(feed)?.volatility?.annualVariance ?? 0;
    assert.ok(variance > 0, `${feed} has no measured volatility`);
  }

  /** Until the check has ended that sent such an alert. */
  async untilAlert(type: MessageType, secondsMax: number): Promise<void> {
    let sentAt: string | undefined;
    await until(secondsMax, type, async () => {
      const { alerts } = await this.arrived();
      sentAt = alerts.find((alert) => alert.type === type)?.asOf;
      return sentAt !== undefined;
    });
    await this.untilAnyCheck(({ asOf }) => asOf === sentAt, secondsMax);
  }

  /** Calls HTTP directly, as one value needs no client library. */
  async #schedule(): Promise<Response> {
    const scope = `test/${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}/us-east-1/scheduler/aws4_request`;
    const url = `${process.env.AWS_ENDPOINT_URL}/schedules/${this.#scheduleName}`;
    return fetch(url, { headers: { authorization } });
  }

  async scheduleExpression(): Promise<string> {
    const { ScheduleExpression } = (await (await this.#schedule()).json()) as Record<
      string,
      string
    >;
    return ScheduleExpression ?? '';
  }

  async assertTablesKept(): Promise<void> {
    const { accountsTable, marketTable, marginTable } = this.#places;
    for (const TableName of [accountsTable, marketTable, marginTable]) {
      const { Count = 0 } = await this.#dynamo.send(new ScanCommand({ TableName }));
      assert.ok(Count > 0, `${TableName} is empty`);
    }
  }

  async assertGone(): Promise<void> {
    assert.equal((await this.#schedule()).status, 404);
    for (const TopicArn of [this.#places.alertsTopicArn, this.#places.ordersTopicArn]) {
      await assert.rejects(this.#sns.send(new GetTopicAttributesCommand({ TopicArn })), /NotFound/);
    }
  }
}

const SCHEDULE = 'AWS::Scheduler::Schedule';

async function until(
  secondsMax: number,
  what: string | (() => string),
  isThere: () => Promise<boolean>,
) {
  const last = Date.now() + secondsMax * 1000;
  while (!(await isThere())) {
    if (Date.now() > last) {
      const missing = typeof what === 'string' ? what : what();
      throw new Error(`not within ${secondsMax} s: ${missing}`);
    }
    await delay(LOOK_EVERY_MS);
  }
}
