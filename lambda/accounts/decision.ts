/**
 * A decision as it is kept: what was known, what was decided, what is to be published. Everything
 * needed to decide again is in it, and replay.ts does.
 */

import type { CaseEvent, CaseState } from '../margin/case/case.ts';
import { decide } from '../margin/case/decide.ts';
import { type Capacity, UNLIMITED } from '../margin/liquidation/capacity.ts';
import type { Plan } from '../margin/liquidation/order-plan.ts';
import { planLiquidation } from '../margin/liquidation/plan.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { Deleveraging } from '../margin/waterfall/deleveraging.ts';
import { composeMessage } from '../messages/compose.ts';
import { type Composing, composeDeleveraged } from '../messages/compose-fund.ts';
import type { AccountMessage, DeleveragingMessage } from '../messages/messages.ts';
import { type StoredCaseState, writeCaseState } from '../record/case-state.ts';
import type { Evidence } from '../record/evidence.ts';
import { renderOutcome } from '../record/render.ts';
import { writeDocument } from '../record/write-document.ts';
import { CODE_VERSION } from '../version.ts';
import type { Subject } from './assess-account.ts';

export type DecidedMessage = AccountMessage | DeleveragingMessage;

export interface SubjectDecision {
  readonly next: CaseState;
  readonly messages: readonly DecidedMessage[];
  /** That a liquidation was due with; its orders go out unless there are none. */
  readonly plan?: Plan | undefined;
}

export interface DecisionContext {
  readonly checkId: string;
  readonly snapshot: Snapshot;
  /** What the plan may use of each market; absent: as much as it needs. */
  readonly capacity?: Capacity | undefined;
  /** What of a bankrupt account's positions a plan leaves to counterparties. */
  readonly deleveragings?: readonly Deleveraging[] | undefined;
}

export function decideSubject(
  subject: Subject,
  state: CaseState,
  { checkId, snapshot, capacity = UNLIMITED, deleveragings = [] }: DecisionContext,
): SubjectDecision {
  const { asOf, policy } = snapshot;
  const { key, accountId, position, outcome, subAccount } = subject;
  const deleveraged = new Map(deleveragings.map(({ market, quantity }) => [market, quantity]));
  let plan: Plan | undefined;
  const { next, events } = decide({
    subject: key,
    outcome,
    state,
    asOf,
    checkId,
    policy,
    callGraceSeconds: subAccount?.account.callGraceSeconds ?? policy.callGraceSeconds,
    plan: (generation) => {
      if (subAccount === undefined) throw new Error(`${key}: no plan for rows that were not read`);
      plan = planLiquidation(subAccount, snapshot, { generation, capacity, deleveraged });
      return plan;
    },
  });
  const messages = events.flatMap((event): DecidedMessage[] => [
    ...deleveragingMessages(event, {
      deleveragings,
      subject,
      composing: { checkId, asOf, policy },
    }),
    composeMessage({ event, outcome, accountId, position, checkId, asOf, policy }),
  ]);
  return { next, messages, plan };
}

/** Said before the plan that leaves them out. */
function deleveragingMessages(
  event: CaseEvent,
  of: {
    readonly deleveragings: readonly Deleveraging[];
    readonly subject: Subject;
    readonly composing: Composing;
  },
): DeleveragingMessage[] {
  const { accountId, position } = of.subject;
  const { caseId } = event;
  if (event.type !== 'liquidation.ordered' || caseId === undefined) return [];
  const bankrupt = { accountId, position, caseId };
  return of.deleveragings.map((deleveraging) =>
    composeDeleveraged({ bankrupt, plan: event, deleveraging }, of.composing),
  );
}

/** Plain JSON, apart from Numerals in its evidence. */
export interface DecisionRecord {
  readonly codeVersion: string;
  readonly checkId: string;
  readonly accountId: string;
  readonly position?: string;
  readonly before: StoredCaseState;
  /** A document that `margin assess` reads, with this account alone. */
  readonly evidence: Record<string, unknown>;
  readonly result: DecisionResult;
}

export interface DecisionResult {
  readonly assessment: ReturnType<typeof renderOutcome>;
  readonly after: StoredCaseState;
  readonly messages: readonly DecidedMessage[];
}

export interface RecordInput {
  readonly subject: Subject;
  readonly before: CaseState;
  readonly decision: SubjectDecision;
  readonly checkId: string;
  readonly evidence: Evidence;
}

export function recordDecision(input: RecordInput): DecisionRecord {
  const { subject, before, decision, checkId, evidence } = input;
  const { accountId, position, outcome } = subject;
  return {
    codeVersion: CODE_VERSION,
    checkId,
    accountId,
    ...(position === undefined ? {} : { position }),
    before: writeCaseState(before),
    evidence: writeDocument(evidence),
    result: {
      assessment: renderOutcome({ accountId, position, outcome }),
      after: writeCaseState(decision.next),
      messages: decision.messages,
    },
  };
}
