/**
 * One curve per risk factor: what all holdings in it contribute to an account's margin, by price.
 *
 * The price is a multiple x of the current one: a shock of 5 % is x = 0.95 or 1.05. Value is linear
 * in x. A requirement is convex and piecewise linear, with kinks where its notional crosses a tier.
 * Equity or balance minus any multiple of it is therefore concave: over an interval its minimum
 * lies at an end, and its maximum at an end or a kink.
 */

import { type Requirement, requirementOf, type Schedule } from '../market/schedule.ts';
import type { Shocks } from '../market/shock.ts';
import {
  type Amount,
  add,
  addUp,
  isAbove,
  isBelow,
  isNegative,
  isZero,
  larger,
  negate,
  ONE,
  type Ratio,
  ratioBetween,
  subtract,
  times,
  timesUp,
  ZERO,
} from '../number/decimal.ts';
import type { Point } from './figure.ts';
import type { NonLinearPart } from './non-linear-part.ts';
import type { PriceGrid } from './price-grid.ts';

/** constant + slope · x */
export interface Line {
  readonly constant: Amount;
  readonly slope: Amount;
}

export interface MarginedNotional {
  /** At the current price. */
  readonly notional: Amount;
  readonly schedule: Schedule;
}

/**
 * Holdings settled in a coin with weights other than 1, and the balance of that coin. The sign of
 * their value selects the weights.
 */
export interface WeighedLine {
  readonly line: Line;
  readonly collateralWeight: Ratio;
  readonly liabilityWeight: Ratio;
  /** At least as cautious as the two above. */
  readonly initialCollateralWeight: Ratio;
  readonly initialLiabilityWeight: Ratio;
}

export interface NonLinear {
  readonly parts: readonly NonLinearPart[];
  readonly grid: PriceGrid;
  readonly quoteUncertainty: Amount;
}

/** Λ: bounds a fall or rise until a breach is closed out. */
export interface Curve extends Shocks {
  readonly factor: string;
  readonly equity: Line;
  readonly balance: Line;
  readonly margined: readonly MarginedNotional[];
  /** Due at any price. */
  readonly fixed: Requirement;
  readonly weighed: readonly WeighedLine[];
  readonly nonLinear?: NonLinear | undefined;
  /** U: the current price lies within (1 ± U) of the quoted one. */
  readonly uncertainty: Ratio;
  readonly radiusScale: Ratio;
}

export const heightOf = (line: Line, at: Ratio): Amount =>
  add(line.constant, times(line.slope, at));

/** Weighted equity and balance. `initial` is the weights' part of the initial requirement. */
export function weigh(weighed: WeighedLine, equity: Amount): Omit<Point, 'maintenance'> {
  const isDebt = isNegative(equity);
  const weight = isDebt ? weighed.liabilityWeight : weighed.collateralWeight;
  const initialWeight = isDebt ? weighed.initialLiabilityWeight : weighed.initialCollateralWeight;
  return {
    equity,
    balance: times(equity, weight),
    initial: timesUp(equity, subtract(weight, initialWeight)),
  };
}

/** The piecewise linear part. The rest is exact only at x = 1. */
export function pointAt(curve: Curve, at: Ratio): Point {
  let equity = heightOf(curve.equity, at);
  let balance = heightOf(curve.balance, at);
  let { initial, maintenance } = curve.fixed;
  for (const { notional, schedule } of curve.margined) {
    const requirement = requirementOf(schedule, timesUp(notional, at));
    initial = addUp(initial, requirement.initial);
    maintenance = addUp(maintenance, requirement.maintenance);
  }
  for (const weighed of curve.weighed) {
    const counted = weigh(weighed, heightOf(weighed.line, at));
    equity = add(equity, counted.equity);
    balance = add(balance, counted.balance);
    initial = addUp(initial, counted.initial);
  }
  return { equity, balance, initial, maintenance };
}

export const downBy = (move: Ratio): Ratio => larger(ZERO, subtract(ONE, move));
export const upBy = (move: Ratio): Ratio => add(ONE, move);

/** Where a notional crosses a tier, or a value changes sign. */
export function kinksBetween(curve: Curve, low: Ratio, high: Ratio | 'unbounded'): Ratio[] {
  const margined = curve.margined.filter(({ notional }) => !isZero(notional));
  const tiers = margined.flatMap(({ notional, schedule }) =>
    schedule.slice(1).map((tier) => ratioBetween(tier.floor, notional)),
  );
  const moving = curve.weighed.filter(({ line }) => !isZero(line.slope));
  const signs = moving.map(({ line }) => ratioBetween(negate(line.constant), line.slope));
  return [...tiers, ...signs].filter(
    (kink) => isAbove(kink, low) && (high === 'unbounded' || isBelow(kink, high)),
  );
}
