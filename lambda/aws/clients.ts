/** The services that a check talks to. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';

type Logger = NonNullable<DynamoDBClientConfig['logger']>;

export interface Clients {
  readonly dynamo: DynamoDBClient;
  readonly sns: SNSClient;
}

/** Includes the first attempt; the SDK waits longer before each, in all at most 1.5 s. */
export const ATTEMPTS_MAX = 5;

/**
 * A call without an answer is given up and tried again. All attempts fit into the time that a check
 * of a minute keeps for what has begun (outbox/time-limit.ts).
 */
export const TIMEOUTS = {
  connectionTimeout: 1_000,
  requestTimeout: 2_000,
  throwOnRequestTimeout: true,
  /** Between two pieces of an answer. */
  socketTimeout: 2_000,
} as const;

const silent = () => undefined;

/**
 * The SDK copies every answer (a scan's page is large) for its silent default logger, not for one
 * without `info`. The other methods must exist: resolving credentials calls `debug`.
 */
const NO_LOGGER = { trace: silent, debug: silent, warn: silent, error: silent } as Logger;

export type ClientSettings = Pick<
  DynamoDBClientConfig,
  'endpoint' | 'region' | 'credentials' | 'requestHandler'
>;

/** Settings of one client. Each client gets a handler of its own, and so its own sockets. */
export const settingsOf = (given: ClientSettings = {}) => ({
  maxAttempts: ATTEMPTS_MAX,
  logger: NO_LOGGER,
  requestHandler: { ...TIMEOUTS },
  ...given,
});

/** Region and credentials default to the environment. */
export const createDynamo = (given?: ClientSettings): DynamoDBClient =>
  new DynamoDBClient(settingsOf(given));

export const createClients = (given?: ClientSettings): Clients => ({
  dynamo: createDynamo(given),
  sns: new SNSClient(settingsOf(given)),
});
