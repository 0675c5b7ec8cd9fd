/** Fees and shares that open with the time since the case sent its first order plan. */
import { type OpeningShare, openedTo } from '../market/opening.ts';
import type { Policy } from '../market/policy.ts';
import type { TradingTerms } from '../market/trading.ts';
import { type Amount, add, isBelow, ONE, ratio, textOf, times } from '../number/decimal.ts';
import type { Closable } from './closable.ts';
import type { Opened } from './order-plan.ts';

export interface SinceFirstPlan {
  readonly since: number;
  readonly milliseconds: number;
}

/** With the fees of that time, which are part of the cost. */
export const withOpenedFees = (
  closables: readonly Closable[],
  at: SinceFirstPlan,
): readonly Closable[] =>
  closables.map((closable) =>
    closable.trading.opening === undefined
      ? closable
      : { ...closable, trading: withFees(closable.trading, at) },
  );

function withFees(trading: TradingTerms, { milliseconds }: SinceFirstPlan): TradingTerms {
  const { liquidationFee: toFund, liquidatorFee: toLiquidator } = trading.opening ?? {};
  let after = trading;
  if (toFund !== undefined) {
    const liquidationFee = openedTo(toFund, milliseconds);
    after = { ...after, liquidationFee, unitCost: add(after.unitCost, liquidationFee) };
  }
  if (toLiquidator !== undefined) {
    const liquidatorFee = openedTo(toLiquidator, milliseconds);
    after = { ...after, liquidatorFee, unitCost: add(after.unitCost, liquidatorFee) };
  }
  return after;
}

/** Undefined if nothing that the plan rests on opens with time. */
export function openedFor(
  closables: readonly Closable[],
  { policy, at }: { readonly policy: Policy; readonly at: SinceFirstPlan },
): Opened | undefined {
  const { liquidationShare: share, loanSwap } = policy;
  if (share !== undefined) return { ...at, ...shareAt(share, at) };
  const opens =
    loanSwap !== undefined || closables.some(({ trading }) => trading.opening !== undefined);
  return opens ? at : undefined;
}

function shareAt(opening: OpeningShare, { milliseconds }: SinceFirstPlan) {
  const share = openedTo(opening, milliseconds);
  return isBelow(share, ONE) ? { share, of: opening.of } : {};
}

/** Nothing holds back a plan for a small shortage. */
export function unlessSmall<Of extends Opened | undefined>(
  opened: Of,
  { shortage, policy }: { readonly shortage: () => Amount; readonly policy: Policy },
): Of | SinceFirstPlan {
  const wholeBelow = policy.liquidationShare?.wholeBelow;
  if (opened?.share === undefined || wholeBelow === undefined) return opened;
  const { since, milliseconds } = opened;
  return isBelow(shortage(), wholeBelow) ? { since, milliseconds } : opened;
}

const HUNDRED = ratio('100');

/** "the 40 % of each holding that may be closed 12 s after the first order plan" */
export const openedText = ({ share = ONE, of, milliseconds }: Opened): string =>
  `the ${textOf(times(share, HUNDRED))} % of ${of === 'holding' ? 'each holding' : 'the shortage'} ` +
  `that may be closed ${milliseconds / 1000} s after the first order plan`;
