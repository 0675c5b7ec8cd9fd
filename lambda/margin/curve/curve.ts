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
  type Requirement,
  requirementOf,
  type Schedule,
  type Tier,
  tierOf,
} from '../market/schedule.ts';
import type { Shocks } from '../market/shock.ts';
import {
  type Amount,
  absolute,
  add,
  isAbove,
  isAtLeast,
  isBelow,
  isNegative,
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
} from '../number/decimal.ts';
import {
  addPoints,
  type Figure,
  figureAt,
  type Loss,
  lossOf,
  type Point,
  type Swing,
} from './figure.ts';
import { Strip } from './non-linear.ts';
import type { Bent } from './non-linear-part.ts';
import type { Nodes } from './price-grid.ts';

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
 * What is settled in a coin whose weights are not 1, with the balance of it: worth the line, and
 * counting as collateral or as a debt by its sign.
 */
export interface WeighedLine {
  readonly line: Line;
  readonly collateralWeight: Ratio;
  readonly liabilityWeight: Ratio;
  /** Both at least as cautious: what the initial requirement counts it for. */
  readonly initialCollateralWeight: Ratio;
  readonly initialLiabilityWeight: Ratio;
}

/** What does not follow the price in a straight line, and the prices at which it is revalued. */
export interface Bends {
  readonly parts: readonly Bent[];
  readonly nodes: Nodes;
  /** How far off the prices of instruments themselves may be: an amount, either way. */
  readonly apart: Amount;
}

/** Λ: the price falls and rises by no more than these until a breach is closed out. */
export interface Curve extends Shocks {
  /** The feed of the risk factor. */
  readonly factor: string;
  readonly equity: Line;
  readonly balance: Line;
  readonly margined: readonly MarginedNotional[];
  /** Due whatever the price. */
  readonly fixed: Requirement;
  readonly weighed: readonly WeighedLine[];
  readonly bends?: Bends | undefined;
  /** U: the current price lies within (1 ± U) of the quoted one. */
  readonly uncertainty: Ratio;
  /** How far this factor moves in a common shock of 1. */
  readonly radiusScale: Ratio;
}

export const heightOf = (line: Line, at: Ratio): Amount =>
  add(line.constant, times(line.slope, at));

/** What counts of a value with weights: equity, balance, and what is due on it initially. */
export function weigh(weighed: WeighedLine, equity: Amount): Omit<Point, 'maintenance'> {
  const isDebt = isNegative(equity);
  const weight = isDebt ? weighed.liabilityWeight : weighed.collateralWeight;
  const initialWeight = isDebt ? weighed.initialLiabilityWeight : weighed.initialCollateralWeight;
  return {
    equity,
    balance: times(equity, weight),
    initial: times(equity, subtract(weight, initialWeight)),
  };
}

/** The part of a curve that is made of straight lines; what bends is known at x = 1 alone. */
export function pointAt(curve: Curve, at: Ratio): Point {
  let equity = heightOf(curve.equity, at);
  let balance = heightOf(curve.balance, at);
  let { initial, maintenance } = curve.fixed;
  for (const { notional, schedule } of curve.margined) {
    const requirement = requirementOf(schedule, times(notional, at));
    initial = add(initial, requirement.initial);
    maintenance = add(maintenance, requirement.maintenance);
  }
  for (const weighed of curve.weighed) {
    const counted = weigh(weighed, heightOf(weighed.line, at));
    equity = add(equity, counted.equity);
    balance = add(balance, counted.balance);
    initial = add(initial, counted.initial);
  }
  return { equity, balance, initial, maintenance };
}

export const downBy = (move: Ratio): Ratio => larger(ZERO, subtract(ONE, move));
export const upBy = (move: Ratio): Ratio => add(ONE, move);

/** Prices strictly between two others at which a notional crosses a tier, or a value its sign. */
export function kinksBetween(curve: Curve, low: Ratio, high: Ratio): Ratio[] {
  const margined = curve.margined.filter(({ notional }) => !isZero(notional));
  const tiers = margined.flatMap(({ notional, schedule }) =>
    schedule.slice(1).map((tier) => ratioBetween(tier.floor, notional)),
  );
  const moving = curve.weighed.filter(({ line }) => !isZero(line.slope));
  const signs = moving.map(({ line }) => ratioBetween(negate(line.constant), line.slope));
  return [...tiers, ...signs].filter((kink) => isAbove(kink, low) && isBelow(kink, high));
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
  /** Nothing bends, and no tier is crossed within the uncertainty or the shock. */
  readonly isStraight: boolean;
  /** Where something bends: the whole of it, cut into stretches. */
  readonly strip?: Strip | undefined;
}

export function viewOf(curve: Curve): View {
  const view = viewOfLines(curve);
  if (curve.weighed.length === 0 && curve.bends === undefined) return view;
  const straight = pointAt(curve, ONE);
  if (curve.bends === undefined) return { ...view, now: straight, isStraight: false };
  return new BentView(view, straight);
}

/** Of a curve that bends: what it comes to exactly is reckoned when it is asked for. */
class BentView implements View {
  readonly curve: Curve;
  readonly slope: Point;
  readonly isStraight = false;
  readonly strip: Strip;
  private readonly straight: Point;
  private known: Point | undefined;

  constructor({ curve, slope }: View, straight: Point) {
    this.curve = curve;
    this.slope = slope;
    this.straight = straight;
    this.strip = new Strip(curve);
  }

  get now(): Point {
    const parts = this.curve.bends?.parts ?? [];
    this.known ??= parts.map((part) => part.now).reduce(addPoints, this.straight);
    return this.known;
  }
}

function viewOfLines(curve: Curve): View {
  let { initial, maintenance } = curve.fixed;
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

/** Over the price's uncertainty. */
export function swingOf(view: View, figure: Figure): Swing {
  const { curve, now, slope, isStraight, strip } = view;
  const move = curve.uncertainty;
  if (isStraight) {
    const swing = absolute(times(figureAt(slope, figure), move));
    return { below: swing, above: swing };
  }
  if (strip !== undefined) return strip.swingOf(figureAt(now, figure), figure);
  const [down, up] = [downBy(move), upBy(move)];
  const point = figureAt(now, figure);
  const others = [down, up, ...kinksBetween(curve, down, up)].map((at) =>
    figureAt(pointAt(curve, at), figure),
  );
  return {
    below: subtract(point, others.reduce(smaller, point)),
    above: subtract(others.reduce(larger, point), point),
  };
}

/** From x = 1, when the price goes by the latency shock of either side. */
export function latencyLoss(view: View, figure: Figure): Loss {
  const { curve, now, slope, isStraight, strip } = view;
  if (isStraight) {
    const rise = figureAt(slope, figure);
    return lossOf(times(rise, curve.shockDown), negate(times(rise, curve.shockUp)));
  }
  const point = figureAt(now, figure);
  if (strip !== undefined) return strip.latencyLoss(point, figure);
  const lossAt = (at: Ratio) => subtract(point, figureAt(pointAt(curve, at), figure));
  return lossOf(lossAt(downBy(curve.shockDown)), lossAt(upBy(curve.shockUp)));
}

/** The larger of both losses, and not below zero: of a straight line it is known which that is. */
export function worstLoss(view: View, figure: Figure): Amount {
  const { curve, slope, isStraight } = view;
  if (!isStraight) return latencyLoss(view, figure).worst;
  const rise = figureAt(slope, figure);
  return isNegative(rise) ? times(negate(rise), curve.shockUp) : times(rise, curve.shockDown);
}
