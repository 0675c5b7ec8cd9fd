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

/** An instrument and an asset of one name share an entry, with the smaller capacity. */
export function capacityOf(
  { instruments, assets, policy }: Pick<Snapshot, 'instruments' | 'assets' | 'policy'>,
  gapSeconds: number,
): Capacity {
  if (policy.liquidationThrottle === 'none') return UNLIMITED;
  const capacity = new Map<string, Amount>();
  const limitAll = <T extends { readonly trading: Tradable }>(
    markets: Lookup<T>,
    unitValueOf: (terms: T) => Amount,
  ) => {
    for (const [market, terms] of markets) {
      if (!terms.ok) continue;
      const { trading } = terms.value;
      const borne = limitOf(trading, { policy, gapSeconds });
      if (borne === undefined) continue;
      const limit = larger(borne, leastNotional(trading, unitValueOf(terms.value)));
      for (const key of SIDES.map((side) => capacityKey(market, side))) {
        capacity.set(key, smaller(capacity.get(key) ?? limit, limit));
      }
    }
  };
  limitAll(instruments, ({ contractValue }) => contractValue);
  limitAll(assets, ({ price }) => worth(ONE_UNIT, price));
  return capacity;
}

function limitOf(
  { depth, dailyVolume }: Tradable,
  { policy, gapSeconds }: { readonly policy: Policy; readonly gapSeconds: number },
): Amount | undefined {
  const { liquidationDepthShare, liquidationVolumeShare } = policy;
  const ofDepth = depth && times(depth, liquidationDepthShare);
  const traded = dailyVolume && times(dailyVolume, ratioOfCount(gapSeconds));
  const ofVolume = traded && divide(times(traded, liquidationVolumeShare), DAY_SECONDS);
  const limit = ofDepth && ofVolume ? smaller(ofDepth, ofVolume) : (ofDepth ?? ofVolume);
  return limit && roundDown(limit, CAPACITY_PLACES);
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
    for (const { market, side, notional } of orders) {
      const key = capacityKey(market, side);
      const left = this.left.get(key);
      if (left !== undefined) this.left.set(key, by(left, notional));
    }
  }
}
