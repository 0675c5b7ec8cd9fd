/**
 * The deleveraging of one position, as published. A sale's price is rounded down, a purchase's up:
 * no counterparty bears more than at the exact bankruptcy price.
 */
import {
  type Amount,
  absolute,
  countAt,
  divide,
  type Price,
  type Quantity,
  type Ratio,
  ratioBetween,
  roundDown,
  rounded,
  roundUp,
  subtract,
  times,
  worth,
} from '../number/decimal.ts';
import { DELEVERAGING_PRICE_DIGITS, FRACTION_PLACES } from '../number/limits.ts';
import type { DeleveragedAllocation } from './deleverage.ts';
import type { LinearHolding } from './linear-holding.ts';

export interface Counterparty {
  readonly accountId: string;
  /** Absent for the cross book. */
  readonly position?: string | undefined;
  /** Contracts, above zero. */
  readonly quantity: Quantity;
  /** Rounded down. */
  readonly score: Ratio;
}

export interface Deleveraging {
  readonly market: string;
  /** Side of the bankrupt account's trade. */
  readonly side: 'buy' | 'sell';
  readonly price: Price;
  readonly quantity: Quantity;
  /** The counterparties' loss against the mark, rounded up. */
  readonly amount: Amount;
  readonly counterparties: readonly Counterparty[];
}

export function deleveragingOf(
  { market, side, allotted, allotments, ...exact }: DeleveragedAllocation,
  of: { readonly holding: LinearHolding; readonly places: number },
): Deleveraging {
  const price = rounded(exact.price, DELEVERAGING_PRICE_DIGITS, side === 'sell' ? 'down' : 'up');
  return {
    ...{ market, side, price, quantity: allotted },
    amount: roundUp(givenUp(of.holding, { quantity: allotted, price }), of.places),
    counterparties: allotments.map(({ of: { accountId, position, score }, quantity }) => ({
      accountId,
      ...(position === undefined ? {} : { position }),
      quantity,
      score: roundDown(score, FRACTION_PLACES),
    })),
  };
}

/** units·|price − mark|; inverse: units·|1 − mark ÷ price| */
function givenUp(
  { units, quantity: held, mark, isInverse }: LinearHolding,
  traded: { readonly quantity: Quantity; readonly price: Price },
): Amount {
  const share = absolute(ratioBetween(traded.quantity, held));
  const difference = absolute(subtract(traded.price, mark));
  const each = isInverse ? divide(difference, countAt(traded.price)) : difference;
  return times(worth(absolute(units), each), share);
}
