/** Plans that a venue works. */
import { randomStream } from '../analysis/random.ts';
import { LATENCY, REFUSED_SHARE } from './book/figures.ts';
import type { Refusal } from './intake.ts';
import type { Order, PlanMessage } from './venue-market.ts';

/**
 * filled: all that could be traded. part: less before the plan ended, or some orders refused.
 * nothing: the books gave nothing. refused: every order.
 */
export type Verdict = Refusal | 'working' | 'filled' | 'part' | 'nothing' | 'refused';

export interface Working {
  readonly plan: PlanMessage;
  readonly dueMs: number;
  readonly orders: readonly Order[];
  readonly isFirst: boolean;
  readonly hasTraded: boolean;
  readonly hasRefused: boolean;
}

export interface Arrival {
  readonly seed: number;
  readonly now: number;
  readonly refusedShare?: number | undefined;
}

/** Draws the first attempt's latency and the refused orders. */
export function arrived(plan: PlanMessage, arrival: Arrival): Working {
  const { seed, now, refusedShare = REFUSED_SHARE } = arrival;
  const random = randomStream(seed, `orders of ${plan.planId}`);
  const { promptMs, lateShare, lateMs } = LATENCY;
  const { least, most } = random.uniform() < lateShare ? lateMs : promptMs;
  const dueMs = now + random.wholeBetween(least, most);
  const orders = plan.plan.orders.filter(() => random.uniform() >= refusedShare);
  const hasRefused = orders.length < plan.plan.orders.length;
  return { plan, dueMs, orders, isFirst: true, hasTraded: false, hasRefused };
}

export function outcomeOf({ orders, isFirst, hasTraded, hasRefused }: Working): Verdict {
  const isDone = orders.length === 0 && !isFirst;
  if (isDone && hasRefused) return hasTraded ? 'part' : 'refused';
  if (isDone) return 'filled';
  return hasTraded ? 'part' : 'nothing';
}

/** By due time, then by plan id. */
export const earlier = (left: Working, right: Working): number =>
  left.dueMs - right.dueMs || (left.plan.planId < right.plan.planId ? -1 : 1);
