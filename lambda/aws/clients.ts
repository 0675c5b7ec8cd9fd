/** The two services that a check talks to. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';

type Logger = NonNullable<DynamoDBClientConfig['logger']>;

export interface Clients {
  readonly dynamo: DynamoDBClient;
  readonly sns: SNSClient;
}

/** Tries of one call, the first included; the SDK waits longer before each. */
const ATTEMPTS_MAX = 5;

const silent = () => undefined;

/**
 * The SDK's own logger is silent, and copies every answer to be so. A logger without `info` is not
 * asked to, and a page of a scan is a large answer. The other methods are called without a look
 * whether they are there: the first of them when credentials are resolved.
 */
const NO_LOGGER = { trace: silent, debug: silent, warn: silent, error: silent } as Logger;

export type ClientSettings = Pick<DynamoDBClientConfig, 'endpoint' | 'region' | 'credentials'>;

/** For the region and credentials of the environment, unless given. */
export function createClients(given: ClientSettings = {}): Clients {
  const settings = { maxAttempts: ATTEMPTS_MAX, logger: NO_LOGGER, ...given };
  return { dynamo: new DynamoDBClient(settings), sns: new SNSClient(settings) };
}
