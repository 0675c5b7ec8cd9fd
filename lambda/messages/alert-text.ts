import { emailOf } from './email.ts';
import { smsOf } from './headline.ts';
import type { Message } from './messages.ts';

/** As SNS takes it with `MessageStructure: json`: the message for systems, e-mail and SMS. */
export const alertText = (message: Message): string =>
  JSON.stringify({
    default: JSON.stringify(message),
    email: emailOf(message),
    sms: smsOf(message),
  });
