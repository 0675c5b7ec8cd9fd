/**
 * Initially a deposit counts at the lesser, and a loan at the greater, of its price p and a second
 * feed's price p₂. By the multiple x of p that charges
 *
 *     A·w·max(0, p·x − p₂) on a deposit,   |A|·v·max(0, p₂ − p·x) on a loan.
 */
import { hingeOf } from '../curve/hinge-part.ts';
import {
  absolute,
  isNegative,
  NO_AMOUNT,
  negate,
  ONE,
  subtract,
  times,
  worth,
} from '../number/decimal.ts';
import type { ArrangedBalance } from './arrange.ts';
import type { Limits, Spread } from './book.ts';
import type { RequirementContribution } from './contribution.ts';

export function initialPriceCharge({
  terms,
  amount,
  weighing,
}: ArrangedBalance): RequirementContribution[] {
  const { quoted, initialPrice } = terms;
  if (quoted === undefined || initialPrice === undefined) return [];
  const units = times(absolute(amount), weighing.initial);
  const [own, second] = [worth(units, quoted.price.price), worth(units, initialPrice.price)];
  const line = isNegative(amount)
    ? { constant: second, slope: negate(own) }
    : { constant: negate(second), slope: own };
  const { factor, price } = quoted;
  return [
    { factor, moved: [price], margined: [], fixed: [], hinges: [hingeOf('initial', [line])] },
  ];
}

const NOTHING: Limits = { low: NO_AMOUNT, high: NO_AMOUNT };

/** The charge moves by no more than the second price does, whatever the first is. */
export function initialPriceSpread({ terms, amount, weighing }: ArrangedBalance): Spread[] {
  const { initialPrice } = terms;
  if (initialPrice?.doubt === undefined) return [];
  const { from, to } = initialPrice.doubt;
  const value = worth(times(absolute(amount), weighing.initial), initialPrice.price);
  const [fallen, risen] = [times(value, subtract(ONE, from)), times(value, subtract(to, ONE))];
  const [less, more] = isNegative(amount) ? [fallen, risen] : [risen, fallen];
  return [
    {
      equity: NOTHING,
      balance: NOTHING,
      required: NOTHING,
      initial: { low: negate(less), high: more },
      width: 'doubt',
    },
  ];
}
