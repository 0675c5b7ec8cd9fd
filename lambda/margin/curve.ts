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
  absolute,
  add,
  isAbove,
  isAtLeast,
  isBelow,
  isZero,
  larger,
  NO_AMOUNT,
  negate,
  ONE,
  type Ratio,
  ratioBetween,
  smaller,
  subtract,
  times,
  ZERO,
} from './decimal.ts';
import { requirementOf, type Schedule, type Tier, tierOf } from './schedule.ts';
import type { Shocks } from './shock.ts';

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

/** Λ: the price falls and rises by no more than these until a breach is closed out. */
export interface Curve extends Shocks {
  /** The feed of the risk factor. */
  readonly factor: string;
  readonly equity: Line;
  readonly balance: Line;
  readonly margined: readonly MarginedNotional[];
  /** U: the current price lies within (1 ± U) of the quoted one. */
  readonly uncertainty: Ratio;
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

/**
 * A figure of a point: equity, or the balance less some multiple of a requirement. Linear, so that
 * the figure of a slope is the slope of the figure.
 */
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
  const margined = curve.margined.filter(({ notional }) => !isZero(notional));
  return margined.flatMap(({ notional, schedule }) =>
    schedule
      .slice(1)
      .map((tier) => ratioBetween(tier.floor, notional))
      .filter((kink) => isAbove(kink, low) && isBelow(kink, high)),
  );
}

/**
 * A curve as seen from the current price: what its book comes to now, how that changes with the
 * price, and so every range and loss. Where no tier is crossed the curve is a straight line, which
 * is nearly always, and one multiplication says what a move does; elsewhere the ends and kinks are
 * evaluated. Both are exact, and the same.
 */
export interface View {
  readonly curve: Curve;
  readonly now: Point;
  /** Change of each figure per unit of x, at x = 1. */
  readonly slope: Point;
  /** No tier is crossed within the uncertainty or the shock. */
  readonly isStraight: boolean;
}

export function viewOf(curve: Curve): View {
  let [initial, maintenance] = [NO_AMOUNT, NO_AMOUNT];
  let [initialSlope, maintenanceSlope] = [NO_AMOUNT, NO_AMOUNT];
  const widest = larger(curve.uncertainty, curve.shock);
  let isStraight = !isAbove(widest, ONE);
  for (const { notional, schedule } of curve.margined) {
    const tier = tierOf(schedule, notional);
    const rising = {
      initial: times(notional, tier.initial),
      maintenance: times(notional, tier.maintenance),
    };
    initialSlope = add(initialSlope, rising.initial);
    maintenanceSlope = add(maintenanceSlope, rising.maintenance);
    initial = add(initial, subtract(rising.initial, tier.initialDeduction));
    maintenance = add(maintenance, subtract(rising.maintenance, tier.maintenanceDeduction));
    isStraight &&= staysInTier(schedule, tier, { notional, move: widest });
  }
  const { equity, balance } = curve;
  return {
    curve,
    now: {
      equity: add(equity.constant, equity.slope),
      balance: add(balance.constant, balance.slope),
      initial,
      maintenance,
    },
    slope: {
      equity: equity.slope,
      balance: balance.slope,
      initial: initialSlope,
      maintenance: maintenanceSlope,
    },
    isStraight,
  };
}

function staysInTier(
  schedule: Schedule,
  tier: Tier,
  { notional, move }: { readonly notional: Amount; readonly move: Ratio },
): boolean {
  if (schedule.length === 1) return true;
  const swing = times(notional, move);
  const above = schedule[schedule.indexOf(tier) + 1];
  if (!isAtLeast(subtract(notional, swing), tier.floor)) return false;
  return above === undefined || isAtLeast(above.floor, add(notional, swing));
}

/** How far a figure may be below and above its current value. Neither is negative. */
export interface Swing {
  readonly below: Amount;
  readonly above: Amount;
}

/** Over the price's uncertainty. */
export function swingOf({ curve, now, slope, isStraight }: View, figure: Figure): Swing {
  const move = curve.uncertainty;
  if (isStraight) {
    const swing = absolute(times(figure(slope), move));
    return { below: swing, above: swing };
  }
  const [down, up] = [downBy(move), upBy(move)];
  const point = figure(now);
  const others = [down, up, ...kinksBetween(curve, down, up)].map((at) =>
    figure(pointAt(curve, at)),
  );
  return {
    below: subtract(point, others.reduce(smaller, point)),
    above: subtract(others.reduce(larger, point), point),
  };
}

/** What a figure loses from x = 1 when the price goes down, or up, by the latency shock of that side. */
export interface Loss {
  readonly down: Amount;
  readonly up: Amount;
  /** The larger of the two, and not below zero. */
  readonly worst: Amount;
}

export function latencyLoss({ curve, now, slope, isStraight }: View, figure: Figure): Loss {
  if (isStraight) {
    const rise = figure(slope);
    const [down, up] = [times(rise, curve.shockDown), negate(times(rise, curve.shockUp))];
    return { down, up, worst: larger(NO_AMOUNT, larger(down, up)) };
  }
  const down = subtract(figure(now), figure(pointAt(curve, downBy(curve.shockDown))));
  const up = subtract(figure(now), figure(pointAt(curve, upBy(curve.shockUp))));
  return { down, up, worst: larger(NO_AMOUNT, larger(down, up)) };
}
