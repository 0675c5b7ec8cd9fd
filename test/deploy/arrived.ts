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
