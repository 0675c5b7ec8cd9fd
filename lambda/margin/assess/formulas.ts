/** The surpluses that are assessed. */
import type { SurplusFormula } from '../curve/figure.ts';
import type { Policy } from '../market/policy.ts';
import { ONE, type Ratio } from '../number/decimal.ts';

export const EQUITY: SurplusFormula = { of: 'equity' };
export const BALANCE: SurplusFormula = { of: 'balance' };
export const OVER_INITIAL: SurplusFormula = {
  of: 'balance',
  less: { requirement: 'initial', multiple: ONE },
};

/** B − m·MM, before the buffer. */
export const overMaintenance = (multiple: Ratio): SurplusFormula => ({
  of: 'balance',
  less: { requirement: 'maintenance', multiple },
});

/** The lowest is the surplus over the call line, before the buffer. */
export function callFormulas({ callMultiplier, callAt }: Policy): SurplusFormula[] {
  const overCall = overMaintenance(callMultiplier);
  return callAt === 'initial' ? [overCall, OVER_INITIAL] : [overCall];
}
