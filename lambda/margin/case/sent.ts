/** What a case keeps of what it sends. */
import type { Plan } from '../liquidation/order-plan.ts';
import type { Policy } from '../market/policy.ts';
import type { Amount } from '../number/decimal.ts';
import type { OpenCase, SentCall, SentPlan } from './case.ts';
import { nextGeneration } from './liquidation-due.ts';

interface At {
  readonly asOf: number;
  readonly policy: Policy;
  readonly callGraceSeconds: number;
}

export const newCall = (amountDue: Amount, { asOf, callGraceSeconds }: At): SentCall => ({
  amountDue,
  sentAt: asOf,
  deadline: asOf + callGraceSeconds * 1000,
  isExpired: false,
});

/** The next generation. A plan on which nothing opens, as one for the backstop, keeps the start. */
export function newPlan(open: OpenCase, { opened }: Plan, { asOf, policy }: At): SentPlan {
  const generation = nextGeneration({ isIndeterminate: false, open });
  const expiresAt = asOf + policy.planExpirySeconds * 1000;
  const named = { planId: `${open.caseId}#${generation}`, generation, sentAt: asOf, expiresAt };
  const since = opened?.since ?? open.plan?.since;
  return since === undefined ? named : { ...named, since };
}
