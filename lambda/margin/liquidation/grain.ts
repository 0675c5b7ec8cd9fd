import { leastQuantity, lotOf } from '../market/trading.ts';
import {
  type Amount,
  isAbove,
  isZero,
  larger,
  multipleDown,
  multipleUp,
  NO_QUANTITY,
  type Quantity,
  smaller,
  subtract,
  worthOf,
} from '../number/decimal.ts';
import type { Closable } from './closable.ts';

export interface Grain {
  readonly wholeBelow: Amount;
  readonly most: (closable: Closable) => Quantity;
}

/**
 * Rounds up to lots and to the least notional, but not above the holding, which may end in less
 * than a lot. Closes it whole if the rest would be too small to close. If more than may be ordered,
 * rounds that down to lots, or to 0 if it is too small.
 */
export function orderedOf(closable: Closable, wanted: Quantity, grain: Grain): Quantity {
  if (isZero(wanted)) return NO_QUANTITY;
  const most = grain.most(closable);
  const needed = inLots(closable, wanted, grain.wholeBelow);
  if (!isAbove(needed, most)) return needed;
  const fitting = multipleDown(most, lotOf(closable.trading));
  return isAbove(leastOf(closable), fitting) ? NO_QUANTITY : fitting;
}

function inLots(closable: Closable, wanted: Quantity, wholeBelow: Amount): Quantity {
  const { kind, held, unitNotional } = closable;
  const isSmall = kind === 'position' && !isAbove(worthOf(held, unitNotional), wholeBelow);
  if (isSmall) return held;
  const least = leastOf(closable);
  const lots = multipleUp(larger(wanted, least), lotOf(closable.trading));
  if (!isAbove(held, lots)) return held;
  return isAbove(least, subtract(held, lots)) ? held : lots;
}

export const leastOrderOf = ({ held, trading, unitValue }: Closable): Quantity =>
  smaller(leastQuantity(trading, unitValue), held);

/** 0 without a least notional, as the rest may then be less than a lot. */
const leastOf = (closable: Closable): Quantity =>
  closable.trading.minNotional === undefined || isZero(closable.unitValue)
    ? NO_QUANTITY
    : leastOrderOf(closable);
