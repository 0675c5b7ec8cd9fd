/**
 * Interest and funding since last settled, as fractions of a value: exact but for the last digit.
 *
 *     simple      1 + r·h                      h hours at r an hour
 *     perSecond   (1 + x)^n                    n whole seconds at x = r/3600
 *     binomial    1 + n·x + n(n − 1)/2·x² + n(n − 1)(n − 2)/6·x³
 *     taylor      1 + z + z²/2 + z³/6          z = r·h
 */
import type { Compounding } from '../market/market.ts';
import {
  addUp,
  divideDown,
  divideUp,
  ONE,
  type Quantity,
  type Ratio,
  ratio,
  ratioOfCount,
  smaller,
  timesDown,
  timesUp,
} from '../number/decimal.ts';

const HOUR_MS = ratio('3600000');
const HOUR_SECONDS = ratio('3600');

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
export const withInterest = (loan: Quantity, accrual: Accrual & Compounded): Quantity =>
  timesDown(loan, grownBy(accrual));

interface Compounded {
  /** Absent: simple. */
  readonly compounding?: Compounding | undefined;
}

function grownBy({ compounding = 'simple', ...accrual }: Accrual & Compounded): Ratio {
  const seconds = Math.floor(Math.max(0, accrual.asOf - accrual.settledAt) / 1000);
  const perSecond = divideUp(accrual.ratePerHour, HOUR_SECONDS);
  switch (compounding) {
    case 'simple':
      return addUp(ONE, accruedUp(accrual));
    case 'perSecond':
      return powerUp(addUp(ONE, perSecond), seconds);
    case 'binomial':
      return upToThirdOrder(perSecond, [seconds, seconds - 1, seconds - 2]);
    case 'taylor':
      return upToThirdOrder(accruedUp(accrual), [1, 1, 1]);
  }
}

/** More than any loan grows by. A rate or a time that is far off must not make digits without end. */
const GROWTH_MAX = ratio('1e24');

/** By squares: at most two products a binary digit of the exponent. @param base at least 1 */
function powerUp(base: Ratio, exponent: number): Ratio {
  let [power, square] = [ONE, base];
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = smaller(GROWTH_MAX, timesUp(power, square));
    if (left > 1) square = smaller(GROWTH_MAX, timesUp(square, square));
  }
  return power;
}

/** 1 + a·x + a·b·x²/2 + a·b·c·x³/6. A factor below 1 ends the sum. */
function upToThirdOrder(x: Ratio, factors: readonly [number, number, number]): Ratio {
  let [sum, term] = [ONE, ONE];
  for (const [order, factor] of factors.entries()) {
    const raised = timesUp(timesUp(term, x), ratioOfCount(Math.max(0, factor)));
    term = divideUp(raised, ratioOfCount(order + 1));
    sum = addUp(sum, term);
  }
  return sum;
}

/** Share of the notional that a long pays a short; rounded against the account. */
export const accruedFunding = (accrual: Accrual, isLong: boolean): Ratio =>
  isLong ? accruedUp(accrual) : accruedDown(accrual);
