/**
 * The embedded services take more than AWS does. This layer refuses before they do, with the faults
 * of AWS, what table-limits.ts and message-limits.ts name. What the services refuse themselves is not
 * repeated: items over 400 KB of ASCII, numbers beyond 38 digits, batches with too many entries.
 */
import { type DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { type SNSClient, SNSServiceException } from '@aws-sdk/client-sns';
import { type SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import { publishFault, queueFault } from './message-limits.ts';
import { tableFault } from './table-limits.ts';

/** Of one call: what AWS would answer, or undefined if it takes it. */
export interface Fault {
  readonly name: string;
  readonly message: string;
}

export interface Limited {
  readonly dynamo: DynamoDBClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

export function keepLimits({ dynamo, sns, sqs }: Limited): void {
  dynamo.middlewareStack.add(refusing(tableFault, DynamoDBServiceException), PLACE);
  sns.middlewareStack.add(refusing(publishFault, SNSServiceException), PLACE);
  sqs.middlewareStack.add(refusing(queueFault, SQSServiceException), PLACE);
}

/** Before anything else changes the input. */
const PLACE = { step: 'initialize', priority: 'high', name: 'keepLimits' } as const;

type Exception =
  | typeof DynamoDBServiceException
  | typeof SNSServiceException
  | typeof SQSServiceException;

const refusing =
  (faultOf: (input: object) => Fault | undefined, Exception: Exception) =>
  <Request extends { readonly input: object }, Answer>(
    next: (request: Request) => Promise<Answer>,
  ) =>
  async (request: Request): Promise<Answer> => {
    const fault = faultOf(request.input);
    if (fault === undefined) return next(request);
    throw new Exception({ ...fault, $fault: 'client', $metadata: { httpStatusCode: 400 } });
  };
