import type { CaseEvent, CaseState } from '../margin/case/case.ts';
import { decide } from '../margin/case/decide.ts';
import {
  type DueAt,
  firstPlanAt,
  liquidationDue,
  nextGeneration,
} from '../margin/case/liquidation-due.ts';
import { type Capacity, UNLIMITED } from '../margin/liquidation/capacity.ts';
import type { Plan } from '../margin/liquidation/order-plan.ts';
import { planLiquidation } from '../margin/liquidation/plan.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { Deleveraging } from '../margin/waterfall/deleveraging.ts';
import { composeMessage } from '../messages/compose.ts';
import { composeDeleveraged } from '../messages/compose-fund.ts';
import type { DeleveragingMessage } from '../messages/messages.ts';
import type { DecidedMessage } from '../record/decision-record.ts';
import type { AssessedSubAccount } from './assess-account.ts';

export interface SubAccountDecision {
  readonly next: CaseState;
  readonly messages: readonly DecidedMessage[];
  /** Absent if no liquidation is due; not sent if it has no orders. */
  readonly plan?: Plan | undefined;
}

export interface DecisionContext {
  readonly checkId: string;
  readonly snapshot: Snapshot;
  /** The most that a plan may order; absent: no limit. */
  readonly capacity?: Capacity | undefined;
  /** They go to counterparties; the plan leaves them out. */
  readonly deleveragings?: readonly Deleveraging[] | undefined;
  /** Whether a second read of the account's rows found others. */
  readonly rowsDiffer?: boolean | undefined;
}

/** The time and policy of the check, and whether the account's rows are at rest. */
export function dueAt(
  { subAccount }: Pick<AssessedSubAccount, 'subAccount'>,
  { snapshot, rowsDiffer = false }: Pick<DecisionContext, 'snapshot' | 'rowsDiffer'>,
): DueAt {
  const { asOf, policy, outage } = snapshot;
  if (rowsDiffer) return { asOf, policy, outage, rowsChanging: 'different' };
  if (subAccount?.account.isChanging) return { asOf, policy, outage, rowsChanging: 'marked' };
  return { asOf, policy, outage };
}

export function decideSubAccount(
  assessed: AssessedSubAccount,
  state: CaseState,
  context: DecisionContext,
): SubAccountDecision {
  const { checkId, snapshot } = context;
  const { asOf, policy } = snapshot;
  const { name, accountId, position, outcome, subAccount } = assessed;
  const plan = planIfDue(assessed, state, context);
  const { next, events } = decide({
    subject: name,
    outcome,
    state,
    ...dueAt(assessed, context),
    checkId,
    callGraceSeconds: subAccount?.account.callGraceSeconds ?? policy.callGraceSeconds,
    plan,
  });
  const messages = events.flatMap((event): DecidedMessage[] => [
    ...deleveragingMessages(event, assessed, context),
    composeMessage({ event, outcome, accountId, position, checkId, asOf, policy }),
  ]);
  return { next, messages, plan };
}

export function planIfDue(
  { outcome, subAccount }: Pick<AssessedSubAccount, 'outcome' | 'subAccount'>,
  state: CaseState,
  context: Omit<DecisionContext, 'checkId'>,
): Plan | undefined {
  const { snapshot, capacity = UNLIMITED, deleveragings = [] } = context;
  if (subAccount === undefined) return undefined;
  if (!liquidationDue(outcome, state, dueAt({ subAccount }, context))) return undefined;
  const deleveraged = new Map(deleveragings.map(({ market, quantity }) => [market, quantity]));
  const generation = nextGeneration(state);
  const since = firstPlanAt(state, snapshot.asOf);
  return planLiquidation(subAccount, snapshot, { generation, since, capacity, deleveraged });
}

/** They precede the plan that leaves their positions out. */
function deleveragingMessages(
  event: CaseEvent,
  { accountId, position }: AssessedSubAccount,
  { checkId, snapshot, deleveragings = [] }: DecisionContext,
): DeleveragingMessage[] {
  const { caseId } = event;
  if (event.type !== 'liquidation.ordered' || caseId === undefined) return [];
  const bankrupt = { accountId, position, caseId };
  const composing = { checkId, asOf: snapshot.asOf, policy: snapshot.policy };
  return deleveragings.map((deleveraging) =>
    composeDeleveraged({ bankrupt, plan: event, deleveraging }, composing),
  );
}
