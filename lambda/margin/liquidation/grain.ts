/** What of a wanted quantity can be ordered: whole lots, least notionals, small positions whole. */

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

/** Where no order may be for part of it: it is small, or what would be left could not be closed. */
export interface Grain {
  /** A position of no more than this is closed whole. */
  readonly wholeBelow: Amount;
  /** The most that may be ordered. */
  readonly most: (closable: Closable) => Quantity;
}

/**
 * Rounded up to whole lots and to the least notional, and never above what is held, which may end in
 * less than a lot. Where that is more than may be ordered: as many lots as may be.
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

/** The smallest order that there can be for it; all that is held where that is less. */
export const leastOrderOf = ({ held, trading, unitValue }: Closable): Quantity =>
  smaller(leastQuantity(trading, unitValue), held);

/** Without a least notional nought: what is left may be less than a lot. */
const leastOf = (closable: Closable): Quantity =>
  closable.trading.minNotional === undefined || isZero(closable.unitValue)
    ? NO_QUANTITY
    : leastOrderOf(closable);
