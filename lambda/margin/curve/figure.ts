import {
  type Amount,
  add,
  addUp,
  larger,
  NO_AMOUNT,
  type Ratio,
  subtract,
  times,
} from '../number/decimal.ts';

export interface Point {
  readonly equity: Amount;
  readonly balance: Amount;
  readonly initial: Amount;
  readonly maintenance: Amount;
}

export const ORIGIN: Point = {
  equity: NO_AMOUNT,
  balance: NO_AMOUNT,
  initial: NO_AMOUNT,
  maintenance: NO_AMOUNT,
};

export const addPoints = (left: Point, right: Point): Point => ({
  equity: add(left.equity, right.equity),
  balance: add(left.balance, right.balance),
  initial: addUp(left.initial, right.initial),
  maintenance: addUp(left.maintenance, right.maintenance),
});

/**
 * Equity or balance, minus a multiple of a requirement. It is linear: a slope gives the slope of
 * the surplus.
 */
export interface SurplusFormula {
  readonly of: 'equity' | 'balance';
  readonly less?:
    | { readonly requirement: 'initial' | 'maintenance'; readonly multiple: Ratio }
    | undefined;
}

export function surplusAt(point: Point, { of, less }: SurplusFormula): Amount {
  if (less === undefined) return point[of];
  return subtract(point[of], times(point[less.requirement], less.multiple));
}

/** From the current value; not negative. */
export interface UncertaintyRange {
  readonly below: Amount;
  readonly above: Amount;
}

/** When the price falls or rises. */
export interface Loss {
  readonly down: Amount;
  readonly up: Amount;
  /** At least zero. */
  readonly worst: Amount;
}

export const lossOf = (down: Amount, up: Amount): Loss => ({
  down,
  up,
  worst: larger(NO_AMOUNT, larger(down, up)),
});

export interface Range {
  readonly low: Amount;
  readonly point: Amount;
  readonly high: Amount;
}
