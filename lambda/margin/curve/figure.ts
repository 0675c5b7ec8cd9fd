/** The figures that an account is judged by, and how far each may be from what it is now. */
import {
  type Amount,
  add,
  larger,
  NO_AMOUNT,
  type Ratio,
  subtract,
  times,
} from '../number/decimal.ts';

/** What a book, or one factor's part of it, comes to at one price. */
export interface Point {
  readonly equity: Amount;
  readonly balance: Amount;
  readonly initial: Amount;
  readonly maintenance: Amount;
}

export const addPoints = (left: Point, right: Point): Point => ({
  equity: add(left.equity, right.equity),
  balance: add(left.balance, right.balance),
  initial: add(left.initial, right.initial),
  maintenance: add(left.maintenance, right.maintenance),
});

/**
 * A figure of a point: equity or balance, less some multiple of a requirement. Linear, so that the
 * figure of a slope is the slope of the figure.
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

/** How far a figure may be below and above its current value. Neither is negative. */
export interface UncertaintyRange {
  readonly below: Amount;
  readonly above: Amount;
}

/** What a figure loses when the price goes down, or up. */
export interface Loss {
  readonly down: Amount;
  readonly up: Amount;
  /** The larger of the two, and not below zero. */
  readonly worst: Amount;
}

export const lossOf = (down: Amount, up: Amount): Loss => ({
  down,
  up,
  worst: larger(NO_AMOUNT, larger(down, up)),
});

/** A closed interval around a point value. */
export interface Range {
  readonly low: Amount;
  readonly point: Amount;
  readonly high: Amount;
}
