import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { messageSchemas } from '../../lambda/messages/message-schemas.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import type { DecidedMessage, DecisionRecord } from '../../lambda/record/decision-record.ts';
import { parseExactJson, writeExactJson } from '../../lambda/rows/numeral.ts';
import { replay } from '../../local/analysis/replay.ts';
import { type MarginItem, nameOf, type World } from './world.ts';

/** Decisions about accounts only. Messages of the fund have a ledger instead of a record. */
const isAccounts = (message: Message): message is DecidedMessage =>
  'accountId' in message && message.type !== 'fund.drawn';

/** The account, the account with its isolated position, the market, the feed, or the policy. */
export function subjectOf(message: Message): string {
  if ('accountId' in message) {
    const { accountId, position } = message;
    return position === undefined ? accountId : `${accountId}#${position}`;
  }
  if ('market' in message && 'depth' in message) return message.market;
  if ('feed' in message) return message.feed;
  if (message.type === 'operator.changed') return 'policy';
  return 'lossId' in message ? 'fund' : 'check';
}

/** Messages by id. Two with one id must be identical. */
export function once(messages: readonly Message[]): Message[] {
  const byId = new Map<string, Message>();
  for (const message of messages) {
    const before = byId.get(message.id) ?? message;
    expect(message, `two deliveries of ${message.id}`).toEqual(before);
    byId.set(message.id, before);
  }
  return [...byId.values()];
}

/**
 * `<subject> <type>` of every event, each id once, sorted. Without the alerts about failed checks,
 * which repeat the fault that a test injects (check-failed.test.ts).
 */
export const saidIn = (messages: readonly Message[]): string[] =>
  once(messages)
    .filter(({ type }) => type !== 'check.failed')
    .map((message) => `${subjectOf(message)} ${message.type}`)
    .sort();

export const saidOf = async (world: World): Promise<string[]> => saidIn(await world.alerts());

/**
 * Every event has one content. Every plan has one content, is also an alert, and has been sent
 * unless it was withdrawn. Nothing is pending. The index lists the open cases. Every decision
 * replays from its record, which holds exactly the messages delivered, and those that a later one
 * replaced before they reached anybody.
 */
export async function expectInOrder(
  world: World,
  { withdrawn = 0, replaced = 0 } = {},
): Promise<void> {
  const alerts = once(await world.alerts());
  const orders = once(await world.orders());
  for (const message of alerts) messageSchemas[message.type].parse(message);
  expectOnePlanAnId(orders, alerts);
  const plans = alerts.filter((alert) => alert.type === 'liquidation.ordered' && !alert.isObserved);
  const left = orders.filter(({ type }) => type === 'liquidation.ordered');
  expect({ withdrawn: plans.length - left.length }).toEqual({ withdrawn });
  const items = await world.margin();
  await expectNothingPending(world, items);
  expectRecords(alerts.filter(isAccounts), items, replaced);
}

function expectOnePlanAnId(orders: readonly Message[], alerts: readonly Message[]): void {
  const alertsById = new Map(alerts.map((alert) => [alert.id, alert]));
  for (const order of orders) expect(order).toEqual(alertsById.get(order.id));
  const planIds = orders.flatMap((order) =>
    order.type === 'liquidation.ordered' ? [order.planId] : [],
  );
  expect(planIds, 'plans of different events with one id').toEqual([...new Set(planIds)]);
}

async function expectNothingPending(world: World, items: readonly MarginItem[]): Promise<void> {
  const pending = items.filter((item) => (item.pending ?? []).length > 0);
  expect(pending.map(nameOf)).toEqual([]);
  const active = items.filter(({ isActive }) => isActive);
  expect(await world.openKeys()).toEqual(active.map(nameOf));
}

function expectRecords(
  said: readonly DecidedMessage[],
  items: readonly MarginItem[],
  replaced: number,
): void {
  const kept = items.filter(({ record }) => record !== undefined);
  const records = kept.map(unpack);
  for (const item of kept) expectReplays(item);
  const recordedMessages = records.flatMap(({ result }) => plain(result.messages));
  const byId = (left: Message, right: Message) => (left.id < right.id ? -1 : 1);
  const ids = new Set(said.map(({ id }) => id));
  const delivered = recordedMessages.filter(({ id }) => ids.has(id));
  expect(delivered.toSorted(byId)).toEqual(said.toSorted(byId));
  expect({ replaced: recordedMessages.length - delivered.length }).toEqual({ replaced });
}

/** A replay is pure, so bytes that have matched once need no second replay in another test. */
const matched = new Set<string>();

function expectReplays(item: MarginItem): void {
  const bytes = Buffer.from(item.record ?? []).toString('base64');
  if (matched.has(bytes)) return;
  const { matches, recorded, recomputed } = replay(unpack(item));
  if (!matches) expect(recomputed, `replay of ${nameOf(item)}`).toEqual(recorded);
  expect(matches, `replay of ${nameOf(item)}`).toBe(true);
  matched.add(bytes);
}

export const unpack = ({ record }: MarginItem): DecisionRecord => {
  const text = gunzipSync(record ?? new Uint8Array()).toString('utf8');
  return parseExactJson(text) as DecisionRecord;
};

const plain = (messages: unknown): DecidedMessage[] => JSON.parse(writeExactJson(messages));
