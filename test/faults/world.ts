/**
 * A margin checker in a world of its own: embedded tables and topics, a queue on each topic, and a
 * clock that the test sets. Every check runs the real handler.
 */
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { expect, onTestFinished } from 'vitest';
import { OPEN_CASES_INDEX } from '../../lambda/aws/margin-table.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandlers, type Handlers } from '../../lambda/check.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import type { Topic } from '../../lambda/outbox/stored-case.ts';
import { CheckFailedError } from '../../lambda/run-check.ts';
import { startServices } from '../../local/aws/services.ts';
import { subscribeQueue } from '../../local/aws/subscription.ts';
import { certifiedMemory } from '../aws/certified-memory.ts';
import { CHECKPOINTS, type MemoryServices, memoryServices } from '../aws/services.ts';
import { ACCOUNTS, MARKET, PRICES, quote } from './book.ts';

/** All worlds in memory have certificates, and everything has to be as without: docs/contributing.md. */
const ALL_CERTIFIED = process.env.CERTIFICATES === '1';

/** A row as its writer has it: texts, numbers, lists, maps. */
export type Row = Readonly<Record<string, unknown>>;

/** A decision in an item's list of what is pending, as it is stored. */
export interface StoredDecision {
  readonly checkId: string;
  readonly deliveries: readonly { readonly messageId: string; readonly to: readonly Topic[] }[];
  readonly rows?: Uint8Array;
}

/** An item of the margin table. */
export interface MarginItem extends Row {
  readonly pk: string;
  readonly sk: string;
  readonly checkId: string;
  readonly openSubject?: string;
  readonly isActive?: boolean;
  readonly pending?: readonly StoredDecision[];
  readonly record?: Uint8Array;
}

export type Clients = Pick<MemoryServices, 'dynamo' | 'sns'>;
export type Stead = Partial<
  Pick<MemoryServices, 'dynamo' | 'sns' | 'streams' | 'config' | 'stopwatch'>
>;

/** The scheduled time of check 0. */
export const START = Date.parse('2020-03-12T11:00:00.000Z');
const MINUTE_MS = 60_000;
/** A check begins this long after its scheduled time. */
export const CLOCK_LAG_MS = 250;
/** The age of a quote when a check begins. */
const QUOTE_AGE_MS = 3_000;
const WRITES_MAX = 25;

export const timeOf = (minute: number): number => START + minute * MINUTE_MS;
export const checkIdOf = (minute: number): string => new Date(timeOf(minute)).toISOString();

export const eventAt = (minute: number) => ({
  source: 'aws.scheduler',
  'detail-type': 'Scheduled Event',
  time: checkIdOf(minute),
});

export interface WorldInput {
  readonly market?: readonly Row[];
  readonly accounts?: readonly Row[];
  readonly prices?: Readonly<Record<string, string>>;
  readonly scanSegments?: number;
  /** In memory by default. */
  readonly on?: 'memory' | 'dynalite';
  /** One function stays warm from check to check, with certificates. */
  readonly hasCertificates?: boolean;
  /** Changed accounts and moved prices start checks. */
  readonly hasEvents?: boolean;
}

/** Closed at the end of the test that opens it. */
export async function openWorld(input: WorldInput = {}): Promise<World> {
  const world = await World.start(input);
  onTestFinished(() => world.close());
  return world;
}

/** Behind HTTP, as the demo has them. */
async function embedded(): Promise<MemoryServices> {
  const services = await startServices();
  const { alertsTopicArn, ordersTopicArn } = services.config;
  const queues = {
    alerts: await subscribeQueue(services, { topicArn: alertsTopicArn, queueName: 'alerts' }),
    orders: await subscribeQueue(services, { topicArn: ordersTopicArn, queueName: 'o.fifo' }),
  };
  return { ...services, drain: (topic) => queues[topic].drain() };
}

export class World {
  readonly dynamo: DynamoDBClient;
  readonly services: MemoryServices;
  private readonly hasCertificates: boolean;
  /** The function that is warm. */
  private warm: Handlers | undefined;
  private clock = START;
  private readonly received: Record<'alerts' | 'orders', string[]> = { alerts: [], orders: [] };

  private constructor(services: MemoryServices, hasCertificates: boolean) {
    this.services = services;
    this.hasCertificates = hasCertificates;
    this.dynamo = services.dynamo;
  }

  static async start(input: WorldInput): Promise<World> {
    const { market = MARKET, accounts = ACCOUNTS, prices = PRICES, scanSegments = 1 } = input;
    const { hasEvents = false } = input;
    const started = input.on === 'dynalite' ? await embedded() : memoryServices();
    const { stream, hasCertificates = ALL_CERTIFIED } = { ...started, ...input };
    const isCertified = hasCertificates && stream !== undefined;
    // Where every test has certificates, a function with a fault of its own has to read every account.
    const bucket = input.hasCertificates ? CHECKPOINTS : undefined;
    const certified = isCertified && {
      certificates: { streamArn: stream.arnOf('accounts'), bucket },
    };
    const services = {
      ...started,
      config: { ...started.config, scanSegments, hasEvents, ...certified },
    };
    const world = new World(services, isCertified);
    const stale = quote('DOGE-USD', '0.1', START - 10 * MINUTE_MS);
    await world.writeMarket([...market, stale]);
    await world.writeAccounts(accounts);
    await world.quoteAt(0, prices);
    return world;
  }

  close(): Promise<void> {
    return this.services.close();
  }

  writeMarket(rows: readonly Row[]): Promise<void> {
    return this.write(this.services.config.marketTable, rows);
  }

  writeAccounts(rows: readonly Row[]): Promise<void> {
    return this.write(this.services.config.accountsTable, rows);
  }

  /** Writes the policy of the book, with these attributes changed. */
  writePolicy(policy: Row): Promise<void> {
    const before = MARKET.find(({ kind }) => kind === 'policy');
    return this.writeMarket([{ ...before, ...policy }]);
  }

  /** Writes fresh quotes for the check of this minute. */
  quoteAt(minute: number, prices: Readonly<Record<string, string>> = PRICES): Promise<void> {
    const publishedAt = timeOf(minute) - QUOTE_AGE_MS;
    const rows = Object.entries(prices).map(([feed, price]) => quote(feed, price, publishedAt));
    return this.writeMarket(rows);
  }

  private async write(table: string, rows: readonly Row[]): Promise<void> {
    for (let from = 0; from < rows.length; from += WRITES_MAX) {
      const batch = rows.slice(from, from + WRITES_MAX);
      const requests = batch.map((row) => ({ PutRequest: { Item: marshall(row) } }));
      await this.dynamo.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
    }
  }

  /** Takes raw attribute values, for what `marshall` cannot write. */
  async writeItem(table: 'accounts' | 'market', Item: Record<string, object>): Promise<void> {
    const { accountsTable, marketTable } = this.services.config;
    const TableName = table === 'accounts' ? accountsTable : marketTable;
    await this.dynamo.send(new PutItemCommand({ TableName, Item: Item as never }));
  }

  async removeMarket(kind: string, id: string): Promise<void> {
    const TableName = this.services.config.marketTable;
    await this.dynamo.send(new DeleteItemCommand({ TableName, Key: marshall({ kind, id }) }));
  }

  async removeAccount(accountId: string, items: readonly string[]): Promise<void> {
    const TableName = this.services.config.accountsTable;
    for (const item of items) {
      const Key = marshall({ accountId, item });
      await this.dynamo.send(new DeleteItemCommand({ TableName, Key }));
    }
  }

  /** Runs one check through the handler and expects that its counts add up. */
  async check(minute: number, through: Stead = {}): Promise<CheckSummary> {
    return this.handle(eventAt(minute), timeOf(minute) + CLOCK_LAG_MS, through);
  }

  /** The next check begins in another environment. */
  coldStart(): void {
    this.warm = undefined;
  }

  /** A warm function with clients of its own: runs the check of a minute, at its prices. */
  warmWith(through: Stead): (minute: number) => Promise<CheckSummary> {
    const { check } = this.handlersWith(through);
    return async (minute) => {
      await this.quoteAt(minute);
      this.clock = timeOf(minute) + CLOCK_LAG_MS;
      return check(eventAt(minute));
    };
  }

  private handlersWith(through: Stead): Handlers {
    const { services } = this;
    const now = () => this.clock;
    const { time } = services;
    if (!this.hasCertificates || time === undefined) {
      return createHandlers({ ...services, ...through, now });
    }
    const stopwatch = {
      now: () => time.now,
      wait: (milliseconds: number) => time.runUntil(time.now + milliseconds),
    };
    // Faults have an environment of their own.
    const isOther = Object.keys(through).length > 0;
    const started = () => {
      const resources = { ...services, stopwatch, ...through };
      return createHandlers({ ...resources, certified: certifiedMemory(resources), now });
    };
    if (isOther) return started();
    this.warm ??= started();
    return this.warm;
  }

  async handle(event: unknown, clock: number, through: Stead = {}) {
    this.clock = clock;
    const { check, after } = this.handlersWith(through);
    try {
      const summary = await check(event);
      expectAddsUp(summary);
      await after(summary);
      return summary;
    } catch (error) {
      if (error instanceof CheckFailedError) expectAddsUp(error.summary);
      throw error;
    }
  }

  /** Runs one event check, at this time. */
  event(clock: number, through: Stead = {}) {
    this.clock = clock;
    return this.handlersWith(through).event();
  }

  async checkAfresh(minute: number, prices = PRICES): Promise<CheckSummary> {
    await this.quoteAt(minute, prices);
    return this.check(minute);
  }

  /** Every alert delivered in this world, including repeats. */
  alerts(): Promise<readonly Message[]> {
    return this.receivedFrom('alerts');
  }

  orders(): Promise<readonly Message[]> {
    return this.receivedFrom('orders');
  }

  private async receivedFrom(topic: 'alerts' | 'orders'): Promise<readonly Message[]> {
    this.received[topic].push(...(await this.services.drain(topic)));
    return this.received[topic].map((text) => JSON.parse(text) as Message);
  }

  async margin(): Promise<MarginItem[]> {
    return (await this.scan()) as MarginItem[];
  }

  async caseOf(accountId: string, sk = 'case'): Promise<MarginItem | undefined> {
    const items = await this.margin();
    return items.find((item) => item.pk === `account#${accountId}` && item.sk === sk);
  }

  async openKeys(): Promise<string[]> {
    return (await this.scan(OPEN_CASES_INDEX)).map(nameOf);
  }

  private async scan(IndexName?: string): Promise<Row[]> {
    const TableName = this.services.config.marginTable;
    const input = { TableName, ...(IndexName === undefined ? {} : { IndexName }) };
    const items: Row[] = [];
    for await (const page of paginateScan({ client: this.dynamo }, input)) {
      items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    }
    return items.sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
  }
}

export const nameOf = ({ pk, sk }: Row): string => `${pk}/${sk}`;

/** Accounts = assessed + indeterminate + failed, and no count below zero. */
function expectAddsUp({ accounts, assessed, indeterminate, failed }: CheckSummary): void {
  expect({ accounts }).toEqual({ accounts: assessed + indeterminate + failed });
  expect(Math.min(assessed, indeterminate, failed)).toBeGreaterThanOrEqual(0);
}

/** The summary of a check that must fail. */
export async function failureOf(check: Promise<unknown>): Promise<CheckSummary> {
  const error = await check.then(
    () => expect.fail('the check did not fail'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CheckFailedError);
  return (error as CheckFailedError).summary;
}
