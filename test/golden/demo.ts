/** Every message, record and item of a fixed run of the demo, and whether each decision replays. */
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { writeExactJson } from '../../lambda/rows/numeral.ts';
import { type Services, startServices } from '../../local/aws/services.ts';
import { unpack } from '../../local/cli/replay.ts';
import { parseDemoOptions } from '../../local/demo/options.ts';
import { runDemo } from '../../local/demo/run.ts';
import { Collection, type Digest } from './digest.ts';

export type Digests = Readonly<Record<string, Digest>>;

export async function demoDigests(words: readonly string[]): Promise<Digests> {
  const services = await startServices();
  try {
    const published = collectPublications(services);
    const options = parseDemoOptions([...words, '--no-report']);
    const run = await runDemo({ services, options }, () => undefined);
    const replays = new Collection();
    replays.add(run.replays);
    return digestsOf({ ...published, ...(await itemsOf(services)), replays });
  } finally {
    await services.close();
  }
}

export const digestsOf = (collections: Readonly<Record<string, Collection>>): Digests =>
  Object.fromEntries(Object.entries(collections).map(([name, each]) => [name, each.digest]));

interface Entry {
  readonly Message: string;
  readonly Subject?: string;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly MessageAttributes: unknown;
}

/** Publications to SNS: the messages for systems, and the texts for people. */
function collectPublications({ sns }: Services) {
  const [alerts, orders, texts] = [new Collection(), new Collection(), new Collection()];
  sns.middlewareStack.add(
    (next) => (request) => {
      const { PublishBatchRequestEntries: entries = [] } = request.input as {
        readonly PublishBatchRequestEntries?: readonly Entry[];
      };
      for (const { Message, Subject, MessageAttributes, ...fifo } of entries) {
        const { default: message = Message, ...forPeople } = Subject ? JSON.parse(Message) : {};
        const to = fifo.MessageGroupId === undefined ? alerts : orders;
        const { MessageGroupId, MessageDeduplicationId } = fifo;
        const attributes = { MessageAttributes, MessageGroupId, MessageDeduplicationId };
        to.add({ message: JSON.parse(message), attributes });
        if (Subject !== undefined) texts.addSentence(JSON.stringify({ Subject, forPeople }));
      }
      return next(request);
    },
    { step: 'initialize', priority: 'high' },
  );
  return { alerts, orders, texts };
}

/** The tables as they stand at the end, a collection for each kind of item. */
async function itemsOf({ dynamo, config }: Services) {
  const collections: Record<string, Collection> = {};
  for (const table of [config.accountsTable, config.marketTable, config.marginTable]) {
    for await (const { Items = [] } of paginateScan({ client: dynamo }, { TableName: table })) {
      for (const item of Items) {
        const { record, ...row } = unmarshall(item, { wrapNumbers: true });
        const name = `items ${table} ${String(row.pk ?? '').split('#')[0]}`.trim();
        const content = record === undefined ? {} : { record: plain(unpack(record, name)) };
        const kind = record === undefined ? name : 'records';
        collections[kind] ??= new Collection();
        collections[kind].add({ ...plain(row), ...content });
      }
    }
  }
  return collections;
}

const plain = (value: unknown) => JSON.parse(writeExactJson(value));
