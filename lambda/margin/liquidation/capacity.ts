/**
 * How much one check may order in each market, on each side:
 *
 *     min(depth · liquidationDepthShare, dailyVolume · liquidationVolumeShare · Δ ÷ 1 day)
 *
 * An unknown term is left out; without both there is no limit. Never below the smallest order, or
 * nothing would ever be closed there. Each side has all of it, as it meets other orders.
 */

import type { Tradable } from '../market/market.ts';
import type { Policy } from '../market/policy.ts';
import { leastQuantity } from '../market/trading.ts';
import {
  type Amount,
  add,
  divide,
  larger,
  NO_AMOUNT,
  quantity,
  ratioOfCount,
  roundDown,
  roundUp,
  smaller,
  subtract,
  times,
  worth,
  worthOf,
} from '../number/decimal.ts';
import { CAPACITY_PLACES } from '../number/limits.ts';
import type { Lookup } from '../number/reason.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Order, Plan, Side } from './order-plan.ts';

const SIDES = ['buy', 'sell'] as const;

/** Notional by `capacityKey`; no entry, no limit. */
export type Capacity = ReadonlyMap<string, Amount>;

export const UNLIMITED: Capacity = new Map();

/** `BTC-PERP/sell` */
export const capacityKey = (market: string, side: Side): string => `${market}/${side}`;

const DAY_SECONDS = ratioOfCount(86_400);
const ONE_UNIT = quantity('1');

const leastNotional = (trading: Tradable, unitValue: Amount): Amount =>
  roundUp(worthOf(leastQuantity(trading, unitValue), unitValue), CAPACITY_PLACES);

/** One check may order so much by each term, at least the smallest order. An unknown term is absent. */
export interface Limit {
  readonly ofDepth?: Amount | undefined;
  readonly ofVolume?: Amount | undefined;
}

/** By `capacityKey`; no entry, no limit. */
export type Limits = ReadonlyMap<string, Limit>;

/** An instrument and an asset of one name share an entry, with the smaller terms. */
export function limitsOf(
  { instruments, assets, policy }: Pick<Snapshot, 'instruments' | 'assets' | 'policy'>,
  gapSeconds: number,
): Limits {
  const limits = new Map<string, Limit>();
  if (policy.liquidationThrottle === 'none') return limits;
  const limitAll = <T extends { readonly trading: Tradable }>(
    markets: Lookup<T>,
    unitValueOf: (terms: T) => Amount,
  ) => {
    for (const [market, terms] of markets) {
      if (!terms.ok) continue;
      const { trading } = terms.value;
      const borne = termsOf(trading, { policy, gapSeconds });
      if (smallestOf(borne) === undefined) continue;
      const least = leastNotional(trading, unitValueOf(terms.value));
      const limit = eachOf(borne, (term) => larger(roundDown(term, CAPACITY_PLACES), least));
      for (const key of SIDES.map((side) => capacityKey(market, side))) {
        const { ofDepth, ofVolume } = limits.get(key) ?? {};
        limits.set(key, {
          ofDepth: smallerKnown(ofDepth, limit.ofDepth),
          ofVolume: smallerKnown(ofVolume, limit.ofVolume),
        });
      }
    }
  };
  limitAll(instruments, ({ contractValue }) => contractValue);
  limitAll(assets, ({ price }) => worth(ONE_UNIT, price));
  return limits;
}

/** Where nothing was ordered before. */
export function capacityOf(
  markets: Pick<Snapshot, 'instruments' | 'assets' | 'policy'>,
  gapSeconds: number,
): Capacity {
  const capacity = new Map<string, Amount>();
  for (const [key, limit] of limitsOf(markets, gapSeconds)) {
    const smallest = smallestOf(limit);
    if (smallest !== undefined) capacity.set(key, smallest);
  }
  return capacity;
}

export const smallestOf = ({ ofDepth, ofVolume }: Limit): Amount | undefined =>
  smallerKnown(ofDepth, ofVolume);

const smallerKnown = (left: Amount | undefined, right: Amount | undefined): Amount | undefined =>
  left && right ? smaller(left, right) : (left ?? right);

const eachOf = ({ ofDepth, ofVolume }: Limit, of: (term: Amount) => Amount): Limit => ({
  ofDepth: ofDepth && of(ofDepth),
  ofVolume: ofVolume && of(ofVolume),
});

function termsOf(
  { depth, dailyVolume }: Tradable,
  { policy, gapSeconds }: { readonly policy: Policy; readonly gapSeconds: number },
): Limit {
  const { liquidationDepthShare, liquidationVolumeShare } = policy;
  const traded = dailyVolume && times(dailyVolume, ratioOfCount(gapSeconds));
  return {
    ofDepth: depth && times(depth, liquidationDepthShare),
    ofVolume: traded && divide(times(traded, liquidationVolumeShare), DAY_SECONDS),
  };
}

export class RemainingCapacity {
  private readonly left: Map<string, Amount>;

  constructor(capacity: Capacity) {
    this.left = new Map(capacity);
  }

  /** Rounded down. */
  within(markets: Iterable<string>): Capacity {
    const capacity = new Map<string, Amount>();
    for (const market of markets) {
      for (const key of SIDES.map((side) => capacityKey(market, side))) {
        const left = this.left.get(key);
        if (left !== undefined)
          capacity.set(key, roundDown(larger(left, NO_AMOUNT), CAPACITY_PLACES));
      }
    }
    return capacity;
  }

  take({ orders }: Pick<Plan, 'orders'>): void {
    this.move(orders, subtract);
  }

  /** For a plan that was not stored, because another run had changed its case. */
  giveBack({ orders }: Pick<Plan, 'orders'>): void {
    this.move(orders, add);
  }

  private move(orders: readonly Order[], by: (left: Amount, notional: Amount) => Amount): void {
    for (const { market, side, notional, taker } of orders) {
      if (taker !== undefined) continue;
      const key = capacityKey(market, side);
      const left = this.left.get(key);
      if (left !== undefined) this.left.set(key, by(left, notional));
    }
  }
}
