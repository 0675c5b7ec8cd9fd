/** Plans with swaps of collateral for loans. */
import { isBelow, ONE, roundDown, textOf } from '../number/decimal.ts';
import type { Health, Swapped } from './loan-swap.ts';
import type { Opened, Plan } from './order-plan.ts';

/** Swaps alone. */
export function swapPlan(
  swapped: Swapped,
  of: Pick<Plan, 'cancelOpenOrders'> & { readonly opened: Opened },
): Plan {
  const { swaps, isRestored } = swapped;
  const isAll = !isRestored && !swapped.isHeldBack;
  const scope = isAll ? 'whole' : 'partial';
  return { ...of, orders: [], swaps, scope, why: whyOf(swapped), carriedOver: [] };
}

/** Swaps that do not restore the account, and orders that close positions. */
export function withSwaps(swapped: Swapped, rest: Plan): Plan {
  const scope = swapped.isHeldBack || rest.scope === 'cancel' ? 'partial' : rest.scope;
  return { ...rest, swaps: swapped.swaps, scope, why: `${whyOf(swapped)}; then ${rest.why}` };
}

function whyOf(swapped: Swapped): string {
  const { isRestored, isHarmful, isHeldBack, health, healthAfter } = swapped;
  const what = isRestored
    ? 'swaps of collateral for loans that restore the account to its target'
    : isHeldBack
      ? 'swaps of collateral for loans as far as the close factor and the least remainder allow; the ' +
        'next generation of the plan continues'
      : 'all that can be swapped is swapped, and does not restore the account';
  const harm = isHarmful
    ? '; no swap raises its margin balance, because the bonus is not below liability weight ÷ ' +
      'collateral weight − 1'
    : fallOf(health, healthAfter);
  return what + harm;
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
