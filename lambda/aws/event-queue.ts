/** The queue of event checks. A message says that something waits for a check, and not what. */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

export interface EventQueueInput {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly url: string;
}

export class EventQueue {
  private readonly input: EventQueueInput;

  constructor(input: EventQueueInput) {
    this.input = input;
  }

  /** It comes within a second after this time, in milliseconds since 1970. */
  async wake(at: number, now: number): Promise<void> {
    const { sqs, url: QueueUrl } = this.input;
    const MessageBody = JSON.stringify({ event: new Date(at).toISOString() });
    const DelaySeconds = Math.max(0, Math.ceil((at - now) / 1000));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));
  }
}
