import { type Message, SEVERITIES } from '../messages/messages.ts';

/** Thrown for what is no message of the checker: it ends among the dead letters. */
export class QueuedMessageError extends Error {
  override readonly name = 'QueuedMessageError';
}

/** The checker wrote it, so its type tells its shape. @throws QueuedMessageError */
export function messageIn(body: string): Message {
  const message = parsed(body);
  if (typeof message === 'object' && message !== null && 'type' in message) {
    if (Object.hasOwn(SEVERITIES, String(message.type))) return message as Message;
  }
  throw new QueuedMessageError(
    'not a message of the margin checker: subscribe the queue to its alerts, with raw delivery',
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
