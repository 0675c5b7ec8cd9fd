/** The minimum of a cold start: two clients, created and not used. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';

const clients = [new DynamoDBClient({}), new SNSClient({})];

export const handler = async (): Promise<number> => clients.length;
