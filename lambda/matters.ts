/** What a check may have to decide about: each account, each isolated position, each feed. */
import type { Delivery, Key, StoredCase } from './aws/margin-table.ts';
import { readCaseState, writeCaseState } from './contract/case-state.ts';
import { isoTime } from './contract/compose.ts';
import type { AccountRows } from './contract/document.ts';
import { MESSAGE_VERSION, type Message, SEVERITIES } from './contract/messages.ts';
import { decideSubject, recordDecision } from './decision.ts';
import type { MarketRows } from './evidence.ts';
import { type CaseState, isOpen, NO_CASE } from './margin/case.ts';
import { textOf } from './margin/decimal.ts';
import type { FeedState, Snapshot } from './margin/snapshot.ts';
import type { Matter, Proposal } from './outbox.ts';
import type { Subject } from './subjects.ts';

const ACCOUNT = 'account#';
const FEED = 'feed#';
const CASE = 'case';

export const caseKey = (accountId: string, position?: string): Key => ({
  pk: `${ACCOUNT}${accountId}`,
  sk: position === undefined ? CASE : `${CASE}#${position}`,
});

export const feedKey = (feed: string): Key => ({ pk: `${FEED}${feed}`, sk: CASE });

/** The account and isolated position of an open case; undefined for what is not an account's. */
export function subjectOfKey({
  pk,
  sk,
}: Key): { accountId: string; position?: string } | undefined {
  if (!pk.startsWith(ACCOUNT)) return undefined;
  const accountId = pk.slice(ACCOUNT.length);
  return sk === CASE ? { accountId } : { accountId, position: sk.slice(CASE.length + 1) };
}

export const feedOfKey = ({ pk }: Key): string | undefined =>
  pk.startsWith(FEED) ? pk.slice(FEED.length) : undefined;

/** One check's knowledge, shared by all its decisions. */
export interface CheckContext {
  readonly checkId: string;
  readonly snapshot: Snapshot;
  readonly marketRows: MarketRows;
}

export function accountMatter(
  subject: Subject,
  account: AccountRows,
  context: CheckContext,
): Matter {
  const { accountId, position } = subject;
  return {
    key: caseKey(accountId, position),
    accountId,
    decide: (stored) => decideAccount({ subject, account, stored, context }),
  };
}

function decideAccount(input: {
  readonly subject: Subject;
  readonly account: AccountRows;
  readonly stored: StoredCase | undefined;
  readonly context: CheckContext;
}): Proposal | undefined {
  const { subject, account, stored, context } = input;
  const before = stored === undefined ? NO_CASE : readCaseState(stored.state);
  const decision = decideSubject(subject, before, context);
  const state = writeCaseState(decision.next);
  const isActive = isOpen(decision.next);
  const keepsPlans = !decision.next.isIndeterminate && decision.next.open?.level === 'liquidation';
  if (decision.messages.length === 0 && !claimsMore(before, decision.next)) {
    const isSame = JSON.stringify(state) === JSON.stringify(writeCaseState(before));
    return isSame ? undefined : { state, isActive, keepsPlans, deliveries: [] };
  }
  const evidence = context.marketRows.evidenceFor(account);
  const { checkId } = context;
  return {
    state,
    isActive,
    keepsPlans,
    deliveries: decision.messages.map((message) => ({
      messageId: message.id,
      message: JSON.stringify(message),
      to: isForExecution(message, before, context) ? ['alerts', 'orders'] : ['alerts'],
    })),
    record: recordDecision({ subject, before, decision, checkId, evidence }),
  };
}

/** A claim is decided on by the account's case, and said by the fund once it has been settled. */
const claimsMore = (before: CaseState, next: CaseState): boolean =>
  (next.open?.cover?.claims ?? 0) > (before.open?.cover?.claims ?? 0);

/** The execution system gets the plans, and the word to stop; in mode observe it gets nothing. */
function isForExecution(message: Message, before: CaseState, { snapshot }: CheckContext): boolean {
  if (snapshot.policy.mode === 'observe') return false;
  if (message.type === 'liquidation.ordered') return true;
  return message.type === 'liquidation.completed' && before.open?.plan !== undefined;
}

interface FeedCase {
  readonly isRejected: boolean;
}

/** A feed whose price cannot be used is said once, and once when it can be again. */
export function feedMatter(feed: FeedState, context: CheckContext): Matter {
  const isRejected = !feed.price.ok;
  return {
    key: feedKey(feed.feed),
    decide: (stored) => {
      const before = (stored?.state as FeedCase | undefined)?.isRejected ?? false;
      if (before === isRejected) return undefined;
      const message = feedMessage(feed, context);
      const delivery = { messageId: message.id, message: JSON.stringify(message) };
      const state: FeedCase = { isRejected };
      const deliveries: Delivery[] = [{ ...delivery, to: ['alerts'] }];
      return { state, isActive: isRejected, keepsPlans: false, deliveries };
    },
  };
}

/** A feed that no row names any more: its case ends, with nothing to say. */
export const goneFeedMatter = (feed: string): Matter => ({
  key: feedKey(feed),
  decide: (stored) => {
    const before = (stored?.state as FeedCase | undefined)?.isRejected ?? false;
    const state: FeedCase = { isRejected: false };
    return before ? { state, isActive: false, keepsPlans: false, deliveries: [] } : undefined;
  },
});

/** Nothing to decide: only what a dead run left is published. */
export const leftoverMatter = (key: Key): Matter => ({
  key,
  decide: () => undefined,
});

function feedMessage({ feed, price }: FeedState, { checkId, snapshot }: CheckContext): Message {
  const type = price.ok ? 'oracle.recovered' : 'oracle.rejected';
  const header = {
    id: `feed:${feed}/${checkId}/${type}`,
    version: MESSAGE_VERSION,
    severity: SEVERITIES[type],
    checkId,
    asOf: isoTime(snapshot.asOf),
    feed,
  } as const;
  return price.ok
    ? { type: 'oracle.recovered', ...header, price: textOf(price.value.price) }
    : { type: 'oracle.rejected', ...header, reasons: [price.reason] };
}
