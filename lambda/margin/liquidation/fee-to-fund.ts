/**
 * A liquidation fee that shrinks to what the margin of a position leaves:
 *
 *     fee = max(0, min(most, share·(m + β − c − shortage ÷ notional)))
 *
 * with m the position's maintenance rate, β the exit buffer, c the other costs of closing it, and
 * of the account's shortage the position's part by its maintenance requirement.
 */
import type { Policy } from '../market/policy.ts';
import type { TradingTerms } from '../market/trading.ts';
import {
  type Amount,
  add,
  isPositive,
  larger,
  type Ratio,
  ratioBetween,
  smaller,
  subtract,
  times,
  worthOf,
  ZERO,
} from '../number/decimal.ts';
import type { Closable } from './closable.ts';
import { NOTHING_CLOSED } from './closed.ts';
import type { Breach } from './order-price.ts';
import type { Trial } from './trial.ts';

interface FeeBasis extends Breach {
  /** κ·MM + LB + exit buffer − B, before the plan. */
  readonly shortage: Amount;
  readonly exitBuffer: Ratio;
}

/** The trial is asked only if a fee shrinks. */
export function withFeesToFund(
  closables: readonly Closable[],
  of: { readonly breach: Breach; readonly trial: Trial; readonly policy: Policy },
): readonly Closable[] {
  const isFlat = closables.every(({ trading }) => trading.liquidationFeeShare === undefined);
  if (isFlat) return closables;
  const basis = {
    ...of.breach,
    shortage: of.trial.after(NOTHING_CLOSED, 'cost').shortfall,
    exitBuffer: of.policy.liquidationExitBuffer ?? ZERO,
  };
  return closables.map((each) => withFeeToFund(each, basis));
}

function withFeeToFund(closable: Closable, basis: FeeBasis): Closable {
  const { trading, market, held, unitNotional, kind } = closable;
  const { liquidationFeeShare: share, liquidationFee: most } = trading;
  const own = basis.byInstrument?.get(market);
  if (share === undefined || kind !== 'position' || own === undefined) return closable;
  const notional = worthOf(held, unitNotional);
  const part = isPositive(basis.shortage)
    ? times(basis.shortage, ratioBetween(own, basis.maintenanceRequirement))
    : basis.shortage;
  const costs = subtract(trading.unitCost, most);
  const rate = add(ratioBetween(own, notional), basis.exitBuffer);
  const missing = larger(ZERO, ratioBetween(part, notional));
  const left = times(subtract(subtract(rate, costs), missing), share);
  return { ...closable, trading: withFee(trading, larger(ZERO, smaller(most, left))) };
}

const withFee = (trading: TradingTerms, liquidationFee: Ratio): TradingTerms => ({
  ...trading,
  liquidationFee,
  unitCost: add(subtract(trading.unitCost, trading.liquidationFee), liquidationFee),
});
