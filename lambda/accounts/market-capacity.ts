/** Market capacity left in one check, and what was carried over. */
import { type Capacity, capacityKey, RemainingCapacity } from '../margin/liquidation/capacity.ts';
import type { Plan } from '../margin/liquidation/order-plan.ts';
import {
  type Amount,
  add,
  compare,
  isZero,
  NO_AMOUNT,
  roundUp,
  subtract,
  sumOf,
  textOfPlaces,
} from '../margin/number/decimal.ts';
import { NAMED_MAX } from '../margin/number/limits.ts';

/** Notionals in the numeraire, rounded up. */
export interface CarriedOverSummary {
  /** Sub-accounts whose plans did not fit. */
  readonly accounts: number;
  readonly notional: string;
  /** The largest NAMED_MAX. */
  readonly byMarket: Readonly<Record<string, string>>;
}

export class MarketCapacity {
  private left: RemainingCapacity;
  /** By sub-account name. */
  private readonly reserved = new Map<string, Plan>();
  /** Names of those that are not kept from other runs yet. */
  private readonly unkept = new Set<string>();
  private readonly carriedOver = new Map<string, Amount>();
  private accounts = 0;

  constructor(capacity: Capacity) {
    this.left = new RemainingCapacity(capacity);
  }

  /** Plans have reserved a part of this, which is taken off. */
  limitTo(capacity: Capacity): void {
    this.left = new RemainingCapacity(capacity);
    for (const plan of this.reserved.values()) this.left.take(plan);
  }

  /** Notional of all reserved plans, by `capacityKey`. */
  ordered(): ReadonlyMap<string, Amount> {
    const ordered = new Map<string, Amount>();
    for (const { orders } of this.reserved.values()) {
      for (const { market, side, notional, taker } of orders) {
        if (taker !== undefined) continue;
        const key = capacityKey(market, side);
        ordered.set(key, add(ordered.get(key) ?? NO_AMOUNT, notional));
      }
    }
    return ordered;
  }

  leftIn(markets: Iterable<string>): Capacity {
    return this.left.within(markets);
  }

  reserve(name: string, plan: Plan): void {
    this.reserved.set(name, plan);
    this.unkept.add(name);
    this.left.take(plan);
    this.count(plan, 1);
  }

  /** Gives back an earlier attempt's reservation. */
  release(name: string): void {
    const plan = this.reserved.get(name);
    if (plan === undefined) return;
    this.reserved.delete(name);
    this.unkept.delete(name);
    this.left.giveBack(plan);
    this.count(plan, -1);
  }

  /** Keeps from other runs all that was reserved until now. */
  keep(): void {
    this.unkept.clear();
  }

  /** Gives back what is not kept. */
  giveBack(): void {
    for (const name of [...this.unkept]) this.release(name);
  }

  private count({ carriedOver }: Plan, times: 1 | -1): void {
    if (carriedOver.length > 0) this.accounts += times;
    const by = times === 1 ? add<Amount> : subtract<Amount>;
    for (const { market, notional } of carriedOver) {
      this.carriedOver.set(market, by(this.carriedOver.get(market) ?? NO_AMOUNT, notional));
    }
  }

  summary(amountPlaces: number): CarriedOverSummary {
    const text = (amount: Amount) => textOfPlaces(roundUp(amount, amountPlaces), amountPlaces);
    const largest = [...this.carriedOver]
      .filter(([, notional]) => !isZero(notional))
      .sort(([, left], [, right]) => compare(right, left))
      .slice(0, NAMED_MAX);
    return {
      accounts: this.accounts,
      notional: text(sumOf([...this.carriedOver.values()])),
      byMarket: Object.fromEntries(largest.map(([market, notional]) => [market, text(notional)])),
    };
  }
}
