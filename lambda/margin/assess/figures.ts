/** The five numbers of each figure of a book: see `Range`. */
import type { Book, CrossExposure } from '../book/book.ts';
import { spreadOf } from '../book/spread.ts';
import {
  type CurveAtMark,
  curveAtMark,
  latencyLoss,
  uncertaintyRange,
} from '../curve/curve-at-mark.ts';
import { DoubtRange, lossBy } from '../curve/doubtful-curve.ts';
import {
  addBounds,
  addPoints,
  type Bound,
  type Loss,
  looser,
  type Point,
  type Range,
  type SurplusFormula,
  surplusAt,
} from '../curve/figure.ts';
import { type Doubt, doubtOf, type Width } from '../curve/risk-factor.ts';
import { MOVES } from '../curve/strand-piece.ts';
import type { Policy } from '../market/policy.ts';
import {
  type Amount,
  add,
  larger,
  NO_AMOUNT,
  ONE,
  type Ratio,
  smaller,
  subtract,
  sumOf,
  times,
  ZERO,
} from '../number/decimal.ts';
import { groupBy } from '../number/group-by.ts';
import { overMaintenance } from './formulas.ts';

export interface FactorAtMark {
  readonly atMark: CurveAtMark;
  /** What the liquidation surplus loses in the latency shock. */
  readonly loss: Loss;
}

/** A figure, and what only some decisions ask of it. */
export interface Figure extends Range {
  /** `high`, with the ranges of aged prices. */
  readonly agedHigh: Bound;
  /** The greatest `low` at any one price of the doubt. */
  readonly mostLow: Bound;
}

export class Figures {
  readonly factors: readonly FactorAtMark[];
  /** At the believed prices. */
  readonly total: Point;
  readonly latencyBuffer: Amount;
  private readonly book: Book;
  private readonly policy: Policy;
  private readonly buffered: SurplusFormula;
  private readonly ranges = new Map<Width, ReadonlyMap<string, readonly DoubtRange[]>>();

  constructor(book: Book, policy: Policy) {
    this.book = book;
    this.policy = policy;
    this.buffered = overMaintenance(policy.liquidationMultiplier);
    this.factors = book.curves.map((curve) => {
      const atMark = curveAtMark(curve);
      return { atMark, loss: latencyLoss(atMark, this.buffered) };
    });
    this.total = totalOf(
      book,
      this.factors.map(({ atMark }) => atMark.now),
    );
    const losses = this.factors.map(({ loss }) => loss);
    this.latencyBuffer = add(bufferOf(losses, policy.jointShockWeight), shockCrosses(book));
  }

  /** Before the buffer. */
  of(formula: SurplusFormula): Figure {
    return this.figure(formula, false);
  }

  /** After the buffer. */
  surplus(formula: SurplusFormula): Figure {
    return this.figure(formula, true);
  }

  private figure(formula: SurplusFormula, isBuffered: boolean): Figure {
    const before = surplusAt(this.total, formula);
    const point = isBuffered ? subtract(before, this.latencyBuffer) : before;
    if (this.book.doubt === undefined) return this.withoutDoubt(formula, point);
    const { spreads, coupled, isAged } = this.book.doubt;
    const asked = { formula, isBuffered };
    const inDoubt = this.boundsOver('doubt', asked);
    const aged = isAged ? this.boundsOver('aged', asked) : inDoubt;
    const spread = (width: Width) =>
      spreadOf(
        spreads.filter((each) => width === 'aged' || each.width === 'doubt'),
        formula,
        isBuffered,
      );
    const [narrow, wide] = [spread('doubt'), spread('aged')];
    const within = (bound: Bound): Bound => (coupled === 'doubt' ? 'unbounded' : bound);
    const least = within(smallest(point, addBounds(inDoubt.least, narrow.low)));
    const most = within(greatest(point, addBounds(inDoubt.most, narrow.high)));
    const high = within(greatest(most, addBounds(inDoubt.high, narrow.high)));
    return {
      low: within(smallest(least, addBounds(inDoubt.low, narrow.low))),
      least,
      point,
      most,
      high,
      agedHigh:
        coupled === undefined ? greatest(high, addBounds(aged.high, wide.high)) : 'unbounded',
      mostLow: within(addBounds(inDoubt.mostLow, narrow.high)),
    };
  }

  private withoutDoubt(formula: SurplusFormula, point: Amount): Figure {
    const crossed = uncertaintyCrosses(this.book);
    const ranges = this.factors.map(({ atMark }) => uncertaintyRange(atMark, formula));
    const low = subtract(subtract(point, sumOf(ranges.map(({ below }) => below))), crossed);
    const high = add(add(point, sumOf(ranges.map(({ above }) => above))), crossed);
    return { low, least: point, point, most: point, high, agedHigh: high, mostLow: low };
  }

  /** Each factor by itself, added up. If all move together, the worst common move counts. */
  private boundsOver(
    width: Width,
    asked: { readonly formula: SurplusFormula; readonly isBuffered: boolean },
  ): Bounds {
    const { jointShockWeight } = this.policy;
    const { isBuffered } = asked;
    const isJoint = isBuffered && jointShockWeight !== ZERO;
    const moves = isJoint ? MOVES : (['none'] as const);
    const request = { ...asked, buffered: this.buffered, jointShockWeight };
    const doubtful = this.doubtful(width);
    const steady = this.factors.filter(({ atMark }) => !doubtful.has(atMark.curve.factor));
    const start = evenly(surplusAt(this.book.constant, asked.formula));
    const each = moves.map((joint) => {
      const known = steady.map(({ atMark, loss }) => {
        const { below, above } = uncertaintyRange(atMark, asked.formula);
        const own = times(loss.worst, subtract(ONE, jointShockWeight));
        const lost = isBuffered
          ? add(own, times(lossBy(loss, joint), jointShockWeight))
          : NO_AMOUNT;
        const left = subtract(surplusAt(atMark.now, asked.formula), lost);
        const low = subtract(left, below);
        return { low, least: left, most: left, high: add(left, above), mostLow: low };
      });
      const unknown = [...doubtful.values()].map((ranges) =>
        ranges.map((range) => range.bounds(request, joint)).reduce(hullOf),
      );
      return [...known, ...unknown].reduce(addEach, start);
    });
    return this.withCrosses(each.reduce(leastEach), { width, isBuffered });
  }

  /** By factor: one for each curve that it may have. */
  private doubtful(width: Width): ReadonlyMap<string, readonly DoubtRange[]> {
    const found = this.ranges.get(width);
    if (found !== undefined) return found;
    const curves = this.book.doubt?.curves ?? [];
    const moved = curves.filter((curve) => width === 'aged' || curve.width === 'doubt');
    const ranges = new Map(
      [...groupBy(moved, ({ factor }) => factor)].map(([factor, each]) => [
        factor,
        each.map((curve) => new DoubtRange(curve, width)),
      ]),
    );
    this.ranges.set(width, ranges);
    return ranges;
  }

  /** Two prices that move together may add or take the product of their moves. */
  private withCrosses(
    bounds: Bounds,
    { width, isBuffered }: { readonly width: Width; readonly isBuffered: boolean },
  ): Bounds {
    if (this.book.crosses.length === 0) return bounds;
    const reach = (isUncertain: boolean) =>
      crossesBy(this.book, ({ moved, uncertainties }) =>
        times(
          reachOf(moved[0], width, isUncertain ? uncertainties[0] : ZERO),
          reachOf(moved[1], width, isUncertain ? uncertainties[1] : ZERO),
        ),
      );
    const buffer = (end: EndOf): Amount =>
      isBuffered
        ? crossesBy(this.book, ({ moved, factors: [first, second] }) => {
            return times(times(first.shock, second.shock), scaleOf(moved, width, end));
          })
        : NO_AMOUNT;
    const [most, least] = [buffer(highest), buffer(lowest)];
    const uncertain = crossesBy(this.book, ({ moved, uncertainties: [first, second] }) =>
      times(times(first, second), scaleOf(moved, width, lowest)),
    );
    const [byDoubt, byAll] = [reach(false), reach(true)];
    return {
      low: subtract(subtract(bounds.low, byAll), most),
      least: subtract(subtract(bounds.least, byDoubt), most),
      most: subtract(add(bounds.most, byDoubt), least),
      high: subtract(add(bounds.high, byAll), least),
      mostLow: subtract(subtract(add(bounds.mostLow, byDoubt), least), uncertain),
    };
  }
}

export const totalOf = ({ constant }: Book, factors: readonly Point[]): Point =>
  factors.reduce(addPoints, constant);

type Bounds = Readonly<Record<'low' | 'least' | 'most' | 'high' | 'mostLow', Amount>>;

const evenly = (all: Amount): Bounds => ({
  low: all,
  least: all,
  most: all,
  high: all,
  mostLow: all,
});

const eachOf = (left: Bounds, right: Bounds, by: typeof add): Bounds => ({
  low: by(left.low, right.low),
  least: by(left.least, right.least),
  most: by(left.most, right.most),
  high: by(left.high, right.high),
  mostLow: by(left.mostLow, right.mostLow),
});

const addEach = (left: Bounds, right: Bounds): Bounds => eachOf(left, right, add);

/** Around both: either may be true. */
const hullOf = (left: Bounds, right: Bounds): Bounds => ({
  low: smaller(left.low, right.low),
  least: smaller(left.least, right.least),
  most: larger(left.most, right.most),
  high: larger(left.high, right.high),
  mostLow: larger(left.mostLow, right.mostLow),
});

const leastEach = (left: Bounds, right: Bounds): Bounds => eachOf(left, right, smaller);

const smallest = (left: Bound, right: Bound): Bound => looser(left, right, smaller);
const greatest = (left: Bound, right: Bound): Bound => looser(left, right, larger);

const CERTAIN: Doubt = { from: ONE, to: ONE };

const doubtAt = (prices: CrossExposure['moved'][number], width: Width): Doubt =>
  doubtOf(prices, width) ?? CERTAIN;

type EndOf = (doubt: Doubt) => Ratio;
const lowest: EndOf = ({ from }) => from;
const highest: EndOf = ({ to }) => to;

const scaleOf = (moved: CrossExposure['moved'], width: Width, end: EndOf): Ratio =>
  times(end(doubtAt(moved[0], width)), end(doubtAt(moved[1], width)));

/** The largest distance from 1 of a multiple within doubt and uncertainty. */
function reachOf(prices: CrossExposure['moved'][number], width: Width, uncertainty: Ratio): Ratio {
  const { from, to } = doubtAt(prices, width);
  const up = subtract(times(to, add(ONE, uncertainty)), ONE);
  const down = subtract(ONE, larger(ZERO, times(from, subtract(ONE, uncertainty))));
  return larger(up, down);
}

function crossesBy({ crosses }: Book, by: (cross: CrossExposure) => Ratio): Amount {
  return sumOf(crosses.map((cross) => times(cross.size, by(cross))));
}

/** Bounds the extra loss of two prices that move together in the latency shock. */
export const shockCrosses = (book: Book): Amount =>
  crossesBy(book, ({ factors: [first, second] }) => times(first.shock, second.shock));

/** Bounds the extra loss of two uncertain prices. */
export const uncertaintyCrosses = (book: Book): Amount =>
  crossesBy(book, ({ uncertainties: [first, second] }) => times(first, second));

/** LB = (1 − φ)·Σ loss + φ·max(0, joint loss all down, joint loss all up) */
export function bufferOf(losses: readonly Loss[], jointWeight: Ratio): Amount {
  const summed = sumOf(losses.map(({ worst }) => worst));
  if (jointWeight === ZERO) return summed;
  const down = sumOf(losses.map((loss) => loss.down));
  const up = sumOf(losses.map((loss) => loss.up));
  const together = larger(NO_AMOUNT, larger(down, up));
  return add(times(summed, subtract(ONE, jointWeight)), times(together, jointWeight));
}
