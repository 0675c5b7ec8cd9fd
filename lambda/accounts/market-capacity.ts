/** The markets in one check: what its plans may still use of them, and what did not fit. */

import { type Capacity, RemainingCapacity } from '../margin/liquidation/capacity.ts';
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

/** Notional in the numeraire, rounded up. */
export interface CarriedOverSummary {
  /** Accounts and isolated positions whose plans did not wholly fit. */
  readonly accounts: number;
  readonly notional: string;
  /** The largest. */
  readonly byMarket: Readonly<Record<string, string>>;
}

export class MarketCapacity {
  private readonly left: RemainingCapacity;
  private readonly carriedOver = new Map<string, Amount>();
  private accounts = 0;

  constructor(capacity: Capacity) {
    this.left = new RemainingCapacity(capacity);
  }

  leftIn(markets: Iterable<string>): Capacity {
    return this.left.within(markets);
  }

  take(plan: Plan | undefined): void {
    if (plan === undefined) return;
    this.left.take(plan);
    this.count(plan, 1);
  }

  giveBack(plan: Plan | undefined): void {
    if (plan === undefined) return;
    this.left.giveBack(plan);
    this.count(plan, -1);
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
