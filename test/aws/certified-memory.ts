/** What a function on the AWS in memory keeps of the accounts; undefined without certificates. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { S3Client } from '@aws-sdk/client-s3';
import { AccountsStream } from '../../lambda/aws/accounts-stream.ts';
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import { CheckpointBucket } from '../../lambda/aws/checkpoint-bucket.ts';
import type { Stopwatch } from '../../lambda/aws/stopwatch.ts';
import { CertifiedMemory } from '../../lambda/certified/certified-memory.ts';
import type { Config } from '../../lambda/config.ts';
import { CODE_VERSION } from '../../lambda/version.ts';

interface Services {
  readonly dynamo: DynamoDBClient;
  readonly streams?: DynamoDBStreamsClient | undefined;
  readonly stopwatch: Stopwatch;
  readonly config: Config;
  readonly s3?: S3Client | undefined;
  readonly code?: string | undefined;
  /** Of a part of a checkpoint. */
  readonly partBytes?: number | undefined;
}

export function certifiedMemory(services: Services): CertifiedMemory | undefined {
  const {
    dynamo,
    streams,
    stopwatch,
    config,
    s3,
    code = `${CODE_VERSION} of a test`,
    partBytes,
  } = services;
  const { certificates, accountsTable: table, scanSegments: segments } = config;
  if (streams === undefined || certificates === undefined) return undefined;
  const { bucket, streamArn } = certificates;
  return new CertifiedMemory({
    accounts: new AccountsTable({ dynamo, table, segments }),
    stream: new AccountsStream(streams, streamArn),
    stopwatch,
    kept: s3 && bucket ? { objects: new CheckpointBucket(s3, bucket), code, partBytes } : undefined,
  });
}
