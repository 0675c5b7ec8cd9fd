/** Whether a message fits its published schema. */
import type { Message } from '../../lambda/messages/messages.ts';
import { publishedIn } from './published.ts';

const SCHEMAS = publishedIn('messages');

export function messageFault(message: Message): string | undefined {
  const schema = SCHEMAS.get(message.type);
  if (schema === undefined) return `message ${message.type} has no schema`;
  const fault = schema.faultIn(JSON.parse(JSON.stringify(message)));
  return fault && `message ${message.type} does not fit its schema: ${fault}`;
}
