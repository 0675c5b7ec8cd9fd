/** An SQS queue subscribed to a topic: what a system that listens to the margin checker has. */
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

/** The most that SQS hands out at once. */
const MESSAGES_MAX = 10;

export interface Subscription {
  /** Every message that waits, removed from the queue. */
  drain(): Promise<string[]>;
  /** Hands on what arrives within the time, then removes it from the queue. */
  take(waiting: Waiting, handle: (text: string) => void): Promise<void>;
  /** Unsubscribes, and deletes the queue. @throws Error naming what is left to be deleted by hand. */
  remove(): Promise<void>;
}

interface Waiting {
  /** SQS answers as soon as there is something, and after 20 at the latest. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

export interface QueueClients {
  readonly sns: Pick<SNSClient, 'send'>;
  readonly sqs: Pick<SQSClient, 'send'>;
}

export interface SubscriptionRequest {
  readonly topicArn: string;
  /** Ends with .fifo for a topic whose name does. */
  readonly queueName: string;
  /** Of message attributes; without one everything is delivered. */
  readonly filterPolicy?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * Raw delivery: the body of a message is the text that was published. What was made is taken away
 * again when a later step fails.
 */
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
    // The failure that came first is the one to tell.
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

/** This topic alone may send, and nothing reaches the queue without TLS. */
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

/** Both, whatever becomes of the other. */
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
