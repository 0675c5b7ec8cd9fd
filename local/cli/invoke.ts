import Table from 'cli-table3';
import type { Command } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { STOPWATCH } from '../../lambda/aws/stopwatch.ts';
import { EventError, readEventTime } from '../../lambda/check/scheduled-check.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandler } from '../../lambda/check.ts';
import { headlineOf } from '../../lambda/messages/headline.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import { Numeral, writeExactJson } from '../../lambda/rows/numeral.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { PolicyError } from '../../lambda/rows/read-market.ts';
import { DocumentError, readDocument } from '../analysis/document.ts';
import { configOf, endpointOf, locate, type Place } from '../aws/deployment.ts';
import { putExactly, writeRows } from '../aws/rows.ts';
import type { Services } from '../aws/services.ts';
import { subscribeQueue } from '../aws/subscription.ts';
import { InputError, placeOf, readJson } from './input.ts';
import { loadWith } from './optional-packages.ts';
import { accountsLine, print, printJson } from './output.ts';
import { isPlaced, withPlace } from './place.ts';

interface InvokeOptions extends Place {
  readonly book: string;
  readonly aws?: boolean;
  readonly json?: boolean;
}

export function declareInvoke(program: Command): void {
  const command = program
    .command('invoke')
    .summary('run one check from a sample event')
    .description('Run one check from a sample event: on this machine with a book, or on AWS.')
    .argument('<event>', 'an EventBridge event, such as test/events/scheduler.json')
    .option(
      '--book <file>',
      'assess document that fills the tables on this machine',
      'docs/examples/book.json',
    )
    .option(
      '--aws',
      'run on the tables and topics of a stack; --stack, --environment or --endpoint imply it',
    );
  withPlace(command)
    .option('--json', 'print JSON')
    .action(async (event: string, options: InvokeOptions) => {
      const invocation =
        options.aws === true || isPlaced(options)
          ? await invokeAt(event, options)
          : await invokeEmbedded({ event, book: options.book });
      if (options.json) printJson(invocation);
      else print(invocation, invocationTables);
    });
}

export interface Invocation {
  readonly summary: CheckSummary;
  /** Empty on AWS: subscribers get the messages. */
  readonly alerts: readonly Message[];
  readonly orders: readonly Message[];
}

const EMBEDDED = {
  packages: ['dynalite', 'fauxqs'],
  advice:
    'invoke runs on embedded services in a clone of the repository only; ' +
    'with --aws it runs on a deployed stack',
};

/** @throws InputError for an unreadable event or book, or whatever the handler throws. */
export async function invokeEmbedded(paths: {
  readonly event: string;
  readonly book: string;
}): Promise<Invocation> {
  const event = await readPlainJson(paths.event);
  const scheduledAt = scheduledTimeOf(event, paths.event);
  const book = readBook(await readJson(paths.book), paths.book);
  const { startServices } = await loadWith(EMBEDDED, () => import('../aws/services.ts'));
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

export async function invokeAt(path: string, place: Place): Promise<Invocation> {
  const event = await readPlainJson(path);
  scheduledTimeOf(event, path);
  const config = configOf(await locate(place));
  const times = { now: Date.now, stopwatch: STOPWATCH };
  const summary = await createHandler({
    ...createClients(endpointOf(place)),
    config,
    ...times,
  })(event);
  return { summary, alerts: [], orders: [] };
}

const readPlainJson = async (path: string): Promise<unknown> =>
  JSON.parse(writeExactJson(await readJson(path)));

function scheduledTimeOf(event: unknown, path: string): number {
  try {
    return readEventTime(event).at ?? Date.now();
  } catch (error) {
    if (error instanceof EventError) {
      throw new InputError(`${placeOf(path)}: ${error.message}`);
    }
    throw error;
  }
}

function readBook(document: unknown, path: string): Evidence {
  try {
    return readDocument(document);
  } catch (error) {
    if (error instanceof DocumentError || error instanceof PolicyError) {
      throw new InputError(`${placeOf(path)}: ${error.message}`);
    }
    throw error;
  }
}

/** Quotes keep their age. */
function movedTo(book: Evidence, time: number): Evidence {
  const moved = (row: RawRow): RawRow => {
    if (row.kind !== 'quote' || !(row.publishedAt instanceof Numeral)) return row;
    const publishedAt = Number(row.publishedAt.text) + time - book.asOf;
    return { ...row, publishedAt: new Numeral(String(publishedAt)) };
  };
  return { ...book, asOf: time, marketRows: book.marketRows.map(moved) };
}

async function seed({ dynamo, config }: Services, book: Evidence): Promise<void> {
  const market = book.marketRows.map(putExactly);
  await writeRows(dynamo, { table: config.marketTable, requests: market });
  const accounts = book.accounts.flatMap((account) => account.rows).map(putExactly);
  await writeRows(dynamo, { table: config.accountsTable, requests: accounts });
}

export function invocationTables({ summary, alerts, orders }: Invocation): string {
  const counts = new Table({ style: { head: [], border: [] } });
  const { levels } = summary;
  counts.push(
    {
      check: `${summary.checkId}${summary.skipped === undefined ? '' : ` skipped: ${summary.skipped}`}`,
    },
    {
      accounts: accountsLine(summary),
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
