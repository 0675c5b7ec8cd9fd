/** One message to one receiver. A message that fails goes back into its queue. */
import { chatbotNotification } from '../formats/chatbot.ts';
import type { Message } from '../messages/messages.ts';
import type { Origin } from '../messages/origin.ts';
import { type Answer, DeliveryError, type Post } from './post.ts';
import { type PostedFormat, type PostedRequest, requestOf } from './request.ts';

/** AWS keeps the secret of the receiver, or the topic of the chat. */
export interface ReceiverPort {
  secret(): Promise<string>;
  /** The secret may have been replaced: read it again next time. */
  forgetSecret(): void;
  publishToChat(notification: object): Promise<void>;
}

export type Format = PostedFormat | 'chatbot';

export interface Delivery {
  readonly receiver: ReceiverPort;
  readonly config: { readonly format: Format; readonly origin: Origin };
  readonly post: Post;
  readonly wait: (ms: number) => Promise<void>;
}

export type Deliver = (message: Message) => Promise<void>;

/** The function has 30 s, and each request takes at most 5. */
const WAIT_SECONDS_MAX = 10;
const TOO_MANY_REQUESTS = 429;

export function deliverTo({ receiver, config, post, wait }: Delivery): Deliver {
  const { format, origin } = config;
  if (format === 'chatbot') {
    return (message) => receiver.publishToChat(chatbotNotification(message, origin));
  }
  return async (message) => {
    try {
      const request = requestOf(format, await receiver.secret(), { message, origin });
      if (request !== undefined) await send(request, { post, wait });
    } catch (error) {
      receiver.forgetSecret();
      throw error;
    }
  };
}

/** A receiver that asks for time gets it, once. @throws DeliveryError */
async function send(
  { url, body }: PostedRequest,
  { post, wait }: Pick<Delivery, 'post' | 'wait'>,
): Promise<void> {
  const text = JSON.stringify(body);
  let answer = await post(url, text);
  if (answer.status === TOO_MANY_REQUESTS) {
    await wait(1000 * Math.min(answer.retryAfterSeconds ?? 1, WAIT_SECONDS_MAX));
    answer = await post(url, text);
  }
  if (!isTaken(answer)) {
    throw new DeliveryError(`the receiver answered ${answer.status}: ${answer.text}`);
  }
}

const isTaken = ({ status }: Answer): boolean => status >= 200 && status < 300;
