/** What is still to be published of a decision: pure operations on the outbox of a case. */

import type { DeleveragingMessage, Message } from '../messages/messages.ts';
import type { Delivery, Pending, Topic } from './stored-case.ts';

/** A message as it is kept until it has reached these topics. */
export const deliveryOf = (message: Message, to: readonly Topic[]): Delivery => ({
  messageId: message.id,
  message: JSON.stringify(message),
  to,
});

/** One message on its way to one topic. */
export interface Parcel {
  /** Of the check that decided it. */
  readonly checkId: string;
  readonly delivery: Delivery;
  readonly topic: Topic;
}

/** Topics that a delivery need not reach any more, by delivery: an object of one case, not an id. */
export type Settled = Map<Delivery, readonly Topic[]>;

export const parcelsOf = (pending: readonly Pending[]): Parcel[] =>
  pending.flatMap(({ checkId, deliveries }) =>
    deliveries.flatMap((delivery) => delivery.to.map((topic) => ({ checkId, delivery, topic }))),
  );

export function deliveriesLeft(pending: Pending, settled: Settled): Pending {
  const deliveries = pending.deliveries.map((delivery) => {
    const done = settled.get(delivery) ?? [];
    return { ...delivery, to: delivery.to.filter((topic) => !done.includes(topic)) };
  });
  return { ...pending, deliveries: deliveries.filter(({ to }) => to.length > 0) };
}

/**
 * What is to be executed of a parcel for the execution system: an order plan, or what is handed over
 * with it; its other messages are words to stop, and bookings.
 */
export function planIn({ delivery, topic }: Omit<Parcel, 'checkId'>): OrderPlan | undefined {
  if (topic !== 'orders') return undefined;
  const message = JSON.parse(delivery.message) as Message;
  if (message.type === 'liquidation.ordered') return message;
  return message.type === 'loss.socialized' && message.method === 'adl' ? message : undefined;
}

type OrderPlan = Extract<Message, { readonly type: 'liquidation.ordered' }> | DeleveragingMessage;

export function withoutPlans(pending: Pending): Pending {
  const plans = parcelsOf([pending]).filter((parcel) => planIn(parcel) !== undefined);
  return deliveriesLeft(pending, new Map(plans.map(({ delivery, topic }) => [delivery, [topic]])));
}

/** An order plan never leaves once it has expired, or in mode observe. */
export function isWithdrawn(
  parcel: Omit<Parcel, 'checkId'>,
  now: { readonly isObserving: boolean; readonly asOf: number },
): boolean {
  const plan = planIn(parcel);
  return plan !== undefined && (now.isObserving || Date.parse(plan.expiresAt) <= now.asOf);
}
