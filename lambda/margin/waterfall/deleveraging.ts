/**
 * A deleveraging as it is decided on, recorded and said: of one position of a bankrupt account what is
 * handed over, at which price, and to whom. Rounded so that nobody bears more than the price that uses
 * the equity up would have taken.
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
  /** The isolated position; absent for the cross book. */
  readonly position?: string | undefined;
  /** Contracts, above zero. */
  readonly quantity: Quantity;
  /** What it was ranked by, rounded down. */
  readonly score: Ratio;
}

export interface Deleveraging {
  readonly market: string;
  /** Of the bankrupt account. */
  readonly side: 'buy' | 'sell';
  readonly price: Price;
  /** Σ of the counterparties'. */
  readonly quantity: Quantity;
  /** What the counterparties give up against the mark, rounded up. */
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

/** units·|price − mark|; inverse, units·|1 − mark ÷ price|. */
function givenUp(
  { units, quantity: held, mark, isInverse }: LinearHolding,
  traded: { readonly quantity: Quantity; readonly price: Price },
): Amount {
  const share = absolute(ratioBetween(traded.quantity, held));
  const difference = absolute(subtract(traded.price, mark));
  const each = isInverse ? divide(difference, countAt(traded.price)) : difference;
  return times(worth(absolute(units), each), share);
}
