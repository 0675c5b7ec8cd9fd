/** What of a wanted quantity can be ordered: whole lots, least notionals, small positions whole. */
import {
  type Amount,
  contractsOf,
  isAbove,
  isZero,
  larger,
  multipleDown,
  multipleUp,
  NO_QUANTITY,
  type Quantity,
  quantity as quantityOf,
  smaller,
  subtract,
  worthOf,
} from '../decimal.ts';
import { ORDER_QUANTITY_PLACES } from '../limits.ts';
import type { Closable } from './closable.ts';

const LAST_PLACE = quantityOf(`1e-${ORDER_QUANTITY_PLACES}`);

const lotOf = ({ trading }: Closable): Quantity => trading.lotSize ?? LAST_PLACE;

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
  const fitting = multipleDown(most, lotOf(closable));
  return isAbove(leastOf(closable), fitting) ? NO_QUANTITY : fitting;
}

function inLots(closable: Closable, wanted: Quantity, wholeBelow: Amount): Quantity {
  const { kind, held, unitNotional } = closable;
  const isSmall = kind === 'position' && !isAbove(worthOf(held, unitNotional), wholeBelow);
  if (isSmall) return held;
  const least = leastOf(closable);
  const lots = multipleUp(larger(wanted, least), lotOf(closable));
  if (!isAbove(held, lots)) return held;
  return isAbove(least, subtract(held, lots)) ? held : lots;
}

/** The smallest order that there can be for it; all that is held where that is less. */
export const leastOrderOf = (closable: Closable): Quantity =>
  smaller(larger(leastOf(closable), lotOf(closable)), closable.held);

function leastOf(closable: Closable): Quantity {
  const { minNotional } = closable.trading;
  if (minNotional === undefined || isZero(closable.unitValue)) return NO_QUANTITY;
  const exact = contractsOf(minNotional, closable.unitValue);
  return smaller(multipleUp(exact, lotOf(closable)), closable.held);
}
