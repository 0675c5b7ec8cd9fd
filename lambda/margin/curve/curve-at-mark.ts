import { type Schedule, type Tier, tierOf } from '../market/schedule.ts';
import {
  type Amount,
  absolute,
  add,
  addUp,
  isAbove,
  isAtLeast,
  isNegative,
  larger,
  NO_AMOUNT,
  negate,
  ONE,
  type Ratio,
  smaller,
  subtract,
  subtractUp,
  times,
  timesUp,
} from '../number/decimal.ts';
import { type Curve, downBy, kinksBetween, pointAt, upBy } from './curve.ts';
import {
  addPoints,
  type Loss,
  lossOf,
  type Point,
  type SurplusFormula,
  surplusAt,
  type UncertaintyRange,
} from './figure.ts';
import { SegmentBounds } from './segment-bounds.ts';

/**
 * A curve at the current price. Nearly always it is a straight line that crosses no tier, and one
 * multiplication gives the effect of a move. Otherwise its ends and kinks are evaluated. Both are
 * exact.
 */
export interface CurveAtMark {
  readonly curve: Curve;
  readonly now: Point;
  /** Per unit of x, at x = 1. */
  readonly slope: Point;
  /** Linear, with no tier crossed within the uncertainty or the shock. */
  readonly isStraight: boolean;
  readonly bounds?: SegmentBounds | undefined;
}

export function curveAtMark(curve: Curve): CurveAtMark {
  const atMark = linesAtMark(curve);
  if (curve.weighed.length === 0 && curve.nonLinear === undefined) return atMark;
  const straight = pointAt(curve, ONE);
  if (curve.nonLinear === undefined) return { ...atMark, now: straight, isStraight: false };
  return new NonLinearAtMark(atMark, straight);
}

class NonLinearAtMark implements CurveAtMark {
  readonly curve: Curve;
  readonly slope: Point;
  readonly isStraight = false;
  readonly bounds: SegmentBounds;
  private readonly straight: Point;
  private known: Point | undefined;

  constructor({ curve, slope }: CurveAtMark, straight: Point) {
    this.curve = curve;
    this.slope = slope;
    this.straight = straight;
    this.bounds = new SegmentBounds(curve);
  }

  get now(): Point {
    const parts = this.curve.nonLinear?.parts ?? [];
    this.known ??= parts.map((part) => part.now).reduce(addPoints, this.straight);
    return this.known;
  }
}

function linesAtMark(curve: Curve): CurveAtMark {
  let { initial, maintenance } = curve.fixed;
  let [initialSlope, maintenanceSlope] = [NO_AMOUNT, NO_AMOUNT];
  const widest = larger(curve.uncertainty, curve.shock);
  let isStraight = !isAbove(widest, ONE);
  for (const { notional, schedule } of curve.margined) {
    const tier = tierOf(schedule, notional);
    const rising = {
      initial: timesUp(notional, tier.initial),
      maintenance: timesUp(notional, tier.maintenance),
    };
    initialSlope = add(initialSlope, rising.initial);
    maintenanceSlope = add(maintenanceSlope, rising.maintenance);
    initial = addUp(initial, subtractUp(rising.initial, tier.initialDeduction));
    maintenance = addUp(maintenance, subtractUp(rising.maintenance, tier.maintenanceDeduction));
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
  const reach = times(notional, move);
  const above = schedule[schedule.indexOf(tier) + 1];
  if (!isAtLeast(subtract(notional, reach), tier.floor)) return false;
  return above === undefined || isAtLeast(above.floor, add(notional, reach));
}

export function uncertaintyRange(atMark: CurveAtMark, formula: SurplusFormula): UncertaintyRange {
  const { curve, now, slope, isStraight, bounds } = atMark;
  const move = curve.uncertainty;
  if (isStraight) {
    const reach = absolute(times(surplusAt(slope, formula), move));
    return { below: reach, above: reach };
  }
  if (bounds !== undefined) return bounds.uncertaintyRange(surplusAt(now, formula), formula);
  const [down, up] = [downBy(move), upBy(move)];
  const point = surplusAt(now, formula);
  const others = [down, up, ...kinksBetween(curve, down, up)].map((at) =>
    surplusAt(pointAt(curve, at), formula),
  );
  return {
    below: subtract(point, others.reduce(smaller, point)),
    above: subtract(others.reduce(larger, point), point),
  };
}

/** From x = 1, by the latency shock of either side. */
export function latencyLoss(atMark: CurveAtMark, formula: SurplusFormula): Loss {
  const { curve, now, slope, isStraight, bounds } = atMark;
  if (isStraight) {
    const rise = surplusAt(slope, formula);
    return lossOf(times(rise, curve.shockDown), negate(times(rise, curve.shockUp)));
  }
  const point = surplusAt(now, formula);
  if (bounds !== undefined) return bounds.latencyLoss(point, formula);
  const lossAt = (at: Ratio) => subtract(point, surplusAt(pointAt(curve, at), formula));
  return lossOf(lossAt(downBy(curve.shockDown)), lossAt(upBy(curve.shockUp)));
}

/** At least zero. The slope's sign picks the side of a straight line. */
export function worstLoss(atMark: CurveAtMark, formula: SurplusFormula): Amount {
  const { curve, slope, isStraight } = atMark;
  if (!isStraight) return latencyLoss(atMark, formula).worst;
  const rise = surplusAt(slope, formula);
  return isNegative(rise) ? times(negate(rise), curve.shockUp) : times(rise, curve.shockDown);
}
