/** No statistic depends on the order of arrival. */

import { type Amount, add, amount, larger, NO_AMOUNT } from '../../lambda/margin/number/decimal.ts';
import { groupBy } from '../../lambda/margin/number/group-by.ts';
import { messageSchemas } from '../../lambda/messages/message-schemas.ts';
import type { Message, MessageType } from '../../lambda/messages/messages.ts';
import { type AccountKind, kindOf } from './kinds.ts';

export type Of<T extends MessageType> = Extract<Message, { type: T }>;
export type Messages = readonly Message[];

/** @throws if a body is not a message of the contract */
export function readMessage(body: string): Message {
  const document = JSON.parse(body) as { type: MessageType };
  const schema = messageSchemas[document.type];
  if (schema === undefined) throw new Error(`message of unknown type ${document.type}`);
  return schema.parse(document) as Message;
}

export const ofType = <T extends MessageType>(messages: Messages, type: T): Of<T>[] =>
  messages.filter((message): message is Of<T> => message.type === type);

/** `market`: alerts about a feed or a check. */
export type Whose = AccountKind | 'market';

const whoseOf = (message: Message): Whose =>
  'accountId' in message ? kindOf(message.accountId) : 'market';

export type Counts<K extends string = string> = { readonly [Key in K]?: number };

export function alertsByKind(messages: Messages): Record<string, Counts<Whose>> {
  const byType = groupBy(messages, ({ type }) => type);
  const counted = [...byType].map(([type, alerts]) => {
    return [type, countsOf(alerts.map(whoseOf))] as const;
  });
  return Object.fromEntries(counted.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** Sorted, so that equal input gives an equal document. */
export function countsOf<K extends string>(names: readonly K[]): Counts<K> {
  const groups = groupBy(names, (name) => name);
  const counts = [...groups].map(([name, group]) => [name, group.length] as const);
  return Object.fromEntries(
    counts.toSorted(([left], [right]) => (left < right ? -1 : 1)),
  ) as Counts<K>;
}

/** Once per message and reason code. */
export const reasonCodes = (
  messages: readonly Of<'liquidation.withheld' | 'account.indeterminate'>[],
): Counts =>
  countsOf(messages.flatMap(({ reasons }) => [...new Set(reasons.map(({ code }) => code))]));

export const sumOf = (amounts: readonly Amount[]): Amount => amounts.reduce(add, NO_AMOUNT);
export const largestOf = (amounts: readonly Amount[]): Amount => amounts.reduce(larger, NO_AMOUNT);

export const notionalOf = ({ plan }: Of<'liquidation.ordered'>): Amount =>
  sumOf(plan.orders.map(({ notional }) => amount(notional)));

/** A case reports its shortfall again when it grows. */
export function worstShortfalls(messages: Messages): Amount[] {
  const deficits = ofType(messages, 'deficit.detected');
  const byCase = groupBy(deficits, ({ caseId, id }) => caseId ?? id);
  return [...byCase.values()].map((reports) =>
    largestOf(reports.map(({ shortfall }) => amount(shortfall))),
  );
}

export const accountsOf = (messages: readonly { readonly accountId: string }[]): number =>
  new Set(messages.map(({ accountId }) => accountId)).size;
