/** Which collateral may be swapped for which loan, the best pair first. */
import {
  type Amount,
  add,
  isNegative,
  isPositive,
  ONE,
  type Ratio,
  smaller,
  subtract,
  times,
} from '../number/decimal.ts';
import type { Lent } from './swap-sides.ts';

export interface Pair {
  readonly collateral: Lent;
  readonly loan: Lent;
  readonly bonus: Ratio;
  /** v − w·(1 + b) */
  readonly relief: Ratio;
}

/** @param bonus of the policy, for a collateral without its own */
export function pairsOf(lent: readonly Lent[], bonus: Ratio): Pair[] {
  const loans = lent.filter(({ isLoan }) => isLoan);
  return lent
    .filter(({ isLoan }) => !isLoan)
    .flatMap((collateral) => loans.map((loan) => pairOf({ collateral, loan }, bonus)))
    .sort(cheapestFirst);
}

function pairOf({ collateral, loan }: Pick<Pair, 'collateral' | 'loan'>, opened: Ratio): Pair {
  const bonus = collateral.swapBonus ?? opened;
  const seized = times(collateral.weight, add(ONE, bonus));
  return { collateral, loan, bonus, relief: subtract(loan.weight, seized) };
}

/** b ÷ relief, lowest first; pairs that heal before others, the larger relief first. */
function cheapestFirst(one: Pair, other: Pair): number {
  const [heals, otherHeals] = [isPositive(one.relief), isPositive(other.relief)];
  if (heals !== otherHeals) return heals ? -1 : 1;
  if (heals) {
    const gap = subtract(times(one.bonus, other.relief), times(other.bonus, one.relief));
    if (isNegative(gap)) return -1;
    if (isPositive(gap)) return 1;
  }
  const relief = subtract(other.relief, one.relief);
  if (isNegative(relief)) return -1;
  if (isPositive(relief)) return 1;
  const size = subtract(sizeOf(other), sizeOf(one));
  return isNegative(size) ? -1 : Number(isPositive(size));
}

const sizeOf = ({ collateral, loan }: Pair): Amount => smaller(collateral.value, loan.value);
