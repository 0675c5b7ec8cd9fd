/**
 * Tables and topics in memory, with the names of the embedded ones, for tests that need no network.
 * Messages arrive at once. Tables take as much as they are given: each call comes a second after the
 * one before it.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { TABLES, TOPICS } from '../../lib/names.ts';
import type { Services } from '../../local/aws/services.ts';
import { STANDING } from '../../local/aws/standing.ts';
import { clientOf } from './client.ts';
import { MemoryBuckets } from './memory-bucket.ts';
import { MemoryStreams } from './memory-streams.ts';
import { MemoryTables } from './memory-tables.ts';
import { MemoryTopics } from './memory-topics.ts';
import { VirtualTime } from './virtual-time.ts';

export interface MemoryServices extends Omit<Services, 'sqs'> {
  /** Reads the accounts table's stream; the embedded services have none. */
  readonly streams?: DynamoDBStreamsClient;
  readonly stream?: MemoryStreams;
  /** Has the bucket CHECKPOINTS. */
  readonly s3?: S3Client;
  /** The clock of the tables and the stream. */
  readonly time?: VirtualTime;
  /** Takes the messages that have arrived since the last call. */
  drain(topic: keyof typeof TOPICS): Promise<string[]>;
}

export const CHECKPOINTS = 'checkpoints';

const { partitionKey, sortKey } = TABLES.accounts;
const ACCOUNTS_KEYS = { partitionKey, sortKey };

const arnOf = (topic: keyof typeof TOPICS): string =>
  `arn:aws:sns:us-east-1:000000000000:${TOPICS[topic].localName}`;

export function memoryServices(): MemoryServices {
  const tablesTime = new VirtualTime(Date.now());
  const stream = new MemoryStreams({
    time: tablesTime,
    tables: { accounts: { ...ACCOUNTS_KEYS, viewType: 'KEYS_ONLY' } },
  });
  const tables = new MemoryTables({
    time: tablesTime,
    definitions: TABLES,
    onChange: (change) => {
      if (change.table === 'accounts') stream.record('accounts', change);
    },
  });
  const time = new VirtualTime(Date.now());
  const topicArns = [arnOf('alerts'), arnOf('orders')];
  const topics = new MemoryTopics({ time, topicArns });
  const arrived = { alerts: [] as string[], orders: [] as string[] };
  for (const topic of ['alerts', 'orders'] as const) {
    topics.subscribe(arnOf(topic), ({ body }) => arrived[topic].push(body));
  }
  const toTables = async (command: object): Promise<object> => {
    await tablesTime.runUntil(tablesTime.now + 1_000);
    // A caller that changes an answer changes no table.
    return structuredClone(tables.answer(command));
  };
  const buckets = new MemoryBuckets(tablesTime, [CHECKPOINTS]);
  const toStream = async (command: object): Promise<object> => stream.answer(command);
  return {
    dynamo: clientOf(DynamoDBClient, toTables),
    streams: clientOf(DynamoDBStreamsClient, toStream),
    stream,
    s3: clientOf(S3Client, async (command) => buckets.answer(command)),
    time: tablesTime,
    sns: clientOf(SNSClient, async (command) => topics.answer(command)),
    config: {
      accountsTable: 'accounts',
      marketTable: 'market',
      marginTable: 'margin',
      alertsTopicArn: arnOf('alerts'),
      ordersTopicArn: arnOf('orders'),
      checkIntervalSeconds: 60,
      scanSegments: 4,
    },
    stopwatch: STANDING,
    drain: async (topic) => {
      await time.runUntil(time.now);
      return arrived[topic].splice(0);
    },
    close: async () => undefined,
  };
}
