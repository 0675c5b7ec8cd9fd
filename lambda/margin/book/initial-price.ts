/**
 * Initially a deposit counts at the lesser, and a loan at the greater, of its price p and a second
 * feed's price p₂; open orders at the greater, M. With m the lesser, a deposit A counts
 *
 *     min(A·m·w − buys·M·(1 − w), A·m·v − sells·M·(v − 1)),
 *
 * w and v those of the size after the orders, and a loan what counts at one price (asset-orders.ts),
 * at M. Each outcome is α·m − β·M and counts k = α − β at one price. By the multiple x of p, with c
 * the least k, that charges the largest of
 *
 *     (c − k)·p·x + α·max(0, p·x − p₂) + β·max(0, p₂ − p·x).
 */
import type { Line } from '../curve/curve.ts';
import { hingeOf } from '../curve/hinge-part.ts';
import {
  absolute,
  add,
  isNegative,
  isZero,
  larger,
  NO_AMOUNT,
  NO_QUANTITY,
  negate,
  ONE,
  type Quantity,
  smaller,
  subtract,
  times,
  worth,
} from '../number/decimal.ts';
import { weighing as weighingOf } from '../snapshot/asset-terms.ts';
import type { ArrangedBalance } from './arrange.ts';
import { countedUnits } from './asset-orders.ts';
import type { Limits, Spread } from './book.ts';
import type { RequirementContribution } from './contribution.ts';

/** In units of the asset. */
interface Outcome {
  /** α: counts at the lesser price. */
  readonly lesser: Quantity;
  /** β: is taken off at the greater. */
  readonly greater: Quantity;
}

export function initialPriceCharge(balance: ArrangedBalance): RequirementContribution[] {
  const { quoted, initialPrice } = balance.terms;
  if (quoted === undefined || initialPrice === undefined) return [];
  const { factor, price } = quoted;
  const outcomes = outcomesOf(balance);
  const least = outcomes.map(countedAtOne).reduce(smaller);
  const line = (slope: Quantity, second: Quantity): Line => ({
    constant: worth(second, initialPrice.price),
    slope: worth(slope, price.price),
  });
  const lines = outcomes.flatMap((outcome) => {
    const beyond = subtract(least, countedAtOne(outcome));
    const { lesser, greater } = outcome;
    const above = line(add(beyond, lesser), negate(lesser));
    const below = line(subtract(beyond, greater), greater);
    return [...(isZero(lesser) ? [] : [above]), ...(isZero(greater) ? [] : [below])];
  });
  return [{ factor, moved: [price], margined: [], fixed: [], hinges: [hingeOf('initial', lines)] }];
}

const countedAtOne = ({ lesser, greater }: Outcome): Quantity => subtract(lesser, greater);

const outcomesOf = (balance: ArrangedBalance): readonly Outcome[] =>
  isNegative(balance.amount) ? [ofLoan(balance)] : ofDeposit(balance);

function ofLoan({ terms, amount, weighing, orders }: ArrangedBalance): Outcome {
  const counted =
    orders === undefined
      ? times(amount, weighing.initial)
      : countedUnits(amount, orders, terms.weights).initial;
  return { lesser: NO_QUANTITY, greater: negate(counted) };
}

/** Sells count where they turn it into a loan by value, which one price may say without the other. */
function ofDeposit({ terms, amount, weighing, orders = {} }: ArrangedBalance): readonly Outcome[] {
  const { openBuyQuantity: bought = NO_QUANTITY, openSellQuantity: sold = NO_QUANTITY } = orders;
  const held = isZero(bought)
    ? weighing.initial
    : weighingOf(terms.weights, add(amount, bought)).initial;
  const afterBuys = { lesser: times(amount, held), greater: times(bought, subtract(ONE, held)) };
  if (isZero(sold)) return [afterBuys];
  const short = negate(absolute(subtract(amount, sold)));
  const owed = weighingOf(terms.weights, short).initial;
  const afterSells = { lesser: times(amount, owed), greater: times(sold, subtract(owed, ONE)) };
  return [afterBuys, afterSells];
}

const NOTHING: Limits = { low: NO_AMOUNT, high: NO_AMOUNT };

/** The charge moves by no more than the second price does, whatever the first is. */
export function initialPriceSpread(balance: ArrangedBalance): Spread[] {
  const { initialPrice } = balance.terms;
  if (initialPrice?.doubt === undefined) return [];
  const { from, to } = initialPrice.doubt;
  const outcomes = outcomesOf(balance);
  const most = (of: keyof Outcome) =>
    worth(outcomes.map((outcome) => outcome[of]).reduce(larger), initialPrice.price);
  const [lesser, greater] = [most('lesser'), most('greater')];
  const [fall, rise] = [subtract(ONE, from), subtract(to, ONE)];
  return [
    {
      equity: NOTHING,
      balance: NOTHING,
      required: NOTHING,
      initial: {
        low: negate(larger(times(lesser, rise), times(greater, fall))),
        high: larger(times(lesser, fall), times(greater, rise)),
      },
      width: 'doubt',
    },
  ];
}
