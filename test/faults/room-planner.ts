/**
 * What a planner has to do about the room in the markets, done to any plan: an order takes what there
 * is, and the rest of it is carried over.
 */
import {
  type Amount,
  isAbove,
  isZero,
  NO_AMOUNT,
  NO_QUANTITY,
  ratioBetween,
  roundDown,
  subtract,
  times,
} from '../../lambda/margin/decimal.ts';
import type { CarriedOver, Order, Plan, PlanLimits } from '../../lambda/margin/plan.ts';
import { roomKey } from '../../lambda/margin/room.ts';

export function withinRoom(plan: Plan, { room }: PlanLimits): Plan {
  const orders: Order[] = [];
  const carriedOver: CarriedOver[] = [...plan.carriedOver];
  for (const order of plan.orders) {
    const { market, side, notional } = order;
    const left = room.get(roomKey(market, side));
    if (left === undefined || !isAbove(notional, left)) {
      orders.push(order);
      continue;
    }
    const fitting = cut(order, left);
    if (!isZero(fitting.quantity)) orders.push(fitting);
    carriedOver.push({ market, side, notional: subtract(notional, fitting.notional) });
  }
  return { ...plan, orders, carriedOver };
}

/** Rounded down, by the same unit value. */
function cut(order: Order, left: Amount): Order {
  if (isZero(left)) return { ...order, quantity: NO_QUANTITY, notional: NO_AMOUNT };
  const share = ratioBetween(left, order.notional);
  const quantity = roundDown(times(order.quantity, share), 8);
  const notional = times(order.notional, ratioBetween(quantity, order.quantity));
  return { ...order, quantity, notional };
}
