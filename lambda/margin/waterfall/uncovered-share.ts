/**
 * The share of each deficit D that the insurance fund cannot pay, before any of it is drawn:
 *
 *     φ = (D − available) ÷ D, from 0 to 1
 *
 * in the order of payment; each leaves less for the next. An account that deleverages φ of each
 * position, and closes the rest at the mark, then owes what the fund has.
 */
import {
  type Amount,
  compare,
  isPositive,
  type Ratio,
  ratioBetween,
  ZERO,
} from '../number/decimal.ts';
import { drawFrom } from './draw.ts';

export interface Deficit {
  readonly key: string;
  /** D = −equity */
  readonly amount: Amount;
}

export interface UncoveredShare extends Deficit {
  readonly available: Amount;
  /** φ */
  readonly share: Ratio;
}

/** @param balance not below 0. */
export const uncoveredShares = (
  deficits: readonly Deficit[],
  balance: Amount,
): readonly UncoveredShare[] =>
  drawFrom(balance, deficits).draws.map(({ claim, drawn, rest }) => ({
    ...claim,
    available: drawn,
    share: isPositive(rest) ? ratioBetween(rest, claim.amount) : ZERO,
  }));

/** Ties go by key. */
export const largestFirst = (left: Deficit, right: Deficit): number =>
  compare(right.amount, left.amount) || (left.key < right.key ? -1 : 1);
