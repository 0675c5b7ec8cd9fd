import * as z from 'zod';
import { headlineOf } from '../../lambda/messages/headline.ts';
import { messageSchemas } from '../../lambda/messages/message-schemas.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { firstOf, visible } from '../../lambda/messages/visible.ts';
import { jsonOf } from './visible-texts.ts';

export type TopicName = 'alerts' | 'orders';

export interface Received {
  readonly topic: TopicName;
  /** The whole text if it is no message. */
  readonly id: string;
  /** Absent for other texts: people publish by hand. */
  readonly message?: Message | undefined;
  readonly text: string;
}

const anyMessage = z.union(Object.values(messageSchemas));

export function readReceived(topic: TopicName, text: string): Received {
  const message = messageIn(text);
  return { topic, id: message?.id ?? text, message, text };
}

function messageIn(text: string): Message | undefined {
  try {
    return anyMessage.parse(JSON.parse(text)) as Message;
  } catch {
    return undefined;
  }
}

const TEXT_LENGTH_MAX = 120;

/** `2020-03-12 11:00:00  alerts  critical  Liquidation ordered: …` */
export function lineOf({ topic, message, text }: Received): string {
  if (message === undefined) {
    const start = firstOf(text, TEXT_LENGTH_MAX);
    return visible(`not a message of the checker  ${topic}  ${start}`);
  }
  const time = message.asOf.slice(0, 19).replace('T', ' ');
  return visible(`${time}  ${topic}  ${message.severity.padEnd(8)}  ${headlineOf(message)}`);
}

export const jsonLineOf = ({ topic, message, text }: Received): string =>
  jsonOf(message === undefined ? { topic, text } : { topic, ...message });
