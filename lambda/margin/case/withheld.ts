import type { Assessment } from '../assess/assess.ts';
import type { CarriedOver, Plan } from '../liquidation/order-plan.ts';
import type { Policy } from '../market/policy.ts';
import { roundUp, textOfPlaces } from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';

/** Prices in doubt; if none, their uncertainty. */
export function reasonsAgainst({ reasons }: Assessment, subject: string): readonly Reason[] {
  if (reasons.length > 0) return reasons;
  const detail = 'the prices are uncertain: the account may still be above its line';
  return [{ code: 'price-uncertain', subject, detail }];
}

export const haltedReason = (subject: string): Reason => ({
  code: 'halted',
  subject,
  detail: 'halt is set in the policy: no order plan goes out until it is lifted',
});

export const nothingToCloseReason = (subject: string): Reason => ({
  code: 'nothing-to-close',
  subject,
  detail: 'there is nothing left to close',
});

/** Markets without capacity for any order of the plan. */
export function marketsFull({ carriedOver }: Plan, policy: Policy): Reason[] {
  const { numeraire, amountPlaces } = policy;
  return carriedOver.map(({ market, side, notional }: CarriedOver): Reason => {
    const needed = textOfPlaces(roundUp(notional, amountPlaces), amountPlaces);
    const detail =
      `${market}: needs to ${side} ${needed} ${numeraire}, and this check has used up the market's ` +
      'capacity; the order is carried over to the next check';
    return { code: 'market-full', subject: market, detail };
  });
}
