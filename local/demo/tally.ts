/** What the alerts of a run come to. No figure depends on the order in which they arrived. */

import { type Amount, add, amount, larger, NO_AMOUNT } from '../../lambda/margin/number/decimal.ts';
import { messageSchemas } from '../../lambda/messages/message-schemas.ts';
import type { Message, MessageType } from '../../lambda/messages/messages.ts';
import { type AccountKind, kindOf } from './kinds.ts';

export type Of<T extends MessageType> = Extract<Message, { type: T }>;
export type Messages = readonly Message[];

/** @throws when a body is not one of the messages of the contract. */
export function readMessage(body: string): Message {
  const document = JSON.parse(body) as { type: MessageType };
  const schema = messageSchemas[document.type];
  if (schema === undefined) throw new Error(`an alert of the unknown type ${document.type}`);
  return schema.parse(document) as Message;
}

export const ofType = <T extends MessageType>(messages: Messages, type: T): Of<T>[] =>
  messages.filter((message): message is Of<T> => message.type === type);

/** Alerts about a feed or a check are about no account. */
export type Whose = AccountKind | 'market';

const whoseOf = (message: Message): Whose =>
  'accountId' in message ? kindOf(message.accountId) : 'market';

export type Counts<K extends string = string> = { readonly [Key in K]?: number };

/** Types in alphabetical order. */
export function alertsByKind(messages: Messages): Record<string, Counts<Whose>> {
  const byType = Object.groupBy(messages, ({ type }) => type);
  const counted = Object.entries(byType).map(([type, alerts]) => {
    return [type, countsOf(alerts.map(whoseOf))] as const;
  });
  return Object.fromEntries(counted.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** By name, so that the same names always give the same document. */
export function countsOf<K extends string>(names: readonly K[]): Counts<K> {
  const groups = Object.entries(Object.groupBy(names, (name) => name)) as [K, K[]][];
  const counts = groups.map(([name, group]) => [name, group.length] as const);
  return Object.fromEntries(
    counts.toSorted(([left], [right]) => (left < right ? -1 : 1)),
  ) as Counts<K>;
}

/** A message counts once for each code among its reasons. */
export const reasonCodes = (
  messages: readonly Of<'liquidation.withheld' | 'account.indeterminate'>[],
): Counts =>
  countsOf(messages.flatMap(({ reasons }) => [...new Set(reasons.map(({ code }) => code))]));

export const sumOf = (amounts: readonly Amount[]): Amount => amounts.reduce(add, NO_AMOUNT);
export const largestOf = (amounts: readonly Amount[]): Amount => amounts.reduce(larger, NO_AMOUNT);

export const notionalOf = ({ plan }: Of<'liquidation.ordered'>): Amount =>
  sumOf(plan.orders.map(({ notional }) => amount(notional)));

/** One for each case in deficit: a shortfall is reported again when it has grown. */
export function worstShortfalls(messages: Messages): Amount[] {
  const deficits = ofType(messages, 'deficit.detected');
  const byCase = Map.groupBy(deficits, ({ caseId, id }) => caseId ?? id);
  return [...byCase.values()].map((reports) =>
    largestOf(reports.map(({ shortfall }) => amount(shortfall))),
  );
}

export const accountsOf = (messages: readonly { readonly accountId: string }[]): number =>
  new Set(messages.map(({ accountId }) => accountId)).size;
