/**
 * A liquidation plan: the cheapest orders that bring a sub-account back to κ·MM + LB (at least to
 * the initial requirement, if the policy calls there), and at most band·MM above it, except for
 * whole lots and least notionals.
 *
 * 1. Cancel all open orders, which may be enough.
 * 2. If equity is below 0, close everything.
 * 3. Otherwise search for the cheapest orders (search.ts), and try each market that might do alone.
 *    The requirement never exceeds its first value, so no leg of a hedge is closed alone.
 * 4. If not even a search without limits restores the account, close everything.
 *
 * Three limits hold a plan back: the first plan's share of a large position, the capacity of a
 * market at each check, and `PLAN_ORDERS_MAX` orders per message. The next generation goes on.
 */

import { type MarginFigures, marginFiguresOf } from '../assess/assess.ts';
import type { SubAccount } from '../book/account.ts';
import { marketsWithOrders } from '../book/trade.ts';
import type { Policy } from '../market/policy.ts';
import { LAST_PLACE } from '../market/trading.ts';
import {
  type Amount,
  compare,
  isAbove,
  isNegative,
  isPositive,
  isZero,
  NO_QUANTITY,
  ONE,
  type Quantity,
  type Ratio,
  roundDown,
  subtract,
  sumOf,
  times,
  worthOf,
} from '../number/decimal.ts';
import { FRACTION_PLACES, OPENED_ORDERS_MAX, PLAN_ORDERS_MAX } from '../number/limits.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { backstopPlan } from './backstop.ts';
import { type Capacity, UNLIMITED } from './capacity.ts';
import { cheapestOrders } from './cheapest-orders.ts';
import { type Closable, closablesOf, largestFirst } from './closable.ts';
import { type Closed, closedMore, NOTHING_CLOSED } from './closed.ts';
import { withFeesToFund } from './fee-to-fund.ts';
import { type Grain, orderedOf } from './grain.ts';
import { carriedOverOf, deleveragedOf } from './left-out.ts';
import { liquidationFeeShare } from './liquidation-fee.ts';
import { allOf, inProportion, type Most, shareFirst, withinCapacity } from './most.ts';
import {
  openedFor,
  openedText,
  type SinceFirstPlan,
  unlessSmall,
  withOpenedFees,
} from './opened.ts';
import type { CarriedOver, Deleveraged, Opened, Order, Plan } from './order-plan.ts';
import { type Breach, maintenanceByInstrument, orderPrices } from './order-price.ts';
import { costOf, type Found, isRestoredBy, mayDoAlone } from './search.ts';
import { type BesideSwaps, planWithSwaps } from './swap-plan.ts';
import { Trial, type Tried } from './trial.ts';

/** Limits that hold a plan back. */
export interface PlanLimits {
  readonly generation: number;
  /** When the case sent its first order plan; absent: this is it. */
  readonly since?: number | undefined;
  readonly capacity: Capacity;
  /** Contracts by instrument, not among the orders. */
  readonly deleveraged?: Deleveraged | undefined;
}

/** No capacity limits a market. */
export const FIRST_PLAN: PlanLimits = { generation: 1, capacity: UNLIMITED };

interface Choice {
  readonly closed: Closed;
  readonly why: string;
  readonly isRestored: boolean;
  readonly carriedOver?: readonly CarriedOver[];
}

/**
 * The order plan that restores a sub-account, with swaps of collateral for loans first if the policy
 * has them; or the plan that hands its positions to the backstop.
 * @throws Error if its book cannot be built
 */
export function planLiquidation(
  subAccount: SubAccount,
  snapshot: Snapshot,
  limits: PlanLimits = FIRST_PLAN,
): Plan {
  const { asOf, policy } = snapshot;
  const { since = asOf, deleveraged } = limits;
  const { backstop: rules } = policy;
  const taken = rules && backstopPlan(subAccount, { snapshot, rules, deleveraged });
  if (taken !== undefined) return taken;
  const at = { since, milliseconds: asOf - since };
  const ordersFor = (of: SubAccount, beside: BesideSwaps = {}) =>
    orderPlan({ subAccount: of, snapshot, limits, at, beside });
  const { loanSwap } = policy;
  return loanSwap === undefined
    ? ordersFor(subAccount)
    : planWithSwaps(subAccount, { snapshot, at, rules: loanSwap, ordersFor });
}

type OrderPlanInput = Omit<PlannerInput, 'isWhole'>;

/**
 * The search adds up risk factors; the whole book has the last word, and does the search itself if
 * it disagrees.
 */
function orderPlan(input: OrderPlanInput): Plan {
  const planner = new Planner({ ...input, isWhole: false });
  const chosen = planner.choice();
  if (planner.isConfirmed(chosen)) return planner.planOf(chosen);
  const again = new Planner({ ...input, isWhole: true });
  return again.planOf(again.choice());
}

interface PlannerInput {
  readonly subAccount: SubAccount;
  readonly snapshot: Snapshot;
  readonly limits: PlanLimits;
  readonly at: SinceFirstPlan;
  readonly beside: BesideSwaps;
  /** Whether each trial builds the whole book. */
  readonly isWhole: boolean;
}

class Planner {
  private readonly policy: Policy;
  private readonly limits: PlanLimits;
  private readonly trial: Trial;
  /** Without deleveraged quantities; largest first. */
  private readonly closables: readonly Closable[];
  private readonly deleveraged: Closed;
  private readonly breach: Breach & MarginFigures;
  private readonly cancelOpenOrders: readonly string[];
  private readonly slack: Amount;
  private readonly opened: Opened | undefined;
  private readonly first: Most;
  private readonly within: Most;
  private found: Found | undefined;

  constructor({ subAccount, snapshot, limits, at, beside, isWhole }: PlannerInput) {
    const { account, isolatedMargin } = subAccount;
    this.policy = snapshot.policy;
    this.limits = limits;
    this.trial = new Trial(subAccount, snapshot, isWhole);
    const { book } = this.trial;
    const { policy } = snapshot;
    const isPortfolio = account.marginModel === 'portfolio';
    const byInstrument = maintenanceByInstrument(book.positions, isPortfolio);
    this.breach = { ...marginFiguresOf(book, snapshot.policy), byInstrument };
    const isIsolated = beside.isPositionsOnly || isolatedMargin !== undefined;
    const held = withOpenedFees(closablesOf(book, { isIsolated, policy }), at);
    const closables = withFeesToFund(held, { breach: this.breach, trial: this.trial, policy });
    this.deleveraged = deleveragedOf(closables, limits.deleveraged);
    this.closables = closables.flatMap((each) => this.leftOf(each)).sort(largestFirst);
    const opened = openedFor(closables, { policy, at });
    const shortage = () => this.trial.after(NOTHING_CLOSED, 'cost').shortfall;
    this.opened = beside.later === undefined ? unlessSmall(opened, { shortage, policy }) : opened;
    if (beside.later !== undefined) this.trial.leave(beside.later);
    else if (this.opened?.of === 'shortage') this.trial.aimFor(this.opened.share ?? ONE);
    this.first = shareFirst({ policy, generation: limits.generation, opened: this.opened });
    this.within = withinCapacity(limits.capacity, this.first);
    this.cancelOpenOrders = marketsWithOrders(subAccount);
    this.slack = sumOf(this.closables.map((each) => worthOf(LAST_PLACE, each.unitNotional)));
  }

  private leftOf(closable: Closable): Closable[] {
    const gone = this.deleveraged.get(closable);
    if (gone === undefined) return [closable];
    const held = subtract(closable.held, gone);
    return isPositive(held) ? [{ ...closable, held }] : [];
  }

  choice(): Choice {
    const { opened } = this;
    const share = opened?.of === 'holding' ? `${openedText(opened)}; ${CONTINUES}` : SHARE_FIRST;
    const needed = this.choose(this.first, share);
    const isWithinCapacity = [...needed.closed].every(
      ([closable, quantity]) => !isAbove(quantity, this.within(closable)),
    );
    const chosen = isWithinCapacity ? needed : this.choose(this.within, CAPACITY_FIRST);
    if (chosen.isRestored) return chosen;
    return { ...chosen, carriedOver: carriedOverOf(needed.closed, chosen.closed) };
  }

  isConfirmed({ closed, isRestored }: Choice): boolean {
    const { trial, slack } = this;
    return !isRestored || isRestoredBy(closed, trial.wholeAfter(closed, 'cost'), slack);
  }

  /** @param why if only the limits are in the way. */
  private choose(most: Most, why: string): Choice {
    if (isNegative(this.breach.equity)) {
      return this.everything(most, { because: 'its equity is below 0', limit: why });
    }
    const isHeldBack = this.closables.some((closable) => isAbove(closable.held, most(closable)));
    const found = isHeldBack ? this.search(this.closables, most) : this.free;
    if (found.isRestored) return this.cheapest(found, most);
    const { free } = this;
    if (free.isRestored) return { closed: found.closed, why, isRestored: false };
    const because = this.isAll(free.closed)
      ? 'even closing everything is not enough'
      : 'closing costs more than it frees';
    return this.everything(most, { because, limit: why });
  }

  private isAll(closed: Closed): boolean {
    return this.closables.every(
      (closable) => closable.isIdle || !isAbove(closable.held, closed.get(closable) ?? NO_QUANTITY),
    );
  }

  private get free(): Found {
    this.found ??= this.search(this.closables, allOf);
    return this.found;
  }

  private search(closables: readonly Closable[], most: Most, below?: Amount): Found {
    const { trial, slack } = this;
    return cheapestOrders({ trial, slack, closables, grain: this.grainOf(most), below });
  }

  private grainOf(most: Most): Grain {
    return { wholeBelow: this.policy.closeWholeBelow, most };
  }

  /** Reliefs change on the way, so one market alone may be cheaper. */
  private cheapest(found: Found, most: Most): Choice {
    const chosen = { closed: found.closed, why: cheapestText(this.opened), isRestored: true };
    if ([...found.closed.values()].filter((quantity) => !isZero(quantity)).length < 2)
      return chosen;
    const cost = costOf(found.closed);
    const [least] = mayDoAlone(found, {
      shortfall: this.trial.after(NOTHING_CLOSED, 'cost').shortfall,
      below: cost,
    })
      .map((closable) => this.search([closable], most, cost))
      .filter((alone) => alone.isRestored && isAbove(cost, costOf(alone.closed)))
      .sort((one, other) => compare(costOf(one.closed), costOf(other.closed)));
    return { ...chosen, closed: (least ?? found).closed };
  }

  /** Sells idle collateral only to pay a debt. */
  private everything(
    most: Most,
    why: { readonly because: string; readonly limit: string },
  ): Choice {
    const worth = this.closables.filter(({ isIdle }) => !isIdle);
    const wanted = this.closedOf(worth, most);
    const isBare = isAbove(
      this.triedWith(wanted).required,
      this.triedWith(NOTHING_CLOSED).required,
    );
    const allowed = isBare ? inProportion(this.closables, most) : most;
    const closed = isBare ? this.closedOf(worth, allowed) : wanted;
    const isInDebt = isNegative(this.triedWith(closed).cash);
    const all = isInDebt ? this.closedOf(this.closables, allowed) : closed;
    const because = `because no partial close restores the account: ${why.because}`;
    const isAll = this.isAll(all);
    return {
      closed: all,
      why: isAll
        ? `everything is closed, ${because}`
        : `everything has to be closed, ${because}; ${why.limit}`,
      isRestored: false,
    };
  }

  private closedOf(closables: readonly Closable[], most: Most): Closed {
    const grain = this.grainOf(most);
    return new Map(closables.map((each) => [each, orderedOf(each, most(each), grain)]));
  }

  private triedWith(closed: Closed): Tried {
    return this.trial.after(closedMore(closed, this.deleveraged), 'cost');
  }

  planOf(choice: Choice): Plan {
    const { opened } = this;
    const closing = this.closingPlan(choice);
    const plan = opened === undefined ? closing : { ...closing, opened };
    const { deleveraged } = this.limits;
    if (deleveraged === undefined || deleveraged.size === 0) return plan;
    return { ...plan, why: `${plan.why}; ${DELEVERAGED}`, deleveraged };
  }

  private closingPlan({ closed, why, isRestored, carriedOver = [] }: Choice): Plan {
    const { cancelOpenOrders } = this;
    const feeShare = liquidationFeeShare(closed, this.breach.equity);
    const orders = this.closables.flatMap((closable) => {
      const quantity = closed.get(closable) ?? NO_QUANTITY;
      return isZero(quantity) ? [] : this.orderFor(closable, quantity, feeShare);
    });
    if (isRestored && orders.length === 0) {
      return { cancelOpenOrders, orders, scope: 'cancel', why: CANCELLED, carriedOver: [] };
    }
    const ordersMax = this.opened === undefined ? PLAN_ORDERS_MAX : OPENED_ORDERS_MAX;
    if (orders.length > ordersMax) {
      const most = `the largest ${ordersMax} of ${orders.length} holdings; ${CONTINUES}`;
      const largest = orders.slice(0, ordersMax);
      return { cancelOpenOrders, orders: largest, scope: 'partial', why: most, carriedOver };
    }
    return {
      cancelOpenOrders,
      orders,
      scope: this.isAll(closed) ? 'whole' : 'partial',
      why,
      carriedOver,
    };
  }

  private orderFor(closable: Closable, quantity: Quantity, feeShare: Ratio): Order {
    const { kind, market, side, referencePrice, unitValue, trading } = closable;
    const { breach, policy } = this;
    const { liquidatorFee } = trading;
    const liquidationFee = roundDown(times(trading.liquidationFee, feeShare), FRACTION_PLACES);
    return {
      ...{ kind, market, side, quantity, referencePrice },
      notional: worthOf(quantity, unitValue),
      ...orderPrices(closable, quantity, { breach, policy }),
      liquidationFee: isZero(liquidationFee) ? undefined : liquidationFee,
      ...(liquidatorFee === undefined || isZero(liquidatorFee) ? {} : { liquidatorFee }),
    };
  }
}

const cheapestText = (opened: Opened | undefined): string =>
  opened?.of === 'shortage' ? `the cheapest orders for ${openedText(opened)}; ${CONTINUES}` : LEAST;

const LEAST = 'the cheapest orders that restore the account to its target';
const CANCELLED = 'cancelling the open orders restores the account';
const CONTINUES = 'the next generation of the plan continues';
const SHARE_FIRST = `a first share of each large position; ${CONTINUES}`;
const DELEVERAGED =
  'the share of its positions that the insurance fund cannot pay for goes to counterparties ' +
  '(auto-deleveraging) and is not among the orders';
const CAPACITY_FIRST =
  'as much as the capacity of the markets allows at this check; the rest is carried over';
