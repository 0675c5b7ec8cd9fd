import type { Assessment, Outcome } from '../assess/assess.ts';
import { isSurelyNegative } from '../curve/figure.ts';
import type { Plan } from '../liquidation/order-plan.ts';
import type { CheckOutage } from '../market/outage.ts';
import type { Policy } from '../market/policy.ts';
import type { CaseState, OpenCase } from './case.ts';
import { afterOutage } from './outage.ts';
import { type RowsChanging, waitsForRows } from './rows-changing.ts';

export interface DueAt {
  readonly asOf: number;
  readonly policy: Policy;
  /** Absent: the check before was completed in time. */
  readonly outage?: CheckOutage | undefined;
  /** Absent: the rows are at rest. */
  readonly rowsChanging?: RowsChanging | undefined;
}

/** Whether the decision needs a plan, to order it or to say why it is withheld. */
export const liquidationDue = (outcome: Outcome, state: CaseState, at: DueAt): boolean =>
  isPlanWanted(outcome, state, at) && !waitsForRows(state, at);

/** As if the rows were at rest. */
export function isPlanWanted(outcome: Outcome, { open }: CaseState, at: DueAt): boolean {
  if (outcome.certainty === 'indeterminate' || at.policy.halt) return false;
  if (open === undefined) return mustLiquidate(outcome, false);
  return isPlanDue(open, at) && mustLiquidate(outcome, isExpiredAt(open, at));
}

/** 1 for a case's first plan. */
export const nextGeneration = ({ open }: CaseState): number => (open?.plan?.generation ?? 0) + 1;

/**
 * When the case sent its first order plan: now, if it sent none. A rule that opens with time and is
 * set during a liquidation counts from the latest plan before it.
 */
export function firstPlanAt({ open }: CaseState, asOf: number): number {
  const plan = open?.plan;
  return plan === undefined ? asOf : (plan.since ?? plan.sentAt);
}

/**
 * Below the liquidation line at every price of doubt and uncertainty; or, after the call has
 * expired, below the call line at each of them (row 2 of ../assess/verdict.ts).
 */
export function mustLiquidate({ level, surplus }: Assessment, isExpired: boolean): boolean {
  if (level === 'liquidation' || level === 'deficit') return true;
  return isExpired && level === 'call' && isSurelyNegative(surplus.call.agedHigh);
}

/** The first plan, or after the last one's cooldown or expiry. */
export function isPlanDue({ plan }: OpenCase, { asOf, policy }: DueAt): boolean {
  if (plan === undefined) return true;
  const cooledAt = plan.sentAt + policy.liquidationCooldownSeconds * 1000;
  return asOf >= cooledAt || asOf >= plan.expiresAt;
}

/** Also if it expires at this check. A reminder renews it instead. */
function isExpiredAt({ call, level }: OpenCase, at: DueAt): boolean {
  if (call === undefined || call.isExpired) return call !== undefined;
  const { onCallExpiry } = at.policy;
  const { deadline } = afterOutage(call, at);
  return level === 'call' && onCallExpiry === 'liquidate' && at.asOf >= deadline;
}

/** Even if all is deleveraged: the plan before has to stop. */
export const isToBeSent = ({ orders, swaps = [], cancelOpenOrders, deleveraged }: Plan): boolean =>
  orders.length + swaps.length + cancelOpenOrders.length + (deleveraged?.size ?? 0) > 0;
