/**
 * Allocates a quantity along a ranking, in whole lots: the first gives all that it holds before the
 * next gives any. Nobody gives more, so no position flips.
 */
import {
  add,
  isPositive,
  multipleDown,
  NO_QUANTITY,
  type Quantity,
  smaller,
  subtract,
} from '../number/decimal.ts';
import type { Ranked } from './ranking.ts';

export interface Allotment {
  readonly of: Ranked;
  readonly quantity: Quantity;
}

export interface Allocation {
  readonly allotments: readonly Allotment[];
  readonly allotted: Quantity;
  /** More than all hold, or less than a lot. */
  readonly left: Quantity;
}

export interface AllocationInput {
  /** Contracts, above zero. */
  readonly quantity: Quantity;
  readonly ranking: readonly Ranked[];
  readonly lotSize?: Quantity | undefined;
}

export function allocate({ quantity, ranking, lotSize }: AllocationInput): Allocation {
  let left = quantity;
  const allotments: Allotment[] = [];
  for (const of of ranking) {
    const given = wholeLots(smaller(left, of.quantity), lotSize);
    if (!isPositive(given)) continue;
    left = subtract(left, given);
    allotments.push({ of, quantity: given });
  }
  const allotted = allotments.reduce((sum, each) => add(sum, each.quantity), NO_QUANTITY);
  return { allotments, allotted, left };
}

export function wholeLots(quantity: Quantity, lotSize: Quantity | undefined): Quantity {
  return lotSize === undefined ? quantity : multipleDown(quantity, lotSize);
}
