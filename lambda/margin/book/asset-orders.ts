/**
 * Open orders of an asset, which are paid for in the numeraire. Of the two outcomes, all buys filled
 * and all sells filled, the one counts that leaves less:
 *
 *     counted = min(g(A + buys) − buys, g(A − sells) + sells)     in units of the asset,
 *
 * with g(A) = A·w(A) for a deposit and A·v(A) for a loan.
 */
import {
  add,
  addDown,
  isZero,
  larger,
  NO_QUANTITY,
  ONE,
  type Quantity,
  smaller,
  subtract,
  subtractDown,
  subtractUp,
  timesDown,
  timesUp,
} from '../number/decimal.ts';
import { type AssetWeights, weighing } from '../snapshot/asset-terms.ts';
import type { Balance } from './account.ts';

/** Units that count, less what open orders may take. */
export interface CountedUnits {
  readonly maintenance: Quantity;
  /** At most those of maintenance. */
  readonly initial: Quantity;
}

export const hasAssetOrders = ({
  openBuyQuantity: bought = NO_QUANTITY,
  openSellQuantity: sold = NO_QUANTITY,
}: Balance): boolean => !isZero(bought) || !isZero(sold);

type OpenOrders = Pick<Balance, 'openBuyQuantity' | 'openSellQuantity'>;

/** @param amount with a loan's interest */
export function countedUnits(
  amount: Quantity,
  { openBuyQuantity: bought = NO_QUANTITY, openSellQuantity: sold = NO_QUANTITY }: OpenOrders,
  weights: AssetWeights,
): CountedUnits {
  const afterBuys = weighed(add(amount, bought), weights);
  const afterSells = weighed(subtract(amount, sold), weights);
  const worst = (kind: keyof CountedUnits): Quantity =>
    smaller(subtractDown(afterBuys[kind], bought), addDown(afterSells[kind], sold));
  return { maintenance: worst('maintenance'), initial: worst('initial') };
}

function weighed(units: Quantity, weights: AssetWeights): CountedUnits {
  const { maintenance, initial } = weighing(weights, units);
  return { maintenance: timesDown(units, maintenance), initial: timesDown(units, initial) };
}

/**
 * The most that the orders may take where profits settle in the asset, whose sign they may turn: a
 * bought unit counts w and a sold one costs v.
 */
export function takenAtMost(
  { openBuyQuantity: bought = NO_QUANTITY, openSellQuantity: sold = NO_QUANTITY }: OpenOrders,
  weights: AssetWeights,
): CountedUnits {
  const taken = (gained: Quantity, lost: Quantity) => larger(NO_QUANTITY, larger(gained, lost));
  const after = (units: Quantity, sign: 1 | -1) =>
    weighing(weights, sign === 1 ? units : subtract(NO_QUANTITY, units));
  const [held, owed] = [after(bought, 1), after(sold, -1)];
  return {
    maintenance: taken(
      timesUp(bought, subtractUp(ONE, held.maintenance)),
      timesUp(sold, subtractUp(owed.maintenance, ONE)),
    ),
    initial: taken(
      timesUp(bought, subtractUp(ONE, held.initial)),
      timesUp(sold, subtractUp(owed.initial, ONE)),
    ),
  };
}
