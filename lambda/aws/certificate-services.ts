/**
 * What only checks with certificates talk to. Loaded by nobody else: these clients would make every
 * cold start longer.
 */
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { S3Client } from '@aws-sdk/client-s3';
import { AccountsStream } from './accounts-stream.ts';
import { CheckpointBucket } from './checkpoint-bucket.ts';
import { type ClientSettings, settingsOf } from './clients.ts';

/** A part of a checkpoint takes longer than an item. */
const PART_TIMEOUT_MS = 10_000;

export const accountsStream = (arn: string): AccountsStream =>
  new AccountsStream(new DynamoDBStreamsClient(settingsOf()), arn);

export function checkpointBucket(name: string, given?: ClientSettings): CheckpointBucket {
  const settings = settingsOf(given);
  const requestHandler = { ...settings.requestHandler, requestTimeout: PART_TIMEOUT_MS };
  return new CheckpointBucket(new S3Client({ ...settings, requestHandler }), name);
}
