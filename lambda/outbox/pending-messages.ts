import type { DeleveragingMessage, Message } from '../messages/messages.ts';
import type { PendingDecision, PendingMessage, Topic } from './stored-case.ts';

/** One message on its way to one topic. */
export interface Publication {
  /** The check that decided it. */
  readonly checkId: string;
  readonly pending: PendingMessage;
  readonly topic: Topic;
}

/** Topics that a message has reached or no longer needs; keyed by object, not id. */
export type Reached = Map<PendingMessage, readonly Topic[]>;

export type OrderPlan =
  | Extract<Message, { readonly type: 'liquidation.ordered' }>
  | DeleveragingMessage;

export const publicationsOf = (decisions: readonly PendingDecision[]): Publication[] =>
  decisions.flatMap(({ checkId, messages }) =>
    messages.flatMap((pending) => pending.to.map((topic) => ({ checkId, pending, topic }))),
  );

/** @returns the decision itself if nothing of it has arrived */
export function remaining(decision: PendingDecision, reached: Reached): PendingDecision {
  if (!decision.messages.some((each) => reached.has(each))) return decision;
  const messages = decision.messages.map((pending) => {
    const done = reached.get(pending) ?? [];
    return { ...pending, to: pending.to.filter((topic) => !done.includes(topic)) };
  });
  return { ...decision, messages: messages.filter(({ to }) => to.length > 0) };
}

/** Undefined except on the orders topic. */
export function orderPlanIn({ pending, topic }: Omit<Publication, 'checkId'>) {
  const { message } = pending;
  return topic === 'orders' && isOrderPlan(message) ? message : undefined;
}

const isOrderPlan = (message: Message): message is OrderPlan =>
  message.type === 'liquidation.ordered' ||
  (message.type === 'loss.socialized' && message.method === 'adl');

/** Alerts about the plans still go out. */
export function withoutOrderPlans(decision: PendingDecision): PendingDecision {
  const plans = publicationsOf([decision]).filter((each) => orderPlanIn(each) !== undefined);
  return remaining(decision, new Map(plans.map(({ pending, topic }) => [pending, [topic]])));
}

/** Order plans do not leave once expired, or in mode observe. */
export function isWithdrawn(
  publication: Omit<Publication, 'checkId'>,
  now: { readonly isObserving: boolean; readonly asOf: number },
): boolean {
  const plan = orderPlanIn(publication);
  return plan !== undefined && (now.isObserving || Date.parse(plan.expiresAt) <= now.asOf);
}

/**
 * What is left of the pending decisions once another follows. A message that tells how things stand
 * is replaced by the next that does, and an order plan that has not left by its successor. What has
 * to be known one by one stays: opened and closed cases, payments, and plans that have left.
 */
export function withSuccessor(
  pending: readonly PendingDecision[],
  messages: readonly PendingMessage[],
): PendingDecision[] {
  const told = new Set(messages.flatMap((each) => toldBy(each) ?? []));
  const replaced = (each: PendingMessage): boolean => told.has(toldBy(each) ?? '');
  return pending.map((decision) => {
    if (!decision.messages.some(replaced)) return decision;
    return { ...decision, messages: decision.messages.filter((each) => !replaced(each)) };
  });
}

/** Two messages that tell the same are an older and a newer state. Undefined if it is an event. */
function toldBy({ message, to }: PendingMessage): string | undefined {
  if (isOrderPlan(message)) {
    // In mode observe a plan is for the alerts alone.
    const isUndelivered = to.includes('orders') || ('isObserved' in message && message.isObserved);
    return isUndelivered ? `plan of ${message.caseId}` : undefined;
  }
  switch (message.type) {
    case 'margin-call.updated':
    case 'margin-call.expired':
    case 'liquidation.withheld':
    case 'deficit.detected':
      return `${message.type} of ${message.caseId}`;
    case 'account.indeterminate':
    case 'account.determinate':
      return 'whether the account is known';
    case 'oracle.rejected':
    case 'oracle.recovered':
      return 'whether the price is known';
    case 'cascade.warned':
    case 'cascade.eased':
      return 'whether a cascade is possible';
    case 'check.late':
    case 'check.failed':
    case 'feed.frozen':
      return message.type;
    default:
      return undefined;
  }
}
