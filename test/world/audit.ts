/** What must hold at the end, some calm checks after the last fault. */
import { isDeepStrictEqual } from 'node:util';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { caseKey } from '../../lambda/accounts/account-case.ts';
import {
  add,
  compare,
  isNegative,
  NO_AMOUNT,
  recordedAmount,
} from '../../lambda/margin/number/decimal.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import type { StoredCaseState } from '../../lambda/record/case-state.ts';
import type { DecisionRecord } from '../../lambda/record/decision-record.ts';
import { plain, replay } from '../../local/analysis/replay.ts';
import type { AccountRow } from '../../local/aws/rows.ts';
import { unpack } from '../../local/cli/replay.ts';
import { NOTHING_CLEARED } from '../../local/demo/clearing.ts';
import { totalsOf, unbalanced } from '../../local/demo/conservation.ts';
import { accountRows } from './book.ts';
import { accountFaults, evidenceFaults, priceFaults } from './judged.ts';
import { CONFIG, type World } from './world.ts';

interface MarginItem extends Readonly<Record<string, unknown>> {
  readonly pk: string;
  readonly sk: string;
  readonly isActive?: boolean;
  readonly openSubject?: string;
  readonly pending?: readonly unknown[];
  readonly pendingParts?: readonly unknown[];
  readonly record?: Uint8Array;
}

const nameOf = ({ pk, sk }: MarginItem): string => `${pk}/${sk}`;

export function audit(world: World): void {
  const violate = (what: string) => world.watch.violate(`at the end: ${what}`);
  const items = world.tables
    .items(CONFIG.marginTable)
    .map((item) => unmarshall(item) as MarginItem);
  const faults = [
    ...world.venue.failures,
    ...pendingFaults(items),
    ...orderFaults(world),
    ...recordFaults(world, items),
    ...verdictFaults(world, items),
    ...leftOpen(world, items),
    ...ledgerFaults(items, world.history.policy.fund),
    ...conservationFaults(world),
  ];
  for (const fault of faults) violate(fault);
}

function* pendingFaults(items: readonly MarginItem[]): Generator<string> {
  for (const item of items) {
    const { pending = [], pendingParts = [], isActive = false, openSubject } = item;
    if (pending.length + pendingParts.length > 0) yield `${nameOf(item)} has messages pending`;
    if (isActive !== (openSubject !== undefined)) {
      yield `${nameOf(item)} is ${isActive ? '' : 'not '}active, and the index says otherwise`;
    }
  }
}

/**
 * Every order is also an alert; two plans never have one id. Of a run that is killed between the two
 * topics nobody knows whether its order left: the alert of the plan that supersedes it names it.
 */
function* orderFaults({ watch }: World): Generator<string> {
  const alerts = [...watch.alerts.values()].map(({ message }) => message);
  for (const [id, { message }] of watch.orders) {
    const alert = watch.alerts.get(id)?.message;
    const isSuperseded =
      alert === undefined &&
      message.type === 'liquidation.ordered' &&
      alerts.some((each) => 'supersedes' in each && each.supersedes === message.planId);
    if (isSuperseded || isDeepStrictEqual(alert, message)) continue;
    yield `the order ${id} is not the alert of that id`;
  }
  const planIds = watch.plans.map(({ planId }) => planId);
  if (new Set(planIds).size < planIds.length) yield 'two plans have one id';
}

const WHETHER_KNOWN = ['account.indeterminate', 'account.determinate'];

/** What tells how things stand is replaced, before it left, by the next message that tells the same. */
const REPLACED_BY: Readonly<Partial<Record<Message['type'], readonly string[]>>> = {
  'liquidation.ordered': ['liquidation.ordered'],
  'margin-call.updated': ['margin-call.updated'],
  'margin-call.expired': ['margin-call.expired'],
  'liquidation.withheld': ['liquidation.withheld'],
  'deficit.detected': ['deficit.detected'],
  'account.indeterminate': WHETHER_KNOWN,
  'account.determinate': WHETHER_KNOWN,
};

function* recordFaults(world: World, items: readonly MarginItem[]): Generator<string> {
  const { alerts } = world.watch;
  const recorded = new Map<string, Message>();
  for (const item of items) {
    if (item.record === undefined) continue;
    const record = unpack(item.record, item.sk);
    world.coverage.count('decisions', 'replayed');
    if (!replay(record).matches) yield `${nameOf(item)} does not replay`;
    for (const fault of evidenceFaults(record, world)) yield `${nameOf(item)} ${fault}`;
    const messages = plain(record.result.messages) as Message[];
    for (const message of messages) recorded.set(message.id, message);
    yield* planFaults(record, messages);
  }
  for (const message of recorded.values()) {
    yield* deliveryFaults(message, alerts.get(message.id)?.message, recorded);
  }
  for (const [id, { message }] of alerts) {
    if (isOfAnAccount(message) && !recorded.has(id)) yield `${id} was sent, and is in no record`;
  }
}

const isOfAnAccount = (message: Message): boolean =>
  'accountId' in message && message.type !== 'fund.drawn';

function* deliveryFaults(
  decided: Message,
  sent: Message | undefined,
  recorded: ReadonlyMap<string, Message>,
): Generator<string> {
  if (sent === undefined && !isReplaced(decided, recorded)) {
    yield `${decided.id} was decided, and never sent`;
  }
  if (sent !== undefined && !isDeepStrictEqual(sent, decided)) {
    yield `${decided.id} was sent with another content than its record has`;
  }
}

function isReplaced(message: Message, recorded: ReadonlyMap<string, Message>): boolean {
  const types = REPLACED_BY[message.type] ?? [];
  return [...recorded.values()].some(
    (each) =>
      types.includes(each.type) &&
      each.asOf > message.asOf &&
      isDeepStrictEqual(subjectOf(each), subjectOf(message)),
  );
}

const subjectOf = (message: Message) =>
  'accountId' in message ? [message.accountId, 'position' in message && message.position] : [];

interface Held {
  readonly instrument?: string;
  readonly asset?: string;
  readonly quantity?: string;
  readonly amount?: string;
}

/** No order asks for more than is held, or for the wrong side. */
function* planFaults(record: DecisionRecord, messages: readonly Message[]): Generator<string> {
  const evidence = plain(record.evidence) as {
    readonly accounts: readonly {
      readonly positions: readonly Held[];
      readonly balances: readonly Held[];
    }[];
  };
  const [account] = evidence.accounts;
  for (const message of messages) {
    if (message.type !== 'liquidation.ordered') continue;
    for (const { kind, market, side, quantity } of message.plan.orders) {
      const held =
        kind === 'position'
          ? sum(
              account?.positions.filter(({ instrument }) => instrument === market),
              'quantity',
            )
          : sum(
              account?.balances.filter(({ asset }) => asset === market),
              'amount',
            );
      const isReducing = side === 'sell' ? held > 0 : held < 0;
      // In floating point: a plan that asks for more asks for more by a lot or a unit.
      if (!isReducing || Number(quantity) > Math.abs(held) * (1 + 1e-9)) {
        yield `${message.planId} asks to ${side} ${quantity} ${market}, of which ${held} are held`;
      }
    }
  }
}

const sum = (rows: readonly Held[] = [], attribute: 'quantity' | 'amount'): number =>
  rows.reduce((total, row) => total + Number(row[attribute] ?? 0), 0);

/** An account that is gone has no case. */
function* leftOpen({ seen, touched }: World, items: readonly MarginItem[]): Generator<string> {
  for (const item of items) {
    const { pk, sk, state } = item;
    const accountId = pk.replace(/^account#/, '');
    const isCase = pk !== accountId && sk.startsWith('case');
    const isGone = seen?.accounts.has(accountId) === false && !touched.has(accountId);
    if (isCase && isGone && (state as StoredCaseState).open !== undefined) {
      yield `${nameOf(item)} is open, and its account has no rows`;
    }
  }
}

/** Of every account at the last check. */
function* verdictFaults(world: World, items: readonly MarginItem[]): Generator<string> {
  const { seen, touched, coverage, prices } = world;
  if (seen === undefined) {
    yield 'the market of the last check was not seen';
    return;
  }
  yield* priceFaults(seen, prices.now);
  for (const [accountId, own] of seen.accounts) {
    coverage.count('accounts', touched.has(accountId) ? 'changed meanwhile' : 'judged');
    if (touched.has(accountId)) continue;
    const stateOf = (position: string | undefined) => {
      const { pk, sk } = caseKey(accountId, position);
      const item = items.find((each) => each.pk === pk && each.sk === sk);
      return item?.state as StoredCaseState | undefined;
    };
    for (const fault of accountFaults({ accountId, rows: own }, seen, stateOf)) {
      yield `${accountId} ${fault}`;
    }
  }
}

/** Balance = sum of the entries, in sequence, and never below zero. */
function* ledgerFaults(items: readonly MarginItem[], paidIn: number): Generator<string> {
  const fund = items.find(({ pk, sk }) => pk === 'fund' && sk === 'balance');
  const state = fund?.state as { readonly balance: string; readonly sequence: number } | undefined;
  const entries = items
    .filter(({ pk, sk }) => pk === 'fund' && sk.startsWith('entry#'))
    .sort((left, right) => (left.sk < right.sk ? -1 : 1));
  const booked = entries.filter(({ kind }) => kind === 'paid-in');
  const paid = booked.reduce((total, { amount }) => total + Number(amount), 0);
  if (paid !== paidIn) yield `${paidIn} were paid into the fund, and ${paid} are booked`;
  let balance = NO_AMOUNT;
  for (const [index, entry] of entries.entries()) {
    balance = add(balance, recordedAmount(String(entry.amount)));
    if (entry.sequence !== index + 1) yield `the fund's entry ${index + 1} is missing`;
    if (isNegative(balance)) yield `the fund is below zero after entry ${index + 1}`;
    if (compare(balance, recordedAmount(String(entry.balance))) !== 0) {
      yield `the fund's entry ${index + 1} has another balance than the sum of entries`;
    }
  }
  if (compare(balance, recordedAmount(state?.balance ?? '0')) !== 0) {
    yield `the fund has ${state?.balance}, and its entries add up to ${balance}`;
  }
}

/** Cash, contracts and coins. */
function* conservationFaults(world: World): Generator<string> {
  const { history, venue } = world;
  const size = () => '1';
  const rows = history.accounts.flatMap(accountRows);
  const before = totalsOf({ rows, clearing: NOTHING_CLEARED }, size);
  const now = world.accountItems().map((item) => unmarshall(item) as AccountRow);
  const after = totalsOf({ rows: now, clearing: venue.venue.clearing }, size);
  for (const name of unbalanced(before, after)) {
    yield `${name} was ${before.get(name) ?? 0}, and is ${after.get(name) ?? 0}`;
  }
}
