/**
 * One curve per risk factor: what everything held in that factor contributes to the margin of an
 * account, as a function of the factor's price.
 *
 * The price is expressed as a multiple x of the current one, so that x = 1 is now and a shock of 5 %
 * is x = 0.95 or 1.05. Value is linear in x. A requirement is convex, piecewise linear with kinks
 * where its notional crosses a tier. Equity and balance minus any multiple of a requirement are
 * therefore concave: their lowest value over an interval of prices lies at one of its ends, and
 * their highest at an end or a kink. Both are exact.
 */
import {
  type Amount,
  add,
  isAbove,
  isBelow,
  larger,
  NO_AMOUNT,
  ONE,
  type Ratio,
  ratioBetween,
  smaller,
  subtract,
  times,
  ZERO,
} from './decimal.ts';
import type { Range } from './market.ts';
import { requirementOf, type Schedule } from './schedule.ts';

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

export interface Curve {
  /** The feed of the risk factor. */
  readonly factor: string;
  readonly equity: Line;
  readonly balance: Line;
  readonly margined: readonly MarginedNotional[];
  /** U: the current price lies within (1 ± U) of the quoted one. */
  readonly uncertainty: Ratio;
  /** Λ: the price stays within (1 ± Λ) until an account found in breach is closed out. */
  readonly shock: Ratio;
  /** How far this factor moves in a common shock of 1. */
  readonly radiusScale: Ratio;
}

/** What a factor's book comes to at one price. */
export interface Point {
  readonly equity: Amount;
  readonly balance: Amount;
  readonly initial: Amount;
  readonly maintenance: Amount;
}

/** A figure of a point: equity, or the balance less some requirement. */
export type Figure = (point: Point) => Amount;

const heightOf = (line: Line, at: Ratio): Amount => add(line.constant, times(line.slope, at));

export function pointAt(curve: Curve, at: Ratio): Point {
  let initial = NO_AMOUNT;
  let maintenance = NO_AMOUNT;
  for (const { notional, schedule } of curve.margined) {
    const requirement = requirementOf(schedule, times(notional, at));
    initial = add(initial, requirement.initial);
    maintenance = add(maintenance, requirement.maintenance);
  }
  return {
    equity: heightOf(curve.equity, at),
    balance: heightOf(curve.balance, at),
    initial,
    maintenance,
  };
}

export const downBy = (move: Ratio): Ratio => larger(ZERO, subtract(ONE, move));
export const upBy = (move: Ratio): Ratio => add(ONE, move);

/** Prices strictly between two others at which a notional crosses a tier. */
export function kinksBetween(curve: Curve, low: Ratio, high: Ratio): Ratio[] {
  return curve.margined.flatMap(({ notional, schedule }) =>
    schedule
      .slice(1)
      .map((tier) => ratioBetween(tier.floor, notional))
      .filter((kink) => isAbove(kink, low) && isBelow(kink, high)),
  );
}

/** The points from which every range of a curve follows; the first is the quoted price's. */
export function pointsWithin(curve: Curve, move: Ratio): readonly [Point, ...Point[]] {
  const now = pointAt(curve, ONE);
  if (move === ZERO) return [now];
  const low = downBy(move);
  const high = upBy(move);
  const others = [low, high, ...kinksBetween(curve, low, high)];
  return [now, ...others.map((at) => pointAt(curve, at))];
}

/** Lowest, quoted and highest value of a figure over the points of `pointsWithin`. */
export function rangeOver(points: readonly [Point, ...Point[]], figure: Figure): Range {
  const point = figure(points[0]);
  let low = point;
  let high = point;
  for (const other of points.slice(1)) {
    const value = figure(other);
    low = smaller(low, value);
    high = larger(high, value);
  }
  return { low, point, high };
}

/** What a figure loses from x = 1 when the price goes down, or up, by the latency shock. */
export interface Loss {
  readonly down: Amount;
  readonly up: Amount;
  /** The larger of the two, and not below zero. */
  readonly worst: Amount;
}

export function latencyLoss(curve: Curve, figure: Figure): Loss {
  const now = figure(pointAt(curve, ONE));
  const down = subtract(now, figure(pointAt(curve, downBy(curve.shock))));
  const up = subtract(now, figure(pointAt(curve, upBy(curve.shock))));
  return { down, up, worst: larger(NO_AMOUNT, larger(down, up)) };
}
