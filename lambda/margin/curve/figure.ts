import {
  type Amount,
  add,
  addUp,
  isNegative,
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

/** A number, or nothing that limits it. */
export type Bound = Amount | 'unbounded';

/**
 * A figure at the prices as they may be: low ≤ least ≤ point ≤ most ≤ high. `point` is at the
 * believed prices; least and most run over their doubt; low and high over doubt and uncertainty.
 */
export interface Range {
  readonly low: Bound;
  readonly least: Bound;
  readonly point: Amount;
  readonly most: Bound;
  readonly high: Bound;
}

export const addBounds = (left: Bound, right: Bound): Bound =>
  left === 'unbounded' || right === 'unbounded' ? 'unbounded' : add(left, right);

export const subtractBounds = (left: Bound, right: Bound): Bound =>
  left === 'unbounded' || right === 'unbounded' ? 'unbounded' : subtract(left, right);

/** Of two upper bounds the lower, of two lower bounds the higher: the one that says more. */
export const tighter = (left: Bound, right: Bound, pick: typeof larger): Bound => {
  if (left === 'unbounded') return right;
  return right === 'unbounded' ? left : pick(left, right);
};

export const looser = (left: Bound, right: Bound, pick: typeof larger): Bound =>
  left === 'unbounded' || right === 'unbounded' ? 'unbounded' : pick(left, right);

/** Below zero whatever else it may be: `high` is an upper bound. */
export const isSurelyNegative = (high: Bound): boolean => high !== 'unbounded' && isNegative(high);

/** Zero or more whatever else it may be: `low` is a lower bound. */
export const isSurelyNotNegative = (low: Bound): boolean => low !== 'unbounded' && !isNegative(low);
