/**
 * DynamoDB, SNS and SQS inside this process (dynalite, fauxqs), on this machine only, with the
 * tables and topics of the stack's definition, and with the limits of AWS.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import dynalite from 'dynalite';
import { buildApp } from 'fauxqs';
import { createClients } from '../../lambda/aws/clients.ts';
import type { Stopwatch } from '../../lambda/aws/stopwatch.ts';
import type { Config } from '../../lambda/config.ts';
import { TABLES, type TableDefinition, TOPICS, type TopicDefinition } from '../../lib/names.ts';
import { keepLimits } from './limits.ts';
import { STANDING } from './standing.ts';

export interface Services {
  readonly dynamo: DynamoDBClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly config: Config;
  readonly stopwatch: Stopwatch;
  close(): Promise<void>;
}

export async function startServices({ checkIntervalSeconds = 60 } = {}): Promise<Services> {
  const tables = await startTables();
  const topics = await startTopics();
  const { dynamo } = createClients(clientOf(tables.endpoint));
  const { sns } = createClients(clientOf(topics.endpoint));
  const sqs = new SQSClient(clientOf(topics.endpoint));
  keepLimits({ dynamo, sns, sqs });
  deliverOwnTextToQueues(sns);
  const close = async () => {
    for (const client of [dynamo, sns, sqs]) client.destroy();
    await Promise.all([tables.stop(), topics.stop()]);
  };
  for (const [name, table] of Object.entries(TABLES)) await createTable(dynamo, name, table);
  const config = {
    accountsTable: 'accounts',
    marketTable: 'market',
    marginTable: 'margin',
    alertsTopicArn: await createTopic(sns, TOPICS.alerts),
    ordersTopicArn: await createTopic(sns, TOPICS.orders),
    checkIntervalSeconds,
    scanSegments: 4,
  } satisfies Config & Record<`${keyof typeof TABLES}Table`, keyof typeof TABLES>;
  return { dynamo, sns, sqs, config, stopwatch: STANDING, close };
}

interface Embedded {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

async function startTables(): Promise<Embedded> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      server.closeAllConnections();
    });
  return { endpoint: `http://${LOOPBACK}:${port}`, stop };
}

/** Not `startFauxqs`, which listens on every network interface. */
async function startTopics(): Promise<Embedded> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ port: 0, host: LOOPBACK });
  return { endpoint, stop: () => app.close() };
}

const clientOf = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  // The services answer in this process, which may be busy with the check.
  requestHandler: {},
});

interface Structured {
  readonly Message?: string | undefined;
  readonly MessageStructure?: string | undefined;
}

/**
 * SNS picks each protocol's text from a structured message, but fauxqs sends a queue the whole
 * structure. So the queue's text is picked before publication.
 */
function deliverOwnTextToQueues(sns: SNSClient): void {
  sns.middlewareStack.add(
    (next) => (request) => {
      const input = request.input as Structured & { PublishBatchRequestEntries?: Structured[] };
      const entries = input.PublishBatchRequestEntries?.map(textForQueues);
      const own = {
        ...textForQueues(input),
        ...(entries && { PublishBatchRequestEntries: entries }),
      };
      return next({ ...request, input: own as typeof request.input });
    },
    { step: 'initialize', name: 'deliverOwnTextToQueues' },
  );
}

function textForQueues<T extends Structured>(published: T): T {
  if (published.MessageStructure !== 'json') return published;
  const texts = JSON.parse(published.Message ?? '{}') as { default: string; sqs?: string };
  return { ...published, Message: texts.sqs ?? texts.default };
}

export async function createTable(dynamo: DynamoDBClient, name: string, table: TableDefinition) {
  const { partitionKey, sortKey, sparseIndex } = table;
  const names = [partitionKey, sortKey, ...(sparseIndex ? [sparseIndex.partitionKey] : [])];
  const index = sparseIndex && {
    IndexName: sparseIndex.indexName,
    KeySchema: [{ AttributeName: sparseIndex.partitionKey, KeyType: 'HASH' as const }],
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
  };
  await dynamo.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map((each) => ({ AttributeName: each, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      ...(index && { GlobalSecondaryIndexes: [index] }),
    }),
  );
}

async function createTopic(sns: SNSClient, { localName, fifo }: TopicDefinition): Promise<string> {
  const attributes = fifo ? { FifoTopic: 'true', ContentBasedDeduplication: 'false' } : {};
  const command = new CreateTopicCommand({ Name: localName, Attributes: attributes });
  const { TopicArn } = await sns.send(command);
  if (TopicArn === undefined) throw new Error(`the topic ${localName} was not created`);
  return TopicArn;
}
