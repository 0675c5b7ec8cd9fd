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
import type { SinceFirstPlan } from './opened.ts';
import type { Swap } from './order-plan.ts';
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
  /** The close factor, or dust, held a swap back. */
  readonly isHeldBack: boolean;
}

export type Health = Ratio | undefined;

interface Input {
  readonly snapshot: Snapshot;
  readonly at: SinceFirstPlan;
  readonly rules: LoanSwap;
}

/** Undefined if there is nothing to swap, or cancelling open orders is enough. */
export function swapLoans(subAccount: SubAccount, input: Input): Swapped | undefined {
  if (subAccount.isolatedMargin !== undefined) return undefined;
  const swapping = new Swapping(withoutOrders(subAccount), input);
  return swapping.isRestored ? undefined : swapping.swapped();
}

interface Pair {
  readonly collateral: Lent;
  readonly loan: Lent;
  readonly bonus: Ratio;
  /** v − w·(1 + b) */
  readonly relief: Ratio;
}

class Swapping {
  private readonly input: Input;
  private readonly health: Health;
  private readonly loans: Amount;
  private now: SubAccount;
  private shortfall: Amount;
  private repaid: Amount = NO_AMOUNT;
  private readonly swaps: Swap[] = [];
  private isHeldBack = false;

  constructor(now: SubAccount, input: Input) {
    this.input = input;
    this.now = now;
    this.shortfall = this.shortfallOf(now);
    this.loans = sumOf(this.loansIn(now).map(({ value }) => value));
    this.health = this.healthOf(now);
  }

  get isRestored(): boolean {
    return isWithinRounding(this.shortfall);
  }

  swapped(): Swapped | undefined {
    const pairs = this.pairs();
    const healing = pairs.filter(({ relief }) => isPositive(relief));
    for (const pair of healing.length > 0 ? healing : pairs) {
      if (this.isRestored || this.swaps.length === SWAPS_MAX) break;
      this.take(pair);
    }
    if (this.swaps.length === 0) return undefined;
    const { swaps, now: after, isRestored, health, isHeldBack } = this;
    const healthAfter = this.healthOf(after);
    const isHarmful = healing.length === 0;
    return { swaps, after, isRestored, health, healthAfter, isHarmful, isHeldBack };
  }

  private pairs(): Pair[] {
    const { rules, at, snapshot } = this.input;
    const opened = openedTo(rules.bonus, at.milliseconds);
    const lent = lentIn(this.now, snapshot);
    const loans = lent.filter(({ isLoan }) => isLoan);
    return lent
      .filter(({ isLoan }) => !isLoan)
      .flatMap((collateral) =>
        loans.map((loan): Pair => {
          const bonus = collateral.swapBonus ?? opened;
          const seized = times(collateral.weight, add(ONE, bonus));
          return { collateral, loan, bonus, relief: subtract(loan.weight, seized) };
        }),
      )
      .sort(cheapestFirst);
  }

  private take(pair: Pair): void {
    const { snapshot } = this.input;
    const lent = lentIn(this.now, snapshot);
    const collateral = lent.find(({ asset }) => asset === pair.collateral.asset);
    const loan = lent.find(({ asset }) => asset === pair.loan.asset);
    if (collateral?.isLoan !== false || loan?.isLoan !== true) return;
    const left = { ...pair, collateral, loan };
    const most = this.mostOf(left);
    if (!isPositive(most)) return;
    const value = this.input.rules.amount === 'most' ? most : this.neededOf(left, most);
    const swap = swapOf(left, this.withoutDust(left, { value, most }));
    if (swap === undefined) return;
    this.now = afterSwap(this.now, swap, snapshot);
    this.shortfall = this.shortfallOf(this.now);
    this.repaid = add(this.repaid, swap.value);
    this.swaps.push(swap);
  }

  /** That the close factor allows, and the collateral pays for. */
  private mostOf({ collateral, loan, bonus }: Pair): Amount {
    const { closeFactor, wholeBelow, wholeBelowHealth } = this.input.rules;
    const whole = smaller(loan.value, divide(collateral.value, add(ONE, bonus)));
    const isSmall = isBelow(loan.value, wholeBelow) || isBelow(collateral.value, wholeBelow);
    const isLow =
      wholeBelowHealth !== undefined &&
      this.health !== undefined &&
      !isAbove(this.health, wholeBelowHealth);
    if (isSmall || isLow) return whole;
    const allowed = subtract(times(this.loans, closeFactor), this.repaid);
    if (!isBelow(allowed, whole)) return whole;
    this.isHeldBack = true;
    return larger(allowed, NO_AMOUNT);
  }

  private neededOf(pair: Pair, most: Amount): Amount {
    let [low, lacking] = [NO_AMOUNT, this.shortfall];
    let [high, excess] = [most, this.triedWith(pair, most)];
    if (isPositive(excess) && !isWithinRounding(excess)) return most;
    const { policy } = this.input.snapshot;
    const close = negate(leastClaim(policy));
    for (let trial = 0; trial < SWAP_TRIALS_MAX && isBelow(excess, close); trial++) {
      const share = ratioBetween(lacking, subtract(lacking, excess));
      const value = add(low, times(subtract(high, low), share));
      const shortfall = this.triedWith(pair, value);
      if (isWithinRounding(shortfall)) [high, excess] = [value, shortfall];
      else [low, lacking] = [value, shortfall];
    }
    return high;
  }

  private triedWith(pair: Pair, value: Amount): Amount {
    const swap = swapOf(pair, value);
    if (swap === undefined) return this.shortfall;
    return this.shortfallOf(afterSwap(this.now, swap, this.input.snapshot));
  }

  private withoutDust(
    { collateral, loan, bonus }: Pair,
    { value, most }: { readonly value: Amount; readonly most: Amount },
  ): Amount {
    const { leastLeft } = this.input.rules;
    const paid = add(ONE, bonus);
    const whole = smaller(loan.value, divide(collateral.value, paid));
    const roomy = smaller(
      subtract(loan.value, leastLeft),
      divide(subtract(collateral.value, leastLeft), paid),
    );
    if (!isBelow(value, whole) || !isAbove(value, roomy)) return value;
    if (!isBelow(most, whole)) return whole;
    this.isHeldBack = true;
    return larger(roomy, NO_AMOUNT);
  }

  private shortfallOf(subAccount: SubAccount): Amount {
    return new Trial(subAccount, this.input.snapshot).after(NOTHING_CLOSED, 'cost').shortfall;
  }

  private loansIn(subAccount: SubAccount): Lent[] {
    return lentIn(subAccount, this.input.snapshot).filter(({ isLoan }) => isLoan);
  }

  /** (B + loans) ÷ (loans + ℓ·MM), with loans by value × weight. */
  private healthOf(subAccount: SubAccount): Health {
    const { snapshot } = this.input;
    const owed = sumOf(this.loansIn(subAccount).map(({ value, weight }) => times(value, weight)));
    const { book } = new Trial(subAccount, snapshot);
    const figures: MarginFigures = marginFiguresOf(book, snapshot.policy);
    const { marginBalance, maintenanceRequirement } = figures;
    const multiplier = snapshot.policy.liquidationMultiplier;
    const needed = add(owed, times(maintenanceRequirement, multiplier));
    return isPositive(needed) ? ratioBetween(add(marginBalance, owed), needed) : undefined;
  }
}

/** b ÷ relief, lowest first; pairs that heal before others, the larger relief first. */
function cheapestFirst(one: Pair, other: Pair): number {
  const [heals, otherHeals] = [isPositive(one.relief), isPositive(other.relief)];
  if (heals !== otherHeals) return heals ? -1 : 1;
  if (heals) {
    const gap = subtract(times(one.bonus, other.relief), times(other.bonus, one.relief));
    if (isNegative(gap)) return -1;
    if (isPositive(gap)) return 1;
  }
  const relief = subtract(other.relief, one.relief);
  if (isNegative(relief)) return -1;
  if (isPositive(relief)) return 1;
  const size = subtract(sizeOf(other), sizeOf(one));
  return isNegative(size) ? -1 : Number(isPositive(size));
}

const sizeOf = ({ collateral, loan }: Pair): Amount => smaller(collateral.value, loan.value);
