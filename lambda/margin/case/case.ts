/** The open matter of one sub-account that is not healthy, and what is sent about it. */

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
}

export interface SentPlan {
  readonly planId: string;
  readonly generation: number;
  readonly sentAt: number;
  readonly expiresAt: number;
}

export interface OpenCase {
  readonly caseId: string;
  readonly level: 'call' | 'liquidation';
  readonly openedAt: number;
  readonly call?: SentCall | undefined;
  /** The latest generation. */
  readonly plan?: SentPlan | undefined;
  /**
   * Since when its orders have not fitted into the markets: since the last plan that got a part of
   * what it needs, or since the first that got nothing. Absent when all of the last one fitted.
   */
  readonly waitingSince?: number | undefined;
  /** It has been said that a liquidation is withheld. */
  readonly isWithheld: boolean;
  /** The shortfall as last sent. */
  readonly deficit?: Amount | undefined;
  /** What has been claimed of the insurance fund; absent before the first claim. */
  readonly fundClaims?: FundClaims | undefined;
}

/** What was last sent about a sub-account. With nothing open there is nothing to remember. */
export interface CaseState {
  readonly isIndeterminate: boolean;
  readonly open?: OpenCase | undefined;
}

/** The state of a sub-account about which nothing was sent. */
export const NO_CASE: CaseState = { isIndeterminate: false };

export const isOpen = (state: CaseState): boolean =>
  state.isIndeterminate || state.open !== undefined;

export type CaseEventBody =
  | {
      readonly type: 'margin-call.issued' | 'margin-call.updated';
      readonly amountDue: Amount;
      readonly deadline: number;
    }
  | {
      readonly type: 'margin-call.expired';
      readonly amountDue: Amount;
      /** The deadline that has passed; the next one, when the call is renewed. */
      readonly deadline: number;
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
      /** Mode observe: said, not ordered. */
      readonly isObserved: boolean;
      readonly plan: Plan;
    }
  | { readonly type: 'liquidation.completed' }
  | { readonly type: 'liquidation.withheld'; readonly reasons: readonly Reason[] }
  | { readonly type: 'deficit.detected'; readonly shortfall: Amount }
  | { readonly type: 'account.indeterminate'; readonly reasons: readonly Reason[] }
  | { readonly type: 'account.determinate' };

/** An event and the case it belongs to; one of a type at most for a sub-account and check. */
export type CaseEvent = CaseEventBody & { readonly caseId?: string | undefined };
