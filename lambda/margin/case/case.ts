/** A sub-account's open case, and the events about it. */
import type { Plan } from '../liquidation/order-plan.ts';
import type { Amount } from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import type { FundClaims } from '../waterfall/fund-claims.ts';

export interface SentCall {
  /** As last sent. */
  readonly amountDue: Amount;
  readonly sentAt: number;
  readonly deadline: number;
  readonly isExpired: boolean;
  /** Since when the account lacks a price or a check; its length moves the deadline. */
  readonly outageSince?: number | undefined;
  /** When an outage last moved the deadline. */
  readonly movedAt?: number | undefined;
}

export interface SentPlan {
  readonly planId: string;
  readonly generation: number;
  readonly sentAt: number;
  readonly expiresAt: number;
  /** When the first was sent. Only where its rules open with time. */
  readonly since?: number | undefined;
}

export interface OpenCase {
  readonly caseId: string;
  readonly level: 'call' | 'liquidation';
  readonly openedAt: number;
  readonly call?: SentCall | undefined;
  /** The latest generation. */
  readonly plan?: SentPlan | undefined;
  /**
   * Since when the account waits for market capacity: the last plan that got a part of what it
   * needs, or the first that got nothing. Absent if the last plan fitted.
   */
  readonly waitingSince?: number | undefined;
  /** Whether that was reported. */
  readonly isWithheld: boolean;
  /** As last sent. */
  readonly deficit?: Amount | undefined;
  /** Absent before the first claim. */
  readonly fundClaims?: FundClaims | undefined;
}

/** As last sent. */
export interface CaseState {
  readonly isIndeterminate: boolean;
  /** When a due plan first found the rows in the middle of a change. Absent if they are at rest. */
  readonly changingSince?: number | undefined;
  readonly open?: OpenCase | undefined;
}

/** The state of a sub-account about which nothing was sent. */
export const NO_CASE: CaseState = { isIndeterminate: false };

export const isOpen = (state: CaseState): boolean =>
  state.isIndeterminate || state.changingSince !== undefined || state.open !== undefined;

export type CaseEventBody =
  | {
      readonly type: 'margin-call.issued';
      readonly amountDue: Amount;
      readonly deadline: number;
    }
  | {
      readonly type: 'margin-call.updated';
      readonly amountDue: Amount;
      readonly deadline: number;
      /** Set if an outage has moved it. */
      readonly previousDeadline?: number | undefined;
    }
  | {
      readonly type: 'margin-call.expired';
      readonly amountDue: Amount;
      /** It has passed. */
      readonly deadline: number;
      /** Set if the call is renewed. */
      readonly nextDeadline?: number | undefined;
      readonly consequence: 'liquidate' | 'remind';
    }
  | { readonly type: 'margin-call.cured' }
  | {
      readonly type: 'liquidation.ordered';
      readonly planId: string;
      readonly generation: number;
      readonly supersedes?: string | undefined;
      readonly expiresAt: number;
      /** Mode observe. */
      readonly isObserved: boolean;
      readonly plan: Plan;
    }
  | { readonly type: 'liquidation.completed' }
  | { readonly type: 'liquidation.withheld'; readonly reasons: readonly Reason[] }
  | { readonly type: 'deficit.detected'; readonly shortfall: Amount }
  | { readonly type: 'account.indeterminate'; readonly reasons: readonly Reason[] }
  | { readonly type: 'account.determinate' };

/** At most one of a type for a sub-account and check. */
export type CaseEvent = CaseEventBody & { readonly caseId?: string | undefined };
