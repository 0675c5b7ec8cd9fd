/** What is still to be published of a decision: pure operations on the outbox of a case. */
import type { Delivery, Pending, Topic } from './aws/margin-table.ts';
import type { Message } from './contract/messages.ts';

/** One message on its way to one topic. */
export interface Parcel {
  readonly delivery: Delivery;
  readonly topic: Topic;
}

/** Topics that a delivery need not reach any more, by delivery: an object of one case, not an id. */
export type Settled = Map<Delivery, readonly Topic[]>;

export const parcelsOf = (pending: readonly Pending[]): Parcel[] =>
  pending
    .flatMap(({ deliveries }) => deliveries)
    .flatMap((delivery) => delivery.to.map((topic) => ({ delivery, topic })));

export function deliveriesLeft(pending: Pending, settled: Settled): Pending {
  const deliveries = pending.deliveries.map((delivery) => {
    const done = settled.get(delivery) ?? [];
    return { ...delivery, to: delivery.to.filter((topic) => !done.includes(topic)) };
  });
  return { ...pending, deliveries: deliveries.filter(({ to }) => to.length > 0) };
}

export function withoutOrders(pending: Pending): Pending {
  const deliveries = pending.deliveries.map((delivery) => {
    return { ...delivery, to: delivery.to.filter((topic) => topic !== 'orders') };
  });
  return { ...pending, deliveries: deliveries.filter(({ to }) => to.length > 0) };
}

/** An order plan never leaves once it has expired, or in mode observe. */
export function isWithdrawn(
  { delivery, topic }: Parcel,
  now: { readonly isObserving: boolean; readonly asOf: number },
): boolean {
  if (topic !== 'orders') return false;
  if (now.isObserving) return true;
  const message = JSON.parse(delivery.message) as Message;
  return message.type === 'liquidation.ordered' && Date.parse(message.expiresAt) <= now.asOf;
}
