import { type SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
  type Message as SqsMessage,
} from '@aws-sdk/client-sqs';

/** SQS's limit for one receive. */
const MESSAGES_MAX = 10;

export interface Subscription {
  /** Returns and deletes all waiting messages. */
  drain(): Promise<string[]>;
  /** Handles what arrives in time, then deletes it. */
  take(waiting: Waiting, handle: (text: string) => void): Promise<void>;
  /** Unsubscribes and deletes the queue. @throws Error naming what must be deleted by hand. */
  remove(): Promise<void>;
}

interface Waiting {
  /** At most 20; SQS answers sooner if a message arrives. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

export interface QueueClients {
  readonly sns: Pick<SNSClient, 'send'>;
  readonly sqs: Pick<SQSClient, 'send'>;
}

export interface SubscriptionRequest {
  readonly topicArn: string;
  /** Ends with .fifo if the topic's name does. */
  readonly queueName: string;
  /** On message attributes; default: everything is delivered. */
  readonly filterPolicy?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Raw: a message body is the published text. A failed step removes what was created. */
export async function subscribeQueue(
  clients: QueueClients,
  request: SubscriptionRequest,
): Promise<Subscription> {
  const { sqs } = clients;
  const queueUrl = await createQueue(clients, request.queueName);
  const made: Made = { queueUrl, subscriptionArn: undefined };
  try {
    made.subscriptionArn = await subscribe(clients, queueUrl, request);
  } catch (error) {
    // Report the first failure.
    await removeMade(clients, made).catch(() => undefined);
    throw error;
  }
  return {
    drain: () => drainQueue(sqs, queueUrl),
    take: (waiting, handle) => takeMessages(sqs, { queueUrl, ...waiting, handle }),
    remove: () => removeMade(clients, made),
  };
}

interface Made {
  readonly queueUrl: string;
  subscriptionArn: string | undefined;
}

async function createQueue({ sqs }: QueueClients, queueName: string): Promise<string> {
  const Attributes = queueName.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: queueName, Attributes: { ...Attributes } }),
  );
  if (QueueUrl === undefined) throw new Error(`the queue ${queueName} was not created`);
  return QueueUrl;
}

async function subscribe(
  { sns, sqs }: QueueClients,
  queueUrl: string,
  { topicArn, filterPolicy }: SubscriptionRequest,
): Promise<string | undefined> {
  const queue = { QueueUrl: queueUrl };
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ ...queue, AttributeNames: ['QueueArn'] }),
  );
  const queueArn = Attributes?.QueueArn ?? '';
  const Policy = JSON.stringify(queuePolicy(queueArn, topicArn));
  await sqs.send(new SetQueueAttributesCommand({ ...queue, Attributes: { Policy } }));
  const filter = filterPolicy === undefined ? {} : { FilterPolicy: JSON.stringify(filterPolicy) };
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: queueArn,
      Attributes: { RawMessageDelivery: 'true', ...filter },
      ReturnSubscriptionArn: true,
    }),
  );
  return SubscriptionArn;
}

/** Only this topic may send, and only over TLS. */
export const queuePolicy = (queueArn: string, topicArn: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn,
      Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
    },
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sqs:*',
      Resource: queueArn,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ],
});

/** Attempts both even if one fails. */
async function removeMade({ sns, sqs }: QueueClients, made: Made): Promise<void> {
  const { queueUrl, subscriptionArn } = made;
  const steps: [string, Promise<unknown>][] = [
    [queueUrl, sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }))],
  ];
  if (subscriptionArn !== undefined) {
    const command = new UnsubscribeCommand({ SubscriptionArn: subscriptionArn });
    steps.push([subscriptionArn, sns.send(command)]);
  }
  const ended = await Promise.allSettled(steps.map(([, step]) => step));
  const faults = ended.flatMap((each, index) =>
    each.status === 'rejected' ? [`${steps[index]?.[0]} (${each.reason})`] : [],
  );
  if (faults.length > 0) throw new Error(`delete by hand: ${faults.join(', ')}`);
}

async function takeMessages(
  sqs: QueueClients['sqs'],
  taking: Waiting & { readonly queueUrl: string; readonly handle: (text: string) => void },
): Promise<void> {
  const { queueUrl: QueueUrl, seconds, signal, handle } = taking;
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: MESSAGES_MAX,
      WaitTimeSeconds: seconds,
    }),
    { abortSignal: signal },
  );
  if (Messages.length === 0) return;
  for (const { Body = '' } of Messages) handle(Body);
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: Messages.map(entryOf) }));
}

async function drainQueue(sqs: QueueClients['sqs'], queueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  const { signal } = new AbortController();
  for (;;) {
    const before = bodies.length;
    await takeMessages(sqs, { queueUrl, seconds: 0, signal, handle: (text) => bodies.push(text) });
    if (bodies.length === before) return bodies;
  }
}

const entryOf = ({ MessageId, ReceiptHandle }: SqsMessage) => ({ Id: MessageId, ReceiptHandle });
