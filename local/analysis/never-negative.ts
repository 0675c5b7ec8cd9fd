/**
 * Books and curves that no price takes below a line: what is held is worth nothing at the least,
 * and requires nothing. A long option of the standard model is the example.
 */
import type { Book, NetPosition } from '../../lambda/margin/book/book.ts';
import type { Curve, Line } from '../../lambda/margin/curve/curve.ts';
import { type SurplusFormula, surplusAt } from '../../lambda/margin/curve/figure.ts';
import { isNegative, isZero, subtract } from '../../lambda/margin/number/decimal.ts';
import { OptionBook } from '../../lambda/margin/option/option-book.ts';

/** The loss by a shock is at most the value, so a latency buffer changes nothing. */
export const isNeverNegative = (curve: Curve, formula: SurplusFormula): boolean =>
  requiresNothing(curve, formula) &&
  [curve[formula.of], ...curve.weighed.map(({ line }) => line)].every(isRising) &&
  (curve.nonLinear?.parts ?? []).every((part) => part instanceof OptionBook && part.isLong);

/** Whatever asset the options settle in. */
export const nothingCanBreach = (book: Book, formula: SurplusFormula): boolean =>
  !isNegative(surplusAt(book.constant, formula)) &&
  book.positions.every(isLongOption) &&
  book.holdings.every(({ amount }) => !isNegative(amount)) &&
  book.curves.every(
    (curve) =>
      requiresNothing(curve, formula) &&
      (curve.nonLinear?.parts ?? []).every((part) => part instanceof OptionBook),
  );

const isRising = ({ constant, slope }: Line): boolean =>
  !(isNegative(constant) || isNegative(slope));

function isLongOption({ terms, quantity, openSellQuantity }: NetPosition): boolean {
  return terms.kind === 'option' && !isNegative(subtract(quantity, openSellQuantity));
}

function requiresNothing({ margined, fixed }: Curve, { less }: SurplusFormula): boolean {
  if (less === undefined) return true;
  const { requirement: kind } = less;
  return (
    isZero(fixed[kind]) &&
    margined.every(
      ({ notional, schedule }) => isZero(notional) || schedule.every((tier) => isZero(tier[kind])),
    )
  );
}
