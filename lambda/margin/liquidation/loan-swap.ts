/**
 * Swaps of collateral for loans: a liquidator repays a part of a loan of value x and receives
 * collateral of value x·(1 + b). With weight w of the collateral and v of the loan the margin balance
 * rises by x·(v − w·(1 + b)), so a swap heals where b < v/w − 1.
 *
 * 1. Pair each collateral with each loan. Take the pairs that heal, the lowest b ÷ (v − w·(1 + b))
 *    first; if none does, all pairs, the least harmful first.
 * 2. Of each pair swap what is needed, or the most that is allowed:
 *
 *        most = min(loan, closeFactor·Σ loans − repaid before, collateral ÷ (1 + b)),
 *
 *    without the close factor where health is low, or the loan or the collateral is small.
 * 3. A swap that would leave dust ends its loan or its collateral if it may, or leaves the least.
 *
 * The need is tried on the book: a chord of the shortfall, which is convex in x, never falls short.
 * Where a swap bares a hedge the shortfall rises again, so no more than the best amount is needed.
 * A share that opens with time holds swaps back like orders.
 */
import { type MarginFigures, marginFiguresOf } from '../assess/assess.ts';
import type { SubAccount } from '../book/account.ts';
import { withoutOrders } from '../book/trade.ts';
import type { LoanSwap } from '../market/loan-swap.ts';
import { openedTo } from '../market/opening.ts';
import { leastClaim } from '../market/policy.ts';
import {
  type Amount,
  add,
  divide,
  isAbove,
  isBelow,
  isNegative,
  isPositive,
  larger,
  NO_AMOUNT,
  negate,
  ONE,
  type Ratio,
  ratio,
  ratioBetween,
  smaller,
  subtract,
  sumOf,
  times,
} from '../number/decimal.ts';
import { SWAP_TRIALS_MAX, SWAPS_MAX } from '../number/limits.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { NOTHING_CLOSED } from './closed.ts';
import { isWithinRounding } from './closing-notional.ts';
import { openedFor, openedText, type SinceFirstPlan, unlessSmall } from './opened.ts';
import type { Opened, Swap } from './order-plan.ts';
import { type Pair, pairsOf } from './swap-pairs.ts';
import { afterSwap, type Lent, lentIn, swapOf } from './swap-sides.ts';
import { Trial } from './trial.ts';

export interface Swapped {
  readonly swaps: readonly Swap[];
  /** With the swaps, without open orders. */
  readonly after: SubAccount;
  readonly isRestored: boolean;
  /** Before the swaps; absent without loans or a requirement. */
  readonly health: Health;
  readonly healthAfter: Health;
  /** No pair raises the margin balance. */
  readonly isHarmful: boolean;
  /** The account lacks more than before. */
  readonly isWorse: boolean;
  /** Why a swap was held back. */
  readonly limits: readonly string[];
  readonly opened: Opened;
  /** A share of the shortage that is left to later plans; absent if no share of it opens with time. */
  readonly later?: Amount | undefined;
}

export type Health = Ratio | undefined;

interface Input {
  readonly snapshot: Snapshot;
  readonly at: SinceFirstPlan;
  readonly rules: LoanSwap;
}

/** Undefined if nothing is owed, or owned within reach, or cancelling open orders is enough. */
export function swapLoans(subAccount: SubAccount, input: Input): Swapped | undefined {
  if (subAccount.isolatedMargin !== undefined) return undefined;
  const swapping = new Swapping(withoutOrders(subAccount), input);
  return swapping.isRestored ? undefined : swapping.swapped();
}

const CLOSE_FACTOR = 'the close factor';
const LEAST_LEFT = 'the least remainder';
const MOST_SWAPS = 'the number of swaps in one plan';

const ALMOST = ratio('0.984375');
const THIRD = divide(ONE, ratio('3'));
const THIRDS_MAX = 24;

interface Tested {
  readonly value: Amount;
  readonly shortfall: Amount;
}

class Swapping {
  private readonly input: Input;
  private readonly opened: Opened;
  private readonly health: Health;
  private readonly atFirst: readonly Lent[];
  private readonly loans: Amount;
  private readonly later: Amount | undefined;
  private readonly shortfallAtFirst: Amount;
  private now: SubAccount;
  private shortfall: Amount;
  private repaid: Amount = NO_AMOUNT;
  private readonly swaps: Swap[] = [];
  private readonly limits = new Set<string>();

  constructor(now: SubAccount, input: Input) {
    const { snapshot, at } = input;
    this.input = input;
    this.now = now;
    this.atFirst = lentIn(now, snapshot);
    this.loans = sumOf(loansIn(this.atFirst).map(({ value }) => value));
    this.health = healthOf(now, snapshot);
    const missing = this.shortfallOf(now);
    const { policy } = snapshot;
    const opened = openedFor([], { policy, at }) ?? at;
    this.opened = unlessSmall(opened, { shortage: () => missing, policy });
    this.later = this.leftToLater(missing);
    this.shortfall = this.lacking(missing);
    this.shortfallAtFirst = this.shortfall;
  }

  get isRestored(): boolean {
    return isWithinRounding(this.shortfall);
  }

  swapped(): Swapped | undefined {
    const bonus = openedTo(this.input.rules.bonus, this.input.at.milliseconds);
    const pairs = pairsOf(this.atFirst, bonus);
    if (pairs.length === 0) return undefined;
    const healing = pairs.filter(({ relief }) => isPositive(relief));
    for (const pair of healing.length > 0 ? healing : pairs) {
      if (this.isRestored) break;
      this.take(pair);
    }
    const { swaps, now: after, isRestored, health, opened, later } = this;
    return {
      ...{ swaps, after, isRestored, health, opened, later },
      healthAfter: healthOf(after, this.input.snapshot),
      isHarmful: healing.length === 0,
      isWorse: isAbove(this.shortfall, this.shortfallAtFirst),
      limits: [...this.limits],
    };
  }

  private take(pair: Pair): void {
    const { snapshot, rules } = this.input;
    const lent = lentIn(this.now, snapshot);
    const collateral = lent.find(({ asset }) => asset === pair.collateral.asset);
    const loan = lent.find(({ asset }) => asset === pair.loan.asset);
    if (collateral?.isLoan !== false || loan?.isLoan !== true) return;
    if (this.swaps.length === SWAPS_MAX) {
      this.limits.add(MOST_SWAPS);
      return;
    }
    const left = { ...pair, collateral, loan };
    const most = this.mostOf(left);
    const value = rules.amount === 'most' ? most : this.neededOf(left, most);
    if (!isPositive(value)) return;
    const swap = swapOf(left, this.withoutDust(left, { value, most }));
    if (swap === undefined) return;
    this.now = afterSwap(this.now, swap, snapshot);
    this.shortfall = this.lacking(this.shortfallOf(this.now));
    this.repaid = add(this.repaid, swap.value);
    this.swaps.push(swap);
  }

  /** That the close factor and the opened share allow, and the collateral pays for. */
  private mostOf(pair: Pair): Amount {
    const { loan, collateral } = pair;
    const { closeFactor, wholeBelow } = this.input.rules;
    const isSmall = isBelow(loan.value, wholeBelow) || isBelow(collateral.value, wholeBelow);
    const whole = wholeOf(pair);
    const allowed =
      isSmall || this.isLow ? whole : subtract(times(this.loans, closeFactor), this.repaid);
    const most = this.within(allowed, { of: whole, by: CLOSE_FACTOR });
    const { opened } = this;
    if (opened.of !== 'holding' || opened.share === undefined) return most;
    return this.within(this.openedOf(pair, opened.share), { of: most, by: openedText(opened) });
  }

  private within(limit: Amount, { of, by }: { readonly of: Amount; readonly by: string }): Amount {
    if (!isBelow(limit, of)) return of;
    this.limits.add(by);
    return larger(limit, NO_AMOUNT);
  }

  private get isLow(): boolean {
    const { wholeBelowHealth } = this.input.rules;
    const { health } = this;
    return (
      wholeBelowHealth !== undefined && health !== undefined && !isAbove(health, wholeBelowHealth)
    );
  }

  /** A share of the value held before the plan, less what the plan has swapped of it. */
  private openedOf({ loan, collateral, bonus }: Pair, share: Ratio): Amount {
    const leftOf = ({ asset, value }: Lent): Amount => {
      const before = this.atFirst.find((each) => each.asset === asset)?.value ?? value;
      return subtract(times(before, share), subtract(before, value));
    };
    return smaller(leftOf(loan), divide(leftOf(collateral), add(ONE, bonus)));
  }

  /** 0 if a swap that heals by its weights relieves nothing on the book. */
  private neededOf(pair: Pair, most: Amount): Amount {
    const best = this.bestOf(pair, most);
    if (!isWithinRounding(best.shortfall)) {
      if (!isPositive(pair.relief)) return most;
      return isBelow(best.shortfall, this.shortfall) ? best.value : NO_AMOUNT;
    }
    let [low, lacking] = [NO_AMOUNT, this.shortfall];
    let { value: high, shortfall: excess } = best;
    const { policy } = this.input.snapshot;
    const close = negate(leastClaim(policy));
    for (let trial = 0; trial < SWAP_TRIALS_MAX && isBelow(excess, close); trial++) {
      const share = ratioBetween(lacking, subtract(lacking, excess));
      const { value, shortfall } = this.tested(pair, add(low, times(subtract(high, low), share)));
      if (isWithinRounding(shortfall)) [high, excess] = [value, shortfall];
      else [low, lacking] = [value, shortfall];
    }
    return high;
  }

  /** The amount after which the account lacks least: the most, but where the shortfall rises again. */
  private bestOf(pair: Pair, most: Amount): Tested {
    const whole = this.tested(pair, most);
    const almost = this.tested(pair, times(most, ALMOST));
    if (!isAbove(whole.shortfall, almost.shortfall)) return whole;
    let [low, high] = [NO_AMOUNT, most];
    for (let third = 0; third < THIRDS_MAX; third++) {
      const gap = times(subtract(high, low), THIRD);
      const [left, right] = [add(low, gap), subtract(high, gap)];
      const isRising = isAbove(
        this.tested(pair, right).shortfall,
        this.tested(pair, left).shortfall,
      );
      if (isRising) high = right;
      else low = left;
    }
    return this.tested(pair, low);
  }

  private tested(pair: Pair, value: Amount): Tested {
    const swap = swapOf(pair, value);
    if (swap === undefined) return { value, shortfall: this.shortfall };
    const after = afterSwap(this.now, swap, this.input.snapshot);
    return { value, shortfall: this.lacking(this.shortfallOf(after)) };
  }

  private withoutDust(
    pair: Pair,
    { value, most }: { readonly value: Amount; readonly most: Amount },
  ): Amount {
    const { collateral, loan, bonus } = pair;
    const { leastLeft } = this.input.rules;
    const paid = add(ONE, bonus);
    const whole = wholeOf(pair);
    const roomy = smaller(
      subtract(loan.value, leastLeft),
      divide(subtract(collateral.value, leastLeft), paid),
    );
    if (!isBelow(value, whole) || !isAbove(value, roomy)) return value;
    // Where there is no room at all, only the whole can ever be swapped.
    if (!isBelow(most, whole) || !isPositive(roomy)) return whole;
    this.limits.add(LEAST_LEFT);
    return roomy;
  }

  private lacking(shortfall: Amount): Amount {
    return this.later === undefined ? shortfall : subtract(shortfall, this.later);
  }

  /** Nothing of it is left by an account with equity below 0. */
  private leftToLater(missing: Amount): Amount | undefined {
    const { of, share } = this.opened;
    if (of !== 'shortage' || share === undefined || !isPositive(missing)) return undefined;
    const { equity } = figuresOf(this.now, this.input.snapshot);
    return isNegative(equity) ? undefined : subtract(missing, times(missing, share));
  }

  private shortfallOf(subAccount: SubAccount): Amount {
    return new Trial(subAccount, this.input.snapshot).after(NOTHING_CLOSED, 'cost').shortfall;
  }
}

function figuresOf(subAccount: SubAccount, snapshot: Snapshot): MarginFigures {
  return marginFiguresOf(new Trial(subAccount, snapshot).book, snapshot.policy);
}

/** (B + loans) ÷ (loans + ℓ·MM), with loans by value × weight. */
function healthOf(subAccount: SubAccount, snapshot: Snapshot): Health {
  const loans = loansIn(lentIn(subAccount, snapshot));
  const owed = sumOf(loans.map(({ value, weight }) => times(value, weight)));
  const { marginBalance, maintenanceRequirement } = figuresOf(subAccount, snapshot);
  const multiplier = snapshot.policy.liquidationMultiplier;
  const needed = add(owed, times(maintenanceRequirement, multiplier));
  return isPositive(needed) ? ratioBetween(add(marginBalance, owed), needed) : undefined;
}

const loansIn = (lent: readonly Lent[]): Lent[] => lent.filter(({ isLoan }) => isLoan);

const wholeOf = ({ collateral, loan, bonus }: Pair): Amount =>
  smaller(loan.value, divide(collateral.value, add(ONE, bonus)));
