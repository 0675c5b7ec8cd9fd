import type { Assessment } from '../assess/assess.ts';
import type { Policy } from '../market/policy.ts';
import {
  type Amount,
  add,
  isAbove,
  isAtLeast,
  larger,
  NO_AMOUNT,
  negate,
  ONE,
  roundUp,
  subtract,
  times,
} from '../number/decimal.ts';

/**
 * At the believed prices: restores the account, cures the call, and lifts the account above its
 * liquidation line at every price within the uncertainty. The largest of the three, rounded up.
 */
export function amountDue(assessment: Assessment, policy: Policy): Amount {
  const { surplus } = assessment;
  const cure = subtract(curedSurplus(assessment, policy), surplus.call.point);
  const restore = larger(negate(surplus.restore.point), cure);
  const { mostLow } = surplus.liquidation;
  const missing = mostLow === 'unbounded' ? restore : larger(restore, negate(mostLow));
  return roundUp(larger(missing, NO_AMOUNT), policy.amountPlaces);
}

/** Hysteresis: at every price in doubt, the call surplus reaches `cureMargin` times the call line. */
export function isCured(assessment: Assessment, policy: Policy): boolean {
  const { level, surplus } = assessment;
  const { least } = surplus.call;
  return (
    level === 'healthy' &&
    least !== 'unbounded' &&
    isAtLeast(least, curedSurplus(assessment, policy))
  );
}

const curedSurplus = ({ lines }: Assessment, { cureMargin }: Policy): Amount =>
  times(lines.call, cureMargin);

/** By `callUpdateFraction`. */
export function hasGrown(now: Amount, sent: Amount, { callUpdateFraction }: Policy): boolean {
  return isAbove(now, sent) && isAtLeast(now, times(sent, add(ONE, callUpdateFraction)));
}
