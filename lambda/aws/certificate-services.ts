/**
 * Services that only a check with certificates uses. Other functions do not load this file, because
 * its clients make a cold start longer.
 */
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { S3Client } from '@aws-sdk/client-s3';
import { AccountsStream } from './accounts-stream.ts';
import { CheckpointBucket } from './checkpoint-bucket.ts';
import { type ClientSettings, settingsOf } from './clients.ts';

/**
 * A part of a checkpoint takes longer than an item. All attempts fit into the time that a check of a
 * minute keeps for what has begun: it must not be stopped for want of a checkpoint.
 */
export const PART_TIMEOUT_MS = 5_000;
export const PART_ATTEMPTS_MAX = 2;

export const accountsStream = (arn: string): AccountsStream =>
  new AccountsStream(new DynamoDBStreamsClient(settingsOf()), arn);

export function checkpointBucket(name: string, given?: ClientSettings): CheckpointBucket {
  const settings = settingsOf(given);
  const requestHandler = { ...settings.requestHandler, requestTimeout: PART_TIMEOUT_MS };
  const maxAttempts = PART_ATTEMPTS_MAX;
  return new CheckpointBucket(new S3Client({ ...settings, maxAttempts, requestHandler }), name);
}
