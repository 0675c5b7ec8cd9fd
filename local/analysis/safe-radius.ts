/**
 * The safe radius: the largest common shock ρ under which the low surplus over a line stays above
 * 0, whatever each price does within 1 ± s_f·ρ (s_f: the factor's radius scale). Until a price has
 * moved that far, the account needs no new assessment.
 *
 * At price x a factor contributes to the low surplus
 *
 *     g(x) = min h(x·(1 ± U)) + min(h(x·(1 − Λ↓)), h(x·(1 + Λ↑))) − h(x),
 *
 * the least over the price's uncertainty, less the latency shock's loss. g dips only at kinks of h,
 * so its least value over 1 ± r is exact. The sum over factors never rises with ρ, so it has one
 * root. A joint shock weight φ > 0 makes the true buffer smaller: the radius errs to the safe side.
 *
 * On a non-linear curve g is bounded from below over rings of prices, outward from the current one.
 * The radius is the inner edge of the first narrow ring not shown safe: below the true one by at
 * most 1/200 and the slack of the bounds.
 */
import type { Book } from '../../lambda/margin/book/book.ts';
import {
  type Curve,
  downBy,
  kinksBetween,
  pointAt,
  upBy,
} from '../../lambda/margin/curve/curve.ts';
import { type SurplusFormula, surplusAt } from '../../lambda/margin/curve/figure.ts';
import type { Interval } from '../../lambda/margin/curve/price-grid.ts';
import { type Course, SegmentBounds } from '../../lambda/margin/curve/segment-bounds.ts';
import {
  type Amount,
  add,
  approximately,
  asAmount,
  asRatio,
  asShock,
  isAbove,
  isPositive,
  isZero,
  larger,
  NO_AMOUNT,
  ONE,
  type Ratio,
  ratio,
  ratioBetween,
  ratioOfCount,
  roundDown,
  smaller,
  subtract,
  times,
  ZERO,
} from '../../lambda/margin/number/decimal.ts';
import { SAFE_RADIUS_MAX, SAFE_RADIUS_PLACES } from '../../lambda/margin/number/limits.ts';

import { nothingCanBreach } from './never-negative.ts';

const HALF = ratio('0.5');
const WIDEST = ratioOfCount(SAFE_RADIUS_MAX);
const STEP = ratio(`1e-${SAFE_RADIUS_PLACES}`);
const TURNS_MAX = 200;

/** Returns 0 (breached now, or by any move) to 10 (not breached by 1,000 %). */
export function safeRadius(book: Book, formula: SurplusFormula): Ratio {
  if (nothingCanBreach(book, formula)) return WIDEST;
  const nonLinear = book.curves.filter(({ nonLinear }) => nonLinear !== undefined);
  if (nonLinear.length > 0) return ringRadius(book, formula);
  const surplusWithin = (radius: Ratio) => lowestSurplus(book, formula, radius);
  return roundDown(largestSafe(surplusWithin), SAFE_RADIUS_PLACES);
}

/** One evaluation instead of a search. False on a non-linear curve: its radius has to be searched. */
export const isSafeWithin = (book: Book, formula: SurplusFormula, radius: Ratio): boolean =>
  book.curves.every(({ nonLinear }) => nonLinear === undefined) &&
  isPositive(lowestSurplus(book, formula, radius));

/**
 * Shows most accounts safe by their steepest slopes, without an evaluation. Over the liquidation line
 * with this multiple of maintenance; `low` is the surplus after buffer and uncertainty.
 */
export function isFarFromLine(
  { curves, crosses }: Book,
  of: { readonly low: number; readonly multiple: number; readonly radius: number },
): boolean {
  if (crosses.length > 0) return false;
  const fall = curves.reduce((sum, curve) => {
    if (curve.nonLinear !== undefined) return Number.POSITIVE_INFINITY;
    // g is a sum of h at three prices, each a multiple of the moved one.
    const prices = 3 + approximately(curve.uncertainty) + approximately(curve.shockUp);
    const scale = approximately(curve.radiusScale) * prices;
    return sum + scale * steepestSlope(curve, of.multiple);
  }, 0);
  return of.low > of.radius * fall * ROUNDED;
}

const ROUNDED = 1 + 1e-9;

function steepestSlope({ balance, weighed, margined }: Curve, multiple: number): number {
  const ofWeighed = weighed.map(({ line, collateralWeight, liabilityWeight }) => {
    const weight = Math.max(approximately(collateralWeight), approximately(liabilityWeight));
    return Math.abs(approximately(line.slope)) * weight;
  });
  const required = margined.map(({ notional, schedule }) => {
    const rate = Math.max(...schedule.map(({ maintenance }) => approximately(maintenance)));
    return Math.abs(approximately(notional)) * rate * multiple;
  });
  return [...ofWeighed, ...required].reduce(
    (sum, each) => sum + each,
    Math.abs(approximately(balance.slope)),
  );
}

const lowestSurplus = (book: Book, formula: SurplusFormula, radius: Ratio): Amount =>
  book.curves
    .map((curve) => lowestWithin(curve, times(radius, curve.radiusScale), formula))
    .reduce(add, subtract(surplusAt(book.constant, formula), crossedWithin(book, radius)));

const TWO = ratio('2');

/**
 * The most that cross terms can take once both prices are moved, uncertain and shocked. Counted
 * twice: in the moved surplus and in the shock's change of it.
 */
function crossedWithin({ crosses }: Book, radius: Ratio): Amount {
  return crosses
    .map(({ size, factors, uncertainties }) => {
      const [first, second] = factors.map(({ radiusScale, shock }, index) => {
        const moved = upBy(times(radius, radiusScale));
        const off = upBy(uncertainties[index] ?? ZERO);
        return subtract(times(times(moved, off), upBy(shock)), ONE);
      });
      return times(times(times(size, TWO), first ?? ZERO), second ?? ZERO);
    })
    .reduce(add, NO_AMOUNT);
}

function lowestWithin(curve: Curve, radius: Ratio, formula: SurplusFormula): Amount {
  const low = downBy(radius);
  const high = upBy(radius);
  return [low, high, ...kinksBetween(curve, low, high)]
    .map((at) => lowSurplusAt(curve, at, formula))
    .reduce(smaller);
}

function lowSurplusAt(curve: Curve, at: Ratio, formula: SurplusFormula): Amount {
  const height = (multiple: Ratio) => surplusAt(pointAt(curve, times(at, multiple)), formula);
  const lowestOf = (down: Ratio, up: Ratio) => smaller(height(downBy(down)), height(upBy(up)));
  const shocked = lowestOf(curve.shockDown, curve.shockUp);
  // Without uncertainty the other two parts are the same.
  if (isZero(curve.uncertainty)) return shocked;
  const uncertain = lowestOf(curve.uncertainty, curve.uncertainty);
  return subtract(add(uncertain, shocked), surplusAt(pointAt(curve, at), formula));
}

/**
 * The root of a function that never rises, to one step below, by false position with the Illinois
 * rule: an end's weight is halved while it stays. `safe` was always seen to be safe.
 */
function largestSafe(surplusWithin: (radius: Ratio) => Amount): Ratio {
  let safe = ZERO;
  let surplus = surplusWithin(safe);
  if (!isPositive(surplus)) return ZERO;
  let unsafe = WIDEST;
  let shortfall = surplusWithin(unsafe);
  if (isPositive(shortfall)) return WIDEST;
  let moved: 'safe' | 'unsafe' | undefined;
  let isBelowTried = false;
  for (let turn = 0; turn < TURNS_MAX && isAbove(subtract(unsafe, safe), STEP); turn++) {
    const share = shareTowardRoot(surplus, shortfall, isBelowTried);
    isBelowTried = isZero(shortfall);
    const guess = add(safe, times(subtract(unsafe, safe), share));
    const between = smaller(larger(guess, add(safe, STEP)), subtract(unsafe, STEP));
    const value = surplusWithin(between);
    if (isPositive(value)) {
      safe = between;
      surplus = value;
      if (moved === 'safe') shortfall = times(shortfall, HALF);
      moved = 'safe';
    } else {
      unsafe = between;
      shortfall = value;
      if (moved === 'unsafe') surplus = times(surplus, HALF);
      moved = 'unsafe';
    }
  }
  return safe;
}

/**
 * At a surplus of 0 either the root was hit, and one step below is safe, or nothing is left to lose:
 * then the surplus stays at 0 and gives no direction.
 */
function shareTowardRoot(surplus: Amount, shortfall: Amount, isBelowTried: boolean): Ratio {
  if (isZero(shortfall)) return isBelowTried ? HALF : ONE;
  return ratioBetween(surplus, subtract(surplus, shortfall));
}

/** A safe ring makes the next one wider, an unsafe one narrower. */
const FIRST_RING = 0.1;
const WIDER = 2;
const NARROWER = 0.25;

/** The narrowest ring is the larger of this width and this share of its inner edge. */
const NARROWEST = 0.0001;
const NARROWEST_SHARE = 0.005;

function ringRadius(book: Book, formula: SurplusFormula): Ratio {
  const curves = book.curves.map((curve) => new RingedCurve(curve, formula));
  let inner = 0;
  let width = FIRST_RING;
  while (inner < SAFE_RADIUS_MAX && width >= Math.max(NARROWEST, inner * NARROWEST_SHARE)) {
    const outer = Math.min(SAFE_RADIUS_MAX, inner + width);
    const lowest = curves.map((curve) => curve.lowestWithin(inner, outer));
    const total = lowest.reduce(
      (sum, each) => add(sum, asAmount(each)),
      subtract(surplusAt(book.constant, formula), crossedWithin(book, asShock(asRatio(outer)))),
    );
    if (isPositive(total)) {
      for (const [index, curve] of curves.entries()) curve.lowest = lowest[index] as number;
      inner = outer;
      width *= WIDER;
    } else width *= NARROWER;
  }
  return roundDown(asRatio(inner), SAFE_RADIUS_PLACES);
}

/** Bounds over one ring on one side, and the segments in which prices are as given, uncertain, shocked. */
interface Ring {
  readonly bounds: SegmentBounds;
  readonly now: Interval;
  readonly uncertain: Interval;
  readonly shocked: Interval;
}

/** By curve and ends: every line of an account asks for nearly the same. */
const RINGS = new WeakMap<Curve, Map<string, Ring>>();

class RingedCurve {
  private readonly curve: Curve;
  private readonly formula: SurplusFormula;
  private readonly moves: Record<'uncertainty' | 'shockDown' | 'shockUp', number>;
  /** The least g in the safe rings so far. */
  lowest = Number.POSITIVE_INFINITY;

  constructor(curve: Curve, formula: SurplusFormula) {
    this.curve = curve;
    this.formula = formula;
    this.moves = {
      uncertainty: approximately(curve.uncertainty),
      shockDown: approximately(curve.shockDown),
      shockUp: approximately(curve.shockUp),
    };
  }

  lowestWithin(inner: number, outer: number): number {
    const scale = approximately(this.curve.radiusScale);
    const [near, far] = [inner * scale, outer * scale];
    const up = this.lowestIn(1 + near, 1 + far);
    const down = this.lowestIn(Math.max(0, 1 - far), Math.max(0, 1 - near));
    return Math.min(this.lowest, up, down);
  }

  /**
   * Lower bound of g over [from, to], the larger of two: each of its three parts at its own worst, or h
   * at its lowest with the most that it falls on the way to an uncertain and to a shocked price.
   */
  private lowestIn(from: number, to: number): number {
    const { bounds, now, uncertain, shocked } = this.ringOver(from, to);
    const courses = Array.from({ length: bounds.segments }, (_, at) =>
      bounds.courseOf(this.formula, at),
    );
    const lowest = ({ from: first, to: last }: Interval) =>
      Math.min(...courses.slice(first, last).map((course) => course.lowest));
    const highest = Math.max(...courses.slice(now.from, now.to).map((course) => course.highest));
    const { uncertainty, shockDown, shockUp } = this.moves;
    const apart = lowest(uncertain) + lowest(shocked) - highest;
    const fallen =
      lowest(now) -
      mostFallen(courses, to * uncertainty, to * uncertainty) -
      mostFallen(courses, to * shockDown, to * shockUp);
    const { nonLinear } = this.curve;
    const quoteUncertainty =
      nonLinear === undefined ? 0 : approximately(nonLinear.quoteUncertainty);
    return Math.max(apart, fallen) - quoteUncertainty;
  }

  private ringOver(from: number, to: number): Ring {
    const known = RINGS.get(this.curve) ?? new Map<string, Ring>();
    if (!RINGS.has(this.curve)) RINGS.set(this.curve, known);
    const key = `${from} ${to}`;
    const found = known.get(key) ?? this.newRing(from, to);
    known.set(key, found);
    return found;
  }

  private newRing(from: number, to: number): Ring {
    const { uncertainty, shockDown, shockUp } = this.moves;
    const spread = (down: number, up: number): [number, number] => [
      from * Math.max(0, 1 - down),
      to * (1 + up),
    ];
    const ends = [
      spread(0, 0),
      spread(uncertainty, uncertainty),
      spread(shockDown, shockUp),
    ] as const;
    const distinct = [...new Set([...ends.flat(), (from + to) / 2])].sort((a, b) => a - b);
    const multiples = distinct.length > 1 ? distinct : [from, from];
    const [now, uncertain, shocked] = ends.map(([first, last]) => ({
      from: multiples.indexOf(first),
      to: multiples.lastIndexOf(last),
    })) as [Interval, Interval, Interval];
    const whole = { from: 0, to: multiples.length - 1 };
    const grid = {
      ...{ multiples, now: 0, uncertain: whole, shocked: whole, uncertainty: ZERO },
      isRough: true as const,
    };
    return { bounds: new SegmentBounds(this.curve, grid), now, uncertain, shocked };
  }
}

/** The most that a surplus falls when its price falls or rises by no more than this. */
function mostFallen(courses: readonly Course[], down: number, up: number): number {
  if (down === 0 && up === 0) return 0;
  const most = (of: (course: Course) => number): number => Math.max(...courses.map(of));
  const sloped = most(({ low, high }) =>
    Math.max(0, down === 0 ? 0 : high * down, up === 0 ? 0 : -low * up),
  );
  // On its way the price may cross every segment.
  const jumps = courses.reduce((sum, { jump }) => sum + jump, 0);
  return sloped + jumps + most(({ above }) => above) + most(({ below }) => below);
}
