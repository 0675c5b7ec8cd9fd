/** Interest and funding since last settled, as fractions of a value. */
import {
  divide,
  type Ratio,
  ratio,
  ratioOfCount,
  roundDown,
  roundUp,
  times,
} from '../number/decimal.ts';
import { SHOCK_PLACES } from '../number/limits.ts';

const HOUR_MS = ratio('3600000');

export interface Accrual {
  readonly ratePerHour: Ratio;
  readonly settledAt: number;
  readonly asOf: number;
}

const accrued = ({ ratePerHour, settledAt, asOf }: Accrual): Ratio =>
  divide(times(ratePerHour, ratioOfCount(Math.max(0, asOf - settledAt))), HOUR_MS);

/** On a loan; rounded up, against the account. */
export const accruedInterest = (accrual: Accrual): Ratio => roundUp(accrued(accrual), SHOCK_PLACES);

/** Share of the notional that a long pays a short; rounded against the account. */
export const accruedFunding = (accrual: Accrual, isLong: boolean): Ratio =>
  isLong ? roundUp(accrued(accrual), SHOCK_PLACES) : roundDown(accrued(accrual), SHOCK_PLACES);
