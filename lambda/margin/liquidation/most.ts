/** The most of a holding that a plan may order. */

import type { Policy } from '../market/policy.ts';
import {
  contractsOf,
  isAbove,
  isZero,
  larger,
  ONE,
  type Quantity,
  type Ratio,
  ratioBetween,
  smaller,
  times,
  worthOf,
} from '../number/decimal.ts';
import { type Capacity, capacityKey } from './capacity.ts';
import type { Closable } from './closable.ts';
import { leastOrderOf } from './grain.ts';
import type { Opened } from './order-plan.ts';

export type Most = (closable: Closable) => Quantity;

export const allOf: Most = ({ held }) => held;

interface Held {
  readonly policy: Policy;
  readonly generation: number;
  readonly opened: Opened | undefined;
}

/**
 * In the first plan a share of a large position, and in every plan the share of a holding that has
 * opened; at least the smallest order.
 */
export function shareFirst({ policy, generation, opened }: Held): Most {
  const { firstShareAbove, firstShare } = policy;
  return (closable) => {
    const { kind, held, unitNotional } = closable;
    if (opened?.of === 'holding') return partOf(closable, opened.share ?? ONE);
    if (kind !== 'position' || firstShareAbove === undefined || generation > 1) return held;
    if (!isAbove(worthOf(held, unitNotional), firstShareAbove)) return held;
    return partOf(closable, firstShare);
  };
}

const partOf = (closable: Closable, share: Ratio): Quantity =>
  larger(times(closable.held, share), leastOrderOf(closable));

export const withinCapacity =
  (capacity: Capacity, first: Most): Most =>
  (closable) => {
    const most = first(closable);
    const left = capacity.get(capacityKey(closable.market, closable.side));
    if (left === undefined || isZero(closable.unitValue)) return most;
    return smaller(most, contractsOf(left, closable.unitValue));
  };

/** If a limit cuts one leg of a hedge, cuts its whole factor to that share. */
export function inProportion(closables: readonly Closable[], most: Most): Most {
  const shares = new Map<string, Ratio>();
  for (const closable of closables.filter(({ isIdle }) => !isIdle)) {
    const share = ratioBetween(most(closable), closable.held);
    shares.set(closable.factor, smaller(shares.get(closable.factor) ?? ONE, share));
  }
  return ({ factor, held }) => times(held, shares.get(factor) ?? ONE);
}
