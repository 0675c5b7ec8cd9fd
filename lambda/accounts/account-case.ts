/** What a check may have to decide about: each account and isolated position. */

import { type CaseState, isOpen, NO_CASE } from '../margin/case/case.ts';
import type { Plan } from '../margin/liquidation/order-plan.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { Deleveraging } from '../margin/waterfall/deleveraging.ts';
import type { Message } from '../messages/messages.ts';
import { CASE, type Found, type Matter, type Proposal } from '../outbox/case-subject.ts';
import { deliveryOf } from '../outbox/pending-messages.ts';
import type { Key, StoredCase } from '../outbox/stored-case.ts';
import { readCaseState, writeCaseState } from '../record/case-state.ts';
import type { MarketRows } from '../record/evidence.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import type { Subject } from './assess-account.ts';
import { decideSubject, recordDecision } from './decision.ts';
import type { MarketCapacity } from './market-capacity.ts';

const ACCOUNT = 'account#';
export const caseKey = (accountId: string, position?: string): Key => ({
  pk: `${ACCOUNT}${accountId}`,
  sk: position === undefined ? CASE : `${CASE}#${position}`,
});

/** The account and isolated position of an open case; undefined for what is not an account's. */
export function subjectOfKey({
  pk,
  sk,
}: Key): { accountId: string; position?: string } | undefined {
  if (!pk.startsWith(ACCOUNT)) return undefined;
  const accountId = pk.slice(ACCOUNT.length);
  return sk === CASE ? { accountId } : { accountId, position: sk.slice(CASE.length + 1) };
}

/** Auto-deleveraging, as the accounts see it: decided once, after the scan and before any plan. */
export interface DeleveragingStep {
  /** What of the account's positions goes to counterparties; none before it is decided. */
  of(key: string): readonly Deleveraging[];
  note(found: Found<AccountMatter>, isDue: boolean): void;
  decide(): Promise<void>;
}

/** One check's knowledge, shared by all its decisions, what they have left of the markets, and what counterparties take. */
export interface CheckContext {
  readonly checkId: string;
  readonly snapshot: Snapshot;
  readonly marketRows: MarketRows;
  readonly capacity: MarketCapacity;
  readonly deleveragings: DeleveragingStep;
}

/** Also what may have to wait for its turn: what it was assessed from and as. */
export interface AccountMatter extends Matter {
  readonly account: AccountRows;
  readonly subject: Subject;
}

export function accountMatter(
  account: AccountRows,
  subject: Subject,
  context: CheckContext,
): AccountMatter {
  const decide = accountDecision(account, { context, assessed: () => subject });
  const { accountId, position } = subject;
  return { key: caseKey(accountId, position), accountId, account, subject, decide };
}

/** @param assessed called for each attempt to decide. */
export function accountDecision(
  account: AccountRows,
  { context, assessed }: { readonly context: CheckContext; readonly assessed: () => Subject },
): Matter['decide'] {
  let before: Plan | undefined;
  return (stored) => {
    // Decided again, as another run has moved the case: what was reserved then is free.
    context.capacity.giveBack(before);
    before = undefined;
    const { proposal, plan } = decideAccount({ subject: assessed(), account, stored, context });
    before = plan;
    context.capacity.take(plan);
    return proposal;
  };
}

export const caseStateOf = (stored: StoredCase | undefined): CaseState =>
  stored === undefined ? NO_CASE : readCaseState(stored.state);

function decideAccount(input: {
  readonly subject: Subject;
  readonly account: AccountRows;
  readonly stored: StoredCase | undefined;
  readonly context: CheckContext;
}): { readonly proposal?: Proposal; readonly plan?: Plan | undefined } {
  const { subject, account, stored, context } = input;
  const { checkId, snapshot, marketRows } = context;
  const before = caseStateOf(stored);
  const capacity = context.capacity.leftIn(marketRows.marketsOf(account));
  const limits = { capacity, deleveragings: context.deleveragings.of(subject.key) };
  const decision = decideSubject(subject, before, { checkId, snapshot, ...limits });
  const { plan } = decision;
  const state = writeCaseState(decision.next);
  const isActive = isOpen(decision.next);
  const keepsPlans = !decision.next.isIndeterminate && decision.next.open?.level === 'liquidation';
  if (decision.messages.length === 0 && !claimsMore(before, decision.next)) {
    const isSame = JSON.stringify(state) === JSON.stringify(writeCaseState(before));
    return isSame ? { plan } : { plan, proposal: { state, isActive, keepsPlans, deliveries: [] } };
  }
  const evidence = marketRows.evidenceFor(account, plan && limits);
  const proposal = {
    state,
    isActive,
    keepsPlans,
    deliveries: decision.messages.map((message) =>
      deliveryOf(
        message,
        isForExecution(message, before, context) ? ['alerts', 'orders'] : ['alerts'],
      ),
    ),
    record: recordDecision({ subject, before, decision, checkId, evidence }),
  };
  return { plan, proposal };
}

/** A claim is decided on by the account's case, and said by the fund once it has been settled. */
const claimsMore = (before: CaseState, next: CaseState): boolean =>
  (next.open?.fundClaims?.claims ?? 0) > (before.open?.fundClaims?.claims ?? 0);

/** The execution system gets the plans, and the word to stop; in mode observe it gets nothing. */
function isForExecution(message: Message, before: CaseState, { snapshot }: CheckContext): boolean {
  if (snapshot.policy.mode === 'observe') return false;
  if ('planId' in message) return true;
  return message.type === 'liquidation.completed' && before.open?.plan !== undefined;
}
