/**
 * The prices in an order, from the account before the plan: margin balance B and maintenance
 * requirement MM; mm, MM_i and the notional n of the position; the mark P.
 *
 *     limit       P·(1 ∓ (cost + spread·mm·clamp(A·(1 − B/MM), 0, 1)))
 *     bankruptcy  P·(1 ∓ B·(MM_i/MM)/n)
 *
 * − for a sale, rounded down; + for a purchase, rounded up. The limit allows the plan's cost, and
 * more of the position's margin the deeper the breach. At the bankruptcy price a position uses up
 * its share of the margin balance; a worse one costs others. It needs requirements that add up by
 * position.
 */
import type { LinearPosition, NetPosition } from '../book/book.ts';
import { linearNotional, scheduleAt } from '../book/linear-requirement.ts';
import type { Policy } from '../market/policy.ts';
import { requirementOf } from '../market/schedule.ts';
import {
  type Amount,
  absolute,
  add,
  isPositive,
  isZero,
  larger,
  NO_AMOUNT,
  ONE,
  type Price,
  type Quantity,
  type Ratio,
  ratioBetween,
  rounded,
  smaller,
  subtract,
  sumOf,
  times,
  worthOf,
  ZERO,
} from '../number/decimal.ts';
import { ORDER_PRICE_DIGITS } from '../number/limits.ts';
import type { Closable } from './closable.ts';
import { costRate, LEAST_SHARE } from './closed.ts';

/** Before the plan, open orders cancelled. */
export interface Breach {
  readonly marginBalance: Amount;
  readonly maintenanceRequirement: Amount;
  readonly byInstrument?: ReadonlyMap<string, Amount> | undefined;
}

/** Limit of the discount of a sale. */
const MOST_OFF = subtract(ONE, LEAST_SHARE);

export interface OrderPrices {
  /** Absent at a mark of 0. */
  readonly limitPrice?: Price | undefined;
  readonly bankruptcyPrice?: Price | undefined;
}

export function orderPrices(
  closable: Closable,
  quantity: Quantity,
  { breach, policy }: { readonly breach: Breach; readonly policy: Policy },
): OrderPrices {
  const isPosition = closable.kind === 'position';
  const own = isPosition ? breach.byInstrument?.get(closable.market) : undefined;
  const notional = worthOf(closable.held, closable.unitNotional);
  const rate = own === undefined ? ZERO : ratioBetween(own, notional);
  const opened = add(costRate(closable, quantity), times(spreadOf(breach, policy), rate));
  return {
    limitPrice: awayFromMark(
      closable,
      closable.side === 'sell' ? smaller(opened, MOST_OFF) : opened,
    ),
    bankruptcyPrice: own && bankruptcyPrice(closable, { breach, own, notional }),
  };
}

function spreadOf({ marginBalance, maintenanceRequirement }: Breach, policy: Policy): Ratio {
  if (isZero(maintenanceRequirement)) return ZERO;
  const gone = subtract(ONE, ratioBetween(marginBalance, maintenanceRequirement));
  const opened = smaller(ONE, larger(ZERO, times(gone, policy.bankruptcyAdjustment)));
  return times(opened, policy.limitSpread);
}

/** Absent where requirements do not add up by position, or if it is not above 0. */
export function bankruptcyPriceOf(closable: Closable, breach: Breach): Price | undefined {
  const own = breach.byInstrument?.get(closable.market);
  const notional = worthOf(closable.held, closable.unitNotional);
  return own && bankruptcyPrice(closable, { breach, own, notional });
}

function bankruptcyPrice(
  closable: Closable,
  {
    breach,
    own,
    notional,
  }: { readonly breach: Breach; readonly own: Amount; readonly notional: Amount },
): Price | undefined {
  const { marginBalance, maintenanceRequirement } = breach;
  if (isZero(maintenanceRequirement)) return undefined;
  const share = times(marginBalance, ratioBetween(own, maintenanceRequirement));
  return awayFromMark(closable, ratioBetween(share, notional));
}

function awayFromMark({ side, referencePrice }: Closable, by: Ratio): Price | undefined {
  const price = times(referencePrice, side === 'sell' ? subtract(ONE, by) : add(ONE, by));
  if (!isPositive(price)) return undefined;
  return rounded(price, ORDER_PRICE_DIGITS, side === 'sell' ? 'down' : 'up', referencePrice);
}

/** MM_i; undefined unless all positions are linear, not inverse and on the standard model. */
export function maintenanceByInstrument(
  positions: readonly NetPosition[],
  isPortfolio: boolean,
): ReadonlyMap<string, Amount> | undefined {
  const own = new Map<string, Amount>();
  for (const position of positions) {
    const maintenance = maintenanceOf(position, isPortfolio);
    if (maintenance === undefined) return undefined;
    own.set(position.terms.instrument, maintenance);
  }
  return isPositive(sumOf([...own.values()])) ? own : undefined;
}

function maintenanceOf(position: NetPosition, isPortfolio: boolean): Amount | undefined {
  const { terms, quantity } = position;
  if (terms.kind === 'settled' || isZero(quantity)) return NO_AMOUNT;
  if (terms.kind === 'option' || terms.isInverse) return undefined;
  return isPortfolio && terms.ofClass.portfolio !== undefined
    ? undefined
    : linearMaintenance({ ...position, terms });
}

/** Without open orders. */
export function linearMaintenance(position: LinearPosition): Amount | undefined {
  const { terms } = position;
  const held = absolute(position.quantity);
  const schedule = scheduleAt(position, terms, held);
  if (schedule === undefined) return undefined;
  return requirementOf(schedule, linearNotional(position, terms, held)).maintenance;
}
