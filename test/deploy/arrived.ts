import assert from 'node:assert/strict';
import type { Message } from '../../lambda/messages/messages.ts';

type Call = Extract<Message, { readonly type: 'margin-call.issued' }>;
type Order = Extract<Message, { readonly type: 'liquidation.ordered' }>;

export const accountNamed = (message: Message): string =>
  'accountId' in message ? message.accountId : '';

const about = (messages: readonly Message[], accountId: string): Message[] =>
  messages.filter((message) => accountNamed(message) === accountId);

export const typesOf = (messages: readonly Message[], accountId: string): string[] =>
  about(messages, accountId).map(({ type }) => type);

export const callsOf = (messages: readonly Message[], accountId: string): Call[] =>
  about(messages, accountId).filter((message) => message.type === 'margin-call.issued');

export const ordersOf = (messages: readonly Message[], accountId: string): Order[] =>
  about(messages, accountId).filter((message) => message.type === 'liquidation.ordered');

export const uniqueIds = (messages: readonly Message[]): number =>
  new Set(messages.map(({ id }) => id)).size;

/** The messages about an account without its name, so that twins can be compared. */
const figuresOf = (messages: readonly Message[], accountId: string): string =>
  JSON.stringify(
    about(messages, accountId).map((message) => {
      switch (message.type) {
        case 'margin-call.issued':
          return [message.type, message.asOf, message.amountDue];
        case 'liquidation.ordered':
          return [message.type, message.asOf, message.plan];
        default:
          return [message.type, message.asOf];
      }
    }),
  );

/** @throws unless each twin has heard what the account has, with the same amounts and orders */
export function assertSame(
  messages: readonly Message[],
  accountId: string,
  twins: readonly string[],
): void {
  const expected = figuresOf(messages, accountId);
  assert.notEqual(expected, '[]', `${accountId} has heard nothing`);
  for (const twin of twins) assert.equal(figuresOf(messages, twin), expected, twin);
}
