/** The Lambda function that takes alerts from a queue and hands each to one receiver. */
import { createForwardClients, Receiver } from './aws/receiver.ts';
import { readForwardConfig } from './config.ts';
import { type Deliver, deliverTo } from './forward/deliver.ts';
import { postJson } from './forward/post.ts';
import { messageIn } from './forward/queued-message.ts';

/** As AWS Lambda hands over what it has read from the queue. */
export interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

export const createForwarder =
  (deliver: Deliver) =>
  async ({ Records }: QueueEvent): Promise<void> => {
    for (const { body } of Records) await deliver(messageIn(body));
  };

let deployed: ReturnType<typeof createForwarder> | undefined;

/**
 * The entry point for AWS. What it throws goes into the log, and the message back into the queue,
 * which tries again and in the end keeps it among its dead letters.
 */
export const handler = async (event: QueueEvent): Promise<void> => {
  if (deployed === undefined) {
    const config = readForwardConfig();
    const receiver = new Receiver({ ...createForwardClients(), config });
    const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    deployed = createForwarder(deliverTo({ receiver, config, post: postJson, wait }));
  }
  await deployed(event);
};
