/**
 * The price at which a position uses up its share of the equity E, by maintenance requirement. If
 * all close at theirs, the account has nothing left and owes nothing.
 *
 *     linear    P − side·E·w ÷ units            w = MM_i ÷ Σ MM
 *     inverse   P ÷ (1 + side·E·w ÷ notional)   the coin being worth the mark
 *
 * side is 1 for a long and −1 for a short. With E below 0 the price is better than the mark for the
 * account, and its counterparty bears that share of the deficit.
 */
import {
  type Amount,
  absolute,
  add,
  countOf,
  divide,
  isNegative,
  isPositive,
  isZero,
  negate,
  ONE,
  type Price,
  type Quantity,
  type Ratio,
  ratioBetween,
  subtract,
  times,
  UNIT_PRICE,
  unitPriceOf,
} from '../number/decimal.ts';

export interface BankruptPosition {
  readonly mark: Price;
  /** Underlying, or numeraire if inverse; negative for a short. */
  readonly units: Quantity;
  readonly isInverse: boolean;
  readonly share: Ratio;
}

/** Undefined if it would not be above 0. */
export function bankruptcyPrice(equity: Amount, position: BankruptPosition): Price | undefined {
  const { mark, units, isInverse, share } = position;
  if (isZero(units)) return undefined;
  const borne = times(equity, share);
  const signed = isNegative(units) ? negate(borne) : borne;
  const perUnit = unitPriceOf(divide(signed, countOf(absolute(units))));
  if (!isInverse) return aboveZero(subtract(mark, perUnit));
  const factor = add(ONE, ratioBetween(perUnit, UNIT_PRICE));
  return isPositive(factor) ? divide(mark, factor) : undefined;
}

const aboveZero = (at: Price): Price | undefined => (isPositive(at) ? at : undefined);
