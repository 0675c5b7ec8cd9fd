/**
 * Requirement of positions whose rate changes with the price. Of inverse contracts the notional is
 * fixed and the size in coin is notional ÷ price, so the requirement falls as the price rises. Where
 * the rate follows the notional, and the notional the price, the requirement rises with the price, and
 * jumps where a tier begins.
 */

import { scheduleAtSize } from '../market/leveraged-schedule.ts';
import {
  type MarginRule,
  type RatePair,
  type Requirement,
  requirementOf,
} from '../market/schedule.ts';
import {
  type Amount,
  absolute,
  add,
  approximately,
  asRatio,
  divide,
  isZero,
  larger,
  NO_AMOUNT,
  ONE,
  type Ratio,
  subtract,
  sumOf,
  timesUp,
  ZERO,
} from '../number/decimal.ts';
import type { Point } from './figure.ts';
import {
  type NonLinearPart,
  type NonLinearSegment,
  type Span,
  spansOf,
} from './non-linear-part.ts';
import type { PriceGrid } from './price-grid.ts';
import { between, type Segment, segmentArithmetic, straight, ZERO_SEGMENT } from './segment.ts';

export interface SizedPosition {
  /** At the current price. */
  readonly notional: Amount;
  /** Units of the underlying, at the current price. */
  readonly size: Ratio;
  readonly contracts: Ratio;
  readonly rule: MarginRule;
  readonly scale: RatePair;
  readonly leverage?: Ratio | undefined;
  /** With the price: the notional, in proportion, or the size, in inverse proportion. */
  readonly moves: 'notional' | 'size';
  /** U of a mark that is not the price of the underlying. */
  readonly uncertainty?: Ratio | undefined;
  /** The largest multiple of the requirement that a surplus takes off. */
  readonly countedUpTo: Ratio;
}

/** At one price. */
interface Due extends Requirement {
  /** The only rates there are, if there is one tier. */
  readonly rates?: RatePair | undefined;
}

export class SizedPart implements NonLinearPart {
  private readonly positions: readonly SizedPosition[];
  readonly now: Point;
  readonly quoteUncertainty: Amount;
  readonly magnitude: number;

  constructor(positions: readonly SizedPosition[]) {
    this.positions = positions;
    const due = positions.map((position) => dueAt(position, ONE));
    this.now = {
      equity: NO_AMOUNT,
      balance: NO_AMOUNT,
      initial: sumOf(due.map(({ initial }) => initial)),
      maintenance: sumOf(due.map(({ maintenance }) => maintenance)),
    };
    this.quoteUncertainty = sumOf(positions.map(changeWithin));
    this.magnitude = positions.reduce((sum, { notional }) => sum + approximately(notional), 0);
  }

  segmentsOver(grid: PriceGrid): NonLinearSegment[] {
    const nearest = grid.multiples.map((multiple) => asRatio(Math.max(multiple, LEAST)));
    const ofEach = this.positions.map((position) => ({
      moves: position.moves,
      at: nearest.map((multiple) => dueAt(position, multiple)),
    }));
    return spansOf(grid).map((span) => {
      const arithmetic = segmentArithmetic(span.width);
      const sum = (kind: keyof Requirement): Segment =>
        ofEach
          .map(({ moves, at }) => overSpan(kind, { moves, at, span }))
          .reduce(arithmetic.add, ZERO_SEGMENT);
      return {
        equity: ZERO_SEGMENT,
        balance: ZERO_SEGMENT,
        initial: [sum('initial')],
        maintenance: [sum('maintenance')],
        slack: 0,
      };
    });
  }
}

/** The size would be infinite at 0. */
const LEAST = 1e-9;

/** A requirement that moves only one way lies between its ends, and on a line where its rate stays. */
function overSpan(
  kind: keyof Requirement,
  of: { readonly moves: SizedPosition['moves']; readonly at: readonly Due[]; readonly span: Span },
): Segment {
  const { moves, at, span } = of;
  const [from, to] = [at[span.index], at[span.index + 1]] as [Due, Due];
  const [left, right] = [approximately(from[kind]), approximately(to[kind])];
  if (moves === 'size') return between({ left, right }, { lowest: right, highest: left });
  const isSteady = from.rates !== undefined && from.rates[kind] === to.rates?.[kind];
  if (isSteady) return straight(left, right, span.width);
  return between({ left, right }, { lowest: left, highest: right });
}

function dueAt(position: SizedPosition, multiple: Ratio): Due {
  const { notional, size, contracts, moves } = position;
  const moved =
    moves === 'size'
      ? { notional, size: divide(size, multiple) }
      : { notional: timesUp(notional, multiple), size };
  const schedule = scheduleAtSize(position, { ...moved, contracts });
  const due = requirementOf(schedule, moved.notional);
  if (schedule.length > 1) return due;
  const [{ initial, maintenance }] = schedule;
  return { ...due, rates: { initial, maintenance } };
}

/** A mark of its own may be across a floor at which the price of the underlying is not. */
function changeWithin(position: SizedPosition): Amount {
  const { uncertainty = ZERO, countedUpTo } = position;
  if (isZero(uncertainty)) return NO_AMOUNT;
  const low = dueAt(position, larger(ZERO, subtract(ONE, uncertainty)));
  const high = dueAt(position, add(ONE, uncertainty));
  const change = (kind: keyof Requirement) => absolute(subtract(high[kind], low[kind]));
  return timesUp(larger(change('initial'), change('maintenance')), countedUpTo);
}
