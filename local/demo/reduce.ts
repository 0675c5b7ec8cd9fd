/** How much of a holding an order may close, in whole lots, and at what price. */
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
 * What of a holding an order closes: selling reduces what is above zero and buying what is below,
 * neither goes beyond zero, and what leaves something is whole lots. Undefined when that is nothing.
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

/** Rounding of a float64 must not cost a lot. */
const LOT_SLACK = 1e-6;

export function wholeLots(contracts: number, lotSize: string): Quantity {
  const lots = Math.floor(contracts / Number(lotSize) + LOT_SLACK);
  return lots <= 0 ? NO_QUANTITY : times(quantity(lotSize), ratioOfCount(lots));
}

/** An average of prices within the limit, whatever its last place. */
export function noWorse(averagePrice: number, { side, limitPrice }: Order): Price {
  const average = price(averagePrice.toFixed(PRICE_PLACES));
  if (limitPrice === undefined) return average;
  const limit = price(limitPrice);
  return side === 'sell' ? larger(average, limit) : smaller(average, limit);
}
