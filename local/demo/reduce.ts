import {
  absolute,
  approximately,
  isBelow,
  isNegative,
  isPositive,
  larger,
  NO_QUANTITY,
  type Price,
  price,
  type Quantity,
  quantity,
  ratioOfCount,
  smaller,
  times,
} from '../../lambda/margin/number/decimal.ts';
import type { Order } from './venue-market.ts';

export interface Reduction {
  readonly held: Quantity;
  readonly wanted: Quantity;
  readonly order: Order;
}

const PRICE_PLACES = 6;

/**
 * The part of a holding that an order closes: never beyond zero; whole lots if partial. Undefined
 * if nothing is closed.
 */
export function reducing(
  { held, wanted, order }: Reduction,
  lotSize: string,
): Quantity | undefined {
  const isReducing = order.side === 'sell' ? isPositive(held) : isNegative(held);
  if (!isReducing) return undefined;
  const all = absolute(held);
  const closed = isBelow(wanted, all) ? wholeLots(approximately(wanted), lotSize) : all;
  return isPositive(closed) ? closed : undefined;
}

/** Keeps float64 rounding from losing a lot. */
const LOT_SLACK = 1e-6;

export function wholeLots(contracts: number, lotSize: string): Quantity {
  const lots = Math.floor(contracts / Number(lotSize) + LOT_SLACK);
  return lots <= 0 ? NO_QUANTITY : times(quantity(lotSize), ratioOfCount(lots));
}

/** Rounded, but never to worse than the limit. */
export function noWorse(averagePrice: number, { side, limitPrice }: Order): Price {
  const average = price(averagePrice.toFixed(PRICE_PLACES));
  if (limitPrice === undefined) return average;
  const limit = price(limitPrice);
  return side === 'sell' ? larger(average, limit) : smaller(average, limit);
}
