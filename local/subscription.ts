/** An SQS queue subscribed to a topic: what a system that listens to the margin checker has. */
import type { SNSClient } from '@aws-sdk/client-sns';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
  type Message as SqsMessage,
} from '@aws-sdk/client-sqs';

/** The most that SQS hands out at once. */
const MESSAGES_MAX = 10;

export interface Subscription {
  /** Every message that waits, removed from the queue. */
  drain(): Promise<string[]>;
}

interface Clients {
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

/** Raw delivery: the body of a message is the text that was published. */
export async function subscribeQueue(
  { sns, sqs }: Clients,
  { topicArn, queueName }: { readonly topicArn: string; readonly queueName: string },
): Promise<Subscription> {
  const fifo = queueName.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  const created = await sqs.send(
    new CreateQueueCommand({ QueueName: queueName, Attributes: { ...fifo } }),
  );
  const QueueUrl = created.QueueUrl;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.QueueArn,
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  return { drain: () => drainQueue(sqs, QueueUrl) };
}

async function drainQueue(sqs: SQSClient, QueueUrl: string | undefined): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: MESSAGES_MAX }),
    );
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: Messages.map(entryOf) }));
  }
}

const entryOf = ({ MessageId, ReceiptHandle }: SqsMessage) => ({ Id: MessageId, ReceiptHandle });
