/** The services that a check talks to. */ import {
  DynamoDBClient,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';

type Logger = NonNullable<DynamoDBClientConfig['logger']>;

export interface Clients {
  readonly dynamo: DynamoDBClient;
  readonly sns: SNSClient;
}

/** Includes the first attempt; the SDK waits longer before each. */
const ATTEMPTS_MAX = 5;

const silent = () => undefined;

/**
 * The SDK copies every answer (a scan's page is large) for its silent default logger, not for one
 * without `info`. The other methods must exist: resolving credentials calls `debug`.
 */
const NO_LOGGER = { trace: silent, debug: silent, warn: silent, error: silent } as Logger;

export type ClientSettings = Pick<DynamoDBClientConfig, 'endpoint' | 'region' | 'credentials'>;

/** Region and credentials default to the environment. */
export function createClients(given: ClientSettings = {}): Clients {
  const settings = { maxAttempts: ATTEMPTS_MAX, logger: NO_LOGGER, ...given };
  return { dynamo: new DynamoDBClient(settings), sns: new SNSClient(settings) };
}
