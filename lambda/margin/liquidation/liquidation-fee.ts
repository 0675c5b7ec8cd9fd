import {
  type Amount,
  add,
  isAbove,
  isZero,
  larger,
  ONE,
  type Ratio,
  ratioBetween,
  subtract,
  sumOf,
  times,
  worthOf,
  ZERO,
} from '../number/decimal.ts';
import type { Closed } from './closed.ts';
import { costOf } from './search.ts';

/** Share of the liquidation fees that may be taken: no more than the equity that trading leaves. */
export function liquidationFeeShare(closed: Closed, equity: Amount): Ratio {
  const fees = sumOf(
    [...closed].map(([{ trading, unitValue }, quantity]) =>
      times(worthOf(quantity, unitValue), trading.liquidationFee),
    ),
  );
  if (isZero(fees)) return ONE;
  const left = add(subtract(equity, costOf(closed)), fees);
  return isAbove(fees, left) ? larger(ratioBetween(left, fees), ZERO) : ONE;
}
