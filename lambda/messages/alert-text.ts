import { emailOf } from './email.ts';
import { smsOf } from './headline.ts';
import type { Message } from './messages.ts';
import type { Origin } from './origin.ts';

/** As SNS takes it with `MessageStructure: json`: the message for systems, e-mail and SMS. */
export const alertText = (message: Message, origin?: Origin): string =>
  JSON.stringify({
    default: JSON.stringify(message),
    email: emailOf(message, origin),
    sms: smsOf(message),
  });
