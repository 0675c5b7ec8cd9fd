/** The two services that a check talks to. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';

export interface Clients {
  readonly dynamo: DynamoDBClient;
  readonly sns: SNSClient;
}

/** Tries of one call, the first included; the SDK waits longer before each. */
const ATTEMPTS_MAX = 5;

/** For the region and credentials of the environment, or for another endpoint. */
export function createClients(endpoint?: string): Clients {
  const settings = { maxAttempts: ATTEMPTS_MAX, ...(endpoint === undefined ? {} : { endpoint }) };
  return { dynamo: new DynamoDBClient(settings), sns: new SNSClient(settings) };
}
