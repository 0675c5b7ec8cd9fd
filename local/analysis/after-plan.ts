/** A sub-account after its plan: open orders cancelled, orders filled at their reference prices, those of the backstop at its own. */
import { type AssessedSubAccount, assessSubAccount } from '../../lambda/accounts/assess-account.ts';
import type { Position, SubAccount } from '../../lambda/margin/book/account.ts';
import { type TradeOrder, traded, withoutOrders } from '../../lambda/margin/book/trade.ts';
import type { Order, Plan } from '../../lambda/margin/liquidation/order-plan.ts';
import { afterSwap } from '../../lambda/margin/liquidation/swap-sides.ts';
import {
  absolute,
  isNegative,
  isZero,
  smaller,
  subtract,
} from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';

export interface AfterPlan {
  readonly subAccount: SubAccount;
  readonly assessed: AssessedSubAccount;
}

export function afterPlan(before: SubAccount, plan: Plan, snapshot: Snapshot): AfterPlan {
  const cancelled = new Set(plan.cancelOpenOrders);
  const open = withoutOrders(before, (market) => cancelled.has(market));
  const swapped = (plan.swaps ?? []).reduce(
    (after: SubAccount, swap) => afterSwap(after, swap, snapshot),
    open,
  );
  const orders = plan.orders.flatMap((order) => tradesOf(order, open.positions));
  const subAccount = orders.reduce((after: SubAccount, order): SubAccount => {
    const trade = traded(after, order, snapshot);
    return trade.ok ? trade.value.after : after;
  }, swapped);
  return { subAccount, assessed: assessSubAccount(subAccount, snapshot) };
}

/** The rows of one instrument are closed in their order, each as far as the order reduces it. */
function tradesOf(order: Order, positions: readonly Position[]): TradeOrder[] {
  const { market, side, quantity, referencePrice, limitPrice, taker } = order;
  const price = taker === undefined ? referencePrice : (limitPrice ?? referencePrice);
  if (order.kind !== 'position') return [{ kind: 'spot', asset: market, side, quantity, price }];
  let left = quantity;
  return positions.flatMap(({ instrument, label, quantity: held }): TradeOrder[] => {
    const isReduced = !isZero(held) && isNegative(held) === (side === 'buy');
    if (instrument !== market || !isReduced || isZero(left)) return [];
    const part = smaller(left, absolute(held));
    left = subtract(left, part);
    return [{ kind: 'instrument', instrument, label, side, quantity: part, price, isOpen: false }];
  });
}
