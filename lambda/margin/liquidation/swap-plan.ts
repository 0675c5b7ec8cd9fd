/**
 * Plans with swaps of collateral for loans. Orders close positions for what swaps leave missing; where
 * no swap heals, they come first.
 */
import type { SubAccount } from '../book/account.ts';
import { marketsWithOrders } from '../book/trade.ts';
import type { LoanSwap } from '../market/loan-swap.ts';
import { type Amount, isBelow, isZero, ONE, roundDown, textOf } from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type Health, type Swapped, swapLoans } from './loan-swap.ts';
import { openedText, type SinceFirstPlan } from './opened.ts';
import type { Plan } from './order-plan.ts';

/** Absent: collateral and loans are closed, too, and the plan is the first of its check. */
export interface BesideSwaps {
  /** Collateral and loans are left alone. */
  readonly isPositionsOnly?: boolean | undefined;
  /** The part of the shortage before the swaps that is left to later plans. */
  readonly later?: Amount | undefined;
}

interface Input {
  readonly snapshot: Snapshot;
  readonly at: SinceFirstPlan;
  readonly rules: LoanSwap;
  readonly ordersFor: (subAccount: SubAccount, beside?: BesideSwaps) => Plan;
}

export function planWithSwaps(subAccount: SubAccount, input: Input): Plan {
  const { ordersFor } = input;
  const swapped = swapLoans(subAccount, input);
  if (swapped === undefined) return ordersFor(subAccount);
  const { after, isRestored, isHarmful, swaps, later, opened } = swapped;
  const hasPositions = after.positions.some(({ quantity }) => !isZero(quantity));
  if (hasPositions && (isHarmful || swaps.length === 0)) {
    const closing = ordersFor(subAccount, { isPositionsOnly: true });
    if (closing.orders.length + closing.carriedOver.length > 0) return insteadOf(swapped, closing);
  }
  if (swaps.length === 0) return ordersFor(subAccount);
  const cancelOpenOrders = marketsWithOrders(subAccount);
  if (isRestored || !hasPositions) return { ...swapPlan(swapped), cancelOpenOrders };
  const rest = ordersFor(after, { isPositionsOnly: true, later });
  return { ...withSwaps(swapped, rest), cancelOpenOrders, opened: rest.opened ?? opened };
}

/** Swaps alone. */
function swapPlan(swapped: Swapped): Omit<Plan, 'cancelOpenOrders'> {
  const { swaps, isRestored, limits, opened } = swapped;
  const scope = !isRestored && limits.length === 0 ? 'whole' : 'partial';
  return { orders: [], swaps, opened, scope, why: whyOf(swapped), carriedOver: [] };
}

/** Swaps that do not restore the account, and orders that close positions. */
function withSwaps(swapped: Swapped, rest: Plan): Plan {
  const scope = swapped.limits.length > 0 || rest.scope === 'cancel' ? 'partial' : rest.scope;
  return { ...rest, swaps: swapped.swaps, scope, why: `${whyOf(swapped)}; then ${rest.why}` };
}

/** Orders that close positions in place of swaps. */
function insteadOf({ isHarmful, opened }: Swapped, closing: Plan): Plan {
  const why = `${closing.why}; ${isHarmful ? HARMFUL : BARING}, so positions come first`;
  return { ...closing, scope: 'partial', why, opened: closing.opened ?? opened };
}

const CONTINUES = 'the next generation of the plan continues';
const HARMFUL =
  'no swap raises its margin balance, because the bonus is not below liability weight ÷ ' +
  'collateral weight − 1';
const BARING = 'no swap of collateral for a loan relieves the account';

function whyOf(swapped: Swapped): string {
  const { isHarmful, isWorse, health, healthAfter } = swapped;
  if (isHarmful) return `${whatIsSwapped(swapped)}; ${HARMFUL}`;
  const worse = isWorse ? '; it lacks more of its target after the swaps' : '';
  return whatIsSwapped(swapped) + worse + fallOf(health, healthAfter);
}

function whatIsSwapped({ isRestored, limits, later, opened }: Swapped): string {
  if (isRestored) {
    return later === undefined
      ? 'swaps of collateral for loans that restore the account to its target'
      : `swaps of collateral for loans for ${openedText(opened)}; ${CONTINUES}`;
  }
  if (limits.length === 0)
    return 'all that can be swapped is swapped, and does not restore the account';
  const allow = limits.length === 1 ? 'allows' : 'allow';
  return `swaps of collateral for loans as far as ${limits.join(' and ')} ${allow}; ${CONTINUES}`;
}

const HEALTH_PLACES = 4;

const textOfHealth = (health: NonNullable<Health>): string =>
  textOf(roundDown(health, HEALTH_PLACES));

/** Below weight × (1 + bonus) the ratio falls although the margin balance rises. */
function fallOf(before: Health, after: Health): string {
  if (before === undefined || after === undefined) return '';
  if (!isBelow(after, before) || !isBelow(before, ONE)) return '';
  return (
    `; its health falls from ${textOfHealth(before)} to ${textOfHealth(after)}, because it is below ` +
    'collateral weight × (1 + bonus) ÷ liability weight'
  );
}
