/** A plan leaves these out: quantities that counterparties take, and orders without capacity. */
import { isPositive, NO_QUANTITY, type Quantity, subtract, worthOf } from '../number/decimal.ts';
import type { Closable } from './closable.ts';
import type { Closed } from './closed.ts';
import type { CarriedOver, Deleveraged } from './order-plan.ts';

export function deleveragedOf(
  closables: readonly Closable[],
  deleveraged: Deleveraged = new Map(),
): Closed {
  const closed = new Map<Closable, Quantity>();
  for (const closable of closables) {
    const quantity = closable.kind === 'position' ? deleveraged.get(closable.market) : undefined;
    if (quantity !== undefined) closed.set(closable, quantity);
  }
  return closed;
}

export const carriedOverOf = (needed: Closed, given: Closed): CarriedOver[] =>
  [...needed].flatMap(([closable, quantity]) => {
    const left = subtract(quantity, given.get(closable) ?? NO_QUANTITY);
    if (!isPositive(left)) return [];
    const { market, side, unitValue } = closable;
    return [{ market, side, notional: worthOf(left, unitValue) }];
  });
