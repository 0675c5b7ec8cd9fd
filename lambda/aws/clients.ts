/** The clients of the two services that a check talks to. */ import {
  DynamoDBClient,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';

type Logger = NonNullable<DynamoDBClientConfig['logger']>;

export interface Clients {
  readonly dynamo: DynamoDBClient;
  readonly sns: SNSClient;
}

/** Including the first; the SDK waits longer before each. */
const ATTEMPTS_MAX = 5;

const silent = () => undefined;

/**
 * The SDK copies every answer for its silent default logger, and a page of a scan is large. It does not
 * for a logger without `info`. The other methods must exist: resolving credentials calls `debug`.
 */
const NO_LOGGER = { trace: silent, debug: silent, warn: silent, error: silent } as Logger;

export type ClientSettings = Pick<DynamoDBClientConfig, 'endpoint' | 'region' | 'credentials'>;

/** Region and credentials come from the environment unless given. */
export function createClients(given: ClientSettings = {}): Clients {
  const settings = { maxAttempts: ATTEMPTS_MAX, logger: NO_LOGGER, ...given };
  return { dynamo: new DynamoDBClient(settings), sns: new SNSClient(settings) };
}
