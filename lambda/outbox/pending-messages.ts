/** Pure operations on the pending messages of a case. */
import type { DeleveragingMessage, Message } from '../messages/messages.ts';
import type { PendingDecision, PendingMessage, Topic } from './stored-case.ts';

/** One message on its way to one topic. */
export interface Publication {
  /** The check that decided it. */
  readonly checkId: string;
  readonly pending: PendingMessage;
  readonly topic: Topic;
}

/** Topics that a message has reached, or need not reach any more; by the object, not by its id. */
export type Reached = Map<PendingMessage, readonly Topic[]>;

/** A message that asks the execution system to trade. */
export type OrderPlan =
  | Extract<Message, { readonly type: 'liquidation.ordered' }>
  | DeleveragingMessage;

export const publicationsOf = (decisions: readonly PendingDecision[]): Publication[] =>
  decisions.flatMap(({ checkId, messages }) =>
    messages.flatMap((pending) => pending.to.map((topic) => ({ checkId, pending, topic }))),
  );

/** The decision without the topics that have been reached. */
export function remaining(decision: PendingDecision, reached: Reached): PendingDecision {
  const messages = decision.messages.map((pending) => {
    const done = reached.get(pending) ?? [];
    return { ...pending, to: pending.to.filter((topic) => !done.includes(topic)) };
  });
  return { ...decision, messages: messages.filter(({ to }) => to.length > 0) };
}

/** The order plan that a publication brings to the execution system; undefined for any other. */
export function orderPlanIn({ pending, topic }: Omit<Publication, 'checkId'>) {
  const { message } = pending;
  return topic === 'orders' && isOrderPlan(message) ? message : undefined;
}

const isOrderPlan = (message: Message): message is OrderPlan =>
  message.type === 'liquidation.ordered' ||
  (message.type === 'loss.socialized' && message.method === 'adl');

/** The decision without its order plans; alerts about them still go out. */
export function withoutOrderPlans(decision: PendingDecision): PendingDecision {
  const plans = publicationsOf([decision]).filter((each) => orderPlanIn(each) !== undefined);
  return remaining(decision, new Map(plans.map(({ pending, topic }) => [pending, [topic]])));
}

/** An order plan does not leave once it has expired, or in mode observe. */
export function isWithdrawn(
  publication: Omit<Publication, 'checkId'>,
  now: { readonly isObserving: boolean; readonly asOf: number },
): boolean {
  const plan = orderPlanIn(publication);
  return plan !== undefined && (now.isObserving || Date.parse(plan.expiresAt) <= now.asOf);
}
