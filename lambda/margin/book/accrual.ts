/** Interest and funding since last settled, as fractions of a value: exact but for the last digit. */
import {
  addUp,
  divideDown,
  divideUp,
  ONE,
  type Quantity,
  type Ratio,
  ratio,
  ratioOfCount,
  timesDown,
  timesUp,
} from '../number/decimal.ts';

const HOUR_MS = ratio('3600000');

export interface Accrual {
  readonly ratePerHour: Ratio;
  readonly settledAt: number;
  readonly asOf: number;
}

const elapsed = ({ settledAt, asOf }: Accrual): Ratio =>
  ratioOfCount(Math.max(0, asOf - settledAt));

const accruedUp = (accrual: Accrual): Ratio =>
  divideUp(timesUp(accrual.ratePerHour, elapsed(accrual)), HOUR_MS);

const accruedDown = (accrual: Accrual): Ratio =>
  divideDown(timesDown(accrual.ratePerHour, elapsed(accrual)), HOUR_MS);

/** A loan, below zero, with its interest; rounded against the account. */
export const withInterest = (loan: Quantity, accrual: Accrual): Quantity =>
  timesDown(loan, addUp(ONE, accruedUp(accrual)));

/** Share of the notional that a long pays a short; rounded against the account. */
export const accruedFunding = (accrual: Accrual, isLong: boolean): Ratio =>
  isLong ? accruedUp(accrual) : accruedDown(accrual);
