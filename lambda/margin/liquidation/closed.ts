/** Quantities closed, and what closing them costs. */
import {
  add,
  approximately,
  asRatio,
  isZero,
  larger,
  NO_QUANTITY,
  ONE,
  type Price,
  type Quantity,
  type Ratio,
  ratio,
  subtract,
  times,
  worthOf,
} from '../number/decimal.ts';
import type { Closable } from './closable.ts';

/** Contracts or units. */
export type Closed = ReadonlyMap<Closable, Quantity>;

export const NOTHING_CLOSED: Closed = new Map();

export function closedMore(before: Closed, more: Closed): Closed {
  const closed = new Map(before);
  for (const [closable, quantity] of more) {
    closed.set(closable, add(closed.get(closable) ?? NO_QUANTITY, quantity));
  }
  return closed;
}

/** The price of a fill: 'mark' leaves out costs. */
export type FilledAt = 'mark' | 'cost';

/** Lowest sale price ÷ mark, whatever the impact. */
export const LEAST_SHARE = ratio('0.000001');

/** c + a·√x: cost of trading a notional x, as a fraction. The root is in float64. */
export function costRate({ trading, unitValue }: Closable, quantity: Quantity): Ratio {
  if (isZero(trading.impact)) return trading.unitCost;
  const root = Math.sqrt(approximately(worthOf(quantity, unitValue)));
  return add(trading.unitCost, times(trading.impact, asRatio(root)));
}

export function priceOf(closable: Closable, quantity: Quantity, at: FilledAt): Price {
  if (at === 'mark') return closable.referencePrice;
  const rate = costRate(closable, quantity);
  const share = closable.side === 'buy' ? add(ONE, rate) : larger(subtract(ONE, rate), LEAST_SHARE);
  return times(closable.referencePrice, share);
}
