/** `margin invoke`: one event through the real handler. */
import { NumberValueImpl as NumberValue } from '@aws-sdk/util-dynamodb';
import Table from 'cli-table3';
import { createClients } from '../../lambda/aws/clients.ts';
import { createHandler } from '../../lambda/check.ts';
import { ConfigError, readConfig } from '../../lambda/config.ts';
import { DocumentError, type Evidence, readDocument } from '../../lambda/contract/document.ts';
import type { RawRow } from '../../lambda/contract/fault.ts';
import type { Message } from '../../lambda/contract/messages.ts';
import { Numeral } from '../../lambda/contract/numeral.ts';
import { PolicyError } from '../../lambda/contract/read-market.ts';
import { headlineOf } from '../../lambda/contract/text.ts';
import { EventError, readScheduledCheck } from '../../lambda/scheduled-check.ts';
import type { CheckSummary } from '../../lambda/tally.ts';
import { type Attributes, put, writeRows } from '../rows.ts';
import { type Services, startServices } from '../services.ts';
import { subscribeQueue } from '../subscription.ts';
import { InputError, readJson } from './input.ts';

export interface Invocation {
  readonly summary: CheckSummary;
  /** What the embedded topics delivered; against AWS, the subscribers have it. */
  readonly alerts: readonly Message[];
  readonly orders: readonly Message[];
}

/** @throws InputError for an event or book that cannot be read; otherwise what the handler throws. */
export async function invokeEmbedded(paths: {
  readonly event: string;
  readonly book: string;
}): Promise<Invocation> {
  const event = await readPlainJson(paths.event);
  const scheduledAt = scheduledTimeOf(event, paths.event);
  const book = readBook(await readJson(paths.book), paths.book);
  const services = await startServices();
  try {
    await seed(services, movedTo(book, scheduledAt));
    const [alerts, orders] = await Promise.all([
      subscribeQueue(services, { topicArn: services.config.alertsTopicArn, queueName: 'alerts' }),
      subscribeQueue(services, {
        topicArn: services.config.ordersTopicArn,
        queueName: 'orders.fifo',
      }),
    ]);
    const summary = await createHandler({ ...services, now: () => scheduledAt })(event);
    const read = (texts: readonly string[]) => texts.map((text) => JSON.parse(text) as Message);
    return { summary, alerts: read(await alerts.drain()), orders: read(await orders.drain()) };
  } finally {
    await services.close();
  }
}

/** The tables and topics are those of the environment's variables, as the function has them. */
export async function invokeAt(path: string, endpoint: string | undefined): Promise<Invocation> {
  const event = await readPlainJson(path);
  scheduledTimeOf(event, path);
  const dependencies = {
    ...createClients(endpoint === undefined ? {} : { endpoint }),
    config: configOf(),
    now: Date.now,
  };
  const summary = await createHandler(dependencies)(event);
  return { summary, alerts: [], orders: [] };
}

function configOf() {
  try {
    return readConfig();
  } catch (error) {
    if (error instanceof ConfigError) throw new InputError(error.message);
    throw error;
  }
}

const readPlainJson = async (path: string): Promise<unknown> =>
  JSON.parse(JSON.stringify(await readJson(path)));

function scheduledTimeOf(event: unknown, path: string): number {
  try {
    return readScheduledCheck(event, Number.MAX_SAFE_INTEGER / 2).scheduledAt;
  } catch (error) {
    if (error instanceof EventError) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}

function readBook(document: unknown, path: string): Evidence {
  try {
    return readDocument(document);
  } catch (error) {
    if (error instanceof DocumentError || error instanceof PolicyError) {
      throw new InputError(`${path}: ${error.message}`);
    }
    throw error;
  }
}

/** The book as if its own time were the event's: quotes keep their age. */
function movedTo(book: Evidence, time: number): Evidence {
  const moved = (row: RawRow): RawRow => {
    if (row.kind !== 'quote' || !(row.publishedAt instanceof Numeral)) return row;
    const publishedAt = Number(row.publishedAt.text) + time - book.asOf;
    return { ...row, publishedAt: new Numeral(String(publishedAt)) };
  };
  return { ...book, asOf: time, marketRows: book.marketRows.map(moved) };
}

async function seed({ dynamo, config }: Services, book: Evidence): Promise<void> {
  const requests = (rows: readonly RawRow[]) =>
    rows.map((row) => put(marshallable(row) as Attributes));
  await writeRows(dynamo, { table: config.marketTable, requests: requests(book.marketRows) });
  const rows = book.accounts.flatMap((account) => account.rows);
  await writeRows(dynamo, { table: config.accountsTable, requests: requests(rows) });
}

/** Numbers as DynamoDB's own, with every digit. */
function marshallable<T>(value: T): T {
  if (value instanceof Numeral) return NumberValue.from(value.text) as T;
  if (Array.isArray(value)) return value.map(marshallable) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, marshallable(each)]);
  return Object.fromEntries(entries) as T;
}

export function invocationTables({ summary, alerts, orders }: Invocation): string {
  const counts = new Table({ style: { head: [], border: [] } });
  const { accounts, assessed, indeterminate, failed, levels } = summary;
  counts.push(
    {
      check: `${summary.checkId}${summary.skipped === undefined ? '' : ` skipped: ${summary.skipped}`}`,
    },
    {
      accounts: `${accounts} = ${assessed} assessed + ${indeterminate} indeterminate + ${failed} failed`,
    },
    {
      levels: Object.entries(levels)
        .map(([level, count]) => `${count} ${level}`)
        .join(', '),
    },
    { published: `${summary.published}` },
  );
  const said = new Table({
    head: ['topic', 'severity', 'message'],
    style: { head: [], border: [] },
  });
  for (const alert of alerts) said.push(['alerts', alert.severity, headlineOf(alert)]);
  for (const order of orders) said.push(['orders', order.severity, headlineOf(order)]);
  const hasMessages = alerts.length + orders.length > 0;
  return [counts.toString(), ...(hasMessages ? [said.toString()] : [])].join('\n');
}
