/**
 * Bounds of a factor's whole curve, by segments. Linear and non-linear parts are bounded together,
 * so that an option and its hedge offset. A low is never too high, a high never too low.
 */

import { type Arithmetic, coefficient } from '../number/arithmetic.ts';
import {
  type Amount,
  add,
  approximately,
  asAmount,
  larger,
  NO_AMOUNT,
  subtract,
} from '../number/decimal.ts';
import type { Curve } from './curve.ts';
import { type Loss, lossOf, type SurplusFormula, type UncertaintyRange } from './figure.ts';
import {
  type NonLinearPart,
  type NonLinearSegment,
  type Span,
  spansOf,
} from './non-linear-part.ts';
import type { Interval, PriceGrid } from './price-grid.ts';
import {
  ceilingOf,
  floorOf,
  jumpOf,
  ROUNDING,
  type Segment,
  segmentArithmetic,
} from './segment.ts';
import { linesOver } from './segment-lines.ts';

/** Each requirement is the largest of its branches. */
interface Piece {
  readonly width: number;
  readonly arithmetic: Arithmetic<Segment>;
  readonly equity: Segment;
  readonly balance: Segment;
  readonly initial: readonly Segment[];
  readonly maintenance: readonly Segment[];
  readonly slack: number;
  /** Of the initial requirement, beyond `slack`. */
  readonly initialSlack: number;
  readonly relief: number;
  readonly jump: number;
}

export interface Extent {
  readonly lowest: number;
  readonly highest: number;
}

/**
 * A surplus lies no more than `above` and `below` off another, which changes by its slopes, and in
 * each segment by no more than `jump` beyond.
 */
export interface Course extends Extent {
  /** Slopes, per unit of the price's multiple. */
  readonly low: number;
  readonly high: number;
  readonly above: number;
  readonly below: number;
  readonly jump: number;
}

export class SegmentBounds {
  private readonly grid: PriceGrid;
  private readonly pieces: readonly Piece[];
  /** Gross size of the summands, which scales the float64 error. */
  readonly magnitude: number;
  private readonly initialMagnitude: number;
  private readonly quoteUncertainty: Amount;

  constructor(curve: Curve, grid: PriceGrid = gridOf(curve)) {
    const { parts, quoteUncertainty } = curve.nonLinear ?? ALL_LINEAR;
    this.grid = grid;
    this.quoteUncertainty = quoteUncertainty;
    const nonLinear = parts.map((part) => part.segmentsOver(grid));
    this.pieces = spansOf(grid).map((span) =>
      pieceOf(
        curve,
        span,
        nonLinear.map((of) => of[span.index] as NonLinearSegment),
      ),
    );
    this.magnitude = magnitudeOf(curve, parts, grid);
    this.initialMagnitude = initialMagnitudeOf(parts, grid);
  }

  /** A charge that the initial requirement alone has widens no other figure. */
  private roundingOf({ less }: SurplusFormula): number {
    const ofInitial = less?.requirement === 'initial' ? this.initialMagnitude : 0;
    return ROUNDING * (this.magnitude + ofInitial);
  }

  get segments(): number {
    return this.pieces.length;
  }

  extentOf(formula: SurplusFormula, { from, to }: Interval): Extent {
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = from; at < to; at++) {
      const extent = extentOver(this.pieces[at] as Piece, formula);
      lowest = Math.min(lowest, extent.lowest);
      highest = Math.max(highest, extent.highest);
    }
    const rounding = this.roundingOf(formula);
    return { lowest: lowest - rounding, highest: highest + rounding };
  }

  courseOf(formula: SurplusFormula, at: number): Course {
    const course = courseOver(this.pieces[at] as Piece, formula);
    const rounding = this.roundingOf(formula);
    return {
      ...course,
      lowest: course.lowest - rounding,
      highest: course.highest + rounding,
      above: course.above + rounding,
      below: course.below + rounding,
    };
  }

  extentAt(formula: SurplusFormula, node: number): Extent {
    const isLast = node === this.pieces.length;
    const { low, high } = pointOf(this.pieces[isLast ? node - 1 : node] as Piece, formula, isLast);
    const rounding = this.roundingOf(formula);
    return { lowest: low - rounding, highest: high + rounding };
  }

  /** The surplus itself over a segment of the grid. */
  segmentOf({ of, less }: SurplusFormula, at: number): Segment {
    const piece = this.pieces[at] as Piece;
    if (less === undefined) return piece[of];
    const { arithmetic } = piece;
    const required = piece[less.requirement].reduce(arithmetic.max);
    return arithmetic.subtract(piece[of], arithmetic.scale(required, coefficient(less.multiple)));
  }

  private lowestIn(formula: SurplusFormula, { from, to }: Interval): number {
    return from === to
      ? this.extentAt(formula, from).lowest
      : this.extentOf(formula, { from, to }).lowest;
  }

  /**
   * The lowest surplus within the uncertainty, minus the latency loss of the surplus `buffered`. In
   * float64, never too high. Undefined without uncertainty and shock.
   */
  leastLeft(formula: SurplusFormula, buffered: SurplusFormula): Amount | undefined {
    const { uncertain, shocked, now } = this.grid;
    if (this.pieces.length === 0) return undefined;
    const left = this.lowestIn(formula, uncertain);
    const loss = this.extentAt(buffered, now).highest - this.lowestIn(buffered, shocked);
    return subtract(asAmount(left - Math.max(0, loss)), this.quoteUncertainty);
  }

  /** @param point the exact surplus now */
  uncertaintyRange(point: Amount, formula: SurplusFormula): UncertaintyRange {
    const { uncertain } = this.grid;
    if (uncertain.from === uncertain.to)
      return { below: this.quoteUncertainty, above: this.quoteUncertainty };
    const { lowest, highest } = this.extentOf(formula, uncertain);
    return {
      below: add(this.quoteUncertainty, notBelowZero(subtract(point, asAmount(lowest)))),
      above: add(this.quoteUncertainty, notBelowZero(subtract(asAmount(highest), point))),
    };
  }

  /** @param point the exact surplus now */
  latencyLoss(point: Amount, formula: SurplusFormula): Loss {
    const { shocked, now } = this.grid;
    const lossOver = (interval: Interval): Amount => {
      if (interval.from === interval.to) return NO_AMOUNT;
      return notBelowZero(subtract(point, asAmount(this.extentOf(formula, interval).lowest)));
    };
    return lossOf(
      lossOver({ from: shocked.from, to: now }),
      lossOver({ from: now, to: shocked.to }),
    );
  }
}

function pointOf(
  piece: Piece,
  { of, less }: SurplusFormula,
  isRight: boolean,
): { readonly low: number; readonly high: number } {
  const end = ({ left, right }: Segment): number => (isRight ? right : left);
  const base = end(piece[of]);
  if (less === undefined) return { low: base, high: base };
  const multiple = approximately(less.multiple);
  const required = multiple * Math.max(...piece[less.requirement].map(end));
  const off = multiple * slackOf(piece, less.requirement);
  const high = base - required + off + multiple * piece.relief;
  return { low: base - required - off, high };
}

const slackOf = ({ slack, initialSlack }: Piece, of: 'initial' | 'maintenance'): number =>
  of === 'initial' ? slack + initialSlack : slack;

const ALL_LINEAR = { parts: [], quoteUncertainty: NO_AMOUNT };

function gridOf({ nonLinear, factor }: Curve): PriceGrid {
  if (nonLinear === undefined) throw new RangeError(`${factor}: has no non-linear part`);
  return nonLinear.grid;
}

const notBelowZero = (amount: Amount): Amount => larger(NO_AMOUNT, amount);

/** The surplus is the least of these, each uncertain by `off` on either side. */
function branchesOf(piece: Piece, { of, less }: SurplusFormula) {
  const { arithmetic } = piece;
  const base = piece[of];
  if (less === undefined) return { branches: [base], off: 0, relief: 0, jump: 0 };
  const multiple = coefficient(less.multiple);
  return {
    branches: piece[less.requirement].map((branch) =>
      arithmetic.subtract(base, arithmetic.scale(branch, multiple)),
    ),
    off: slackOf(piece, less.requirement) * multiple.near,
    relief: piece.relief * multiple.near,
    jump: piece.jump * multiple.near,
  };
}

type Branches = ReturnType<typeof branchesOf>;

const extentOver = (piece: Piece, formula: SurplusFormula): Extent =>
  extentOfLeast(branchesOf(piece, formula), piece.width);

function extentOfLeast({ branches, off, relief }: Branches, width: number): Extent {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const branch of branches) {
    lowest = Math.min(lowest, floorOf(branch, width));
    highest = Math.min(highest, ceilingOf(branch, width));
  }
  return { lowest: lowest - off, highest: highest + off + relief };
}

function courseOver(piece: Piece, formula: SurplusFormula): Course {
  const all = branchesOf(piece, formula);
  const extent = extentOfLeast(all, piece.width);
  const { branches, off, relief } = all;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let jump = 0;
  for (const branch of branches) {
    // It is nowhere the least.
    if (floorOf(branch, piece.width) > extent.highest) continue;
    low = Math.min(low, branch.low);
    high = Math.max(high, branch.high);
    jump = Math.max(jump, jumpOf(branch));
  }
  return { ...extent, low, high, above: off + relief, below: off, jump: jump + all.jump };
}

function pieceOf(curve: Curve, span: Span, nonLinear: readonly NonLinearSegment[]): Piece {
  const arithmetic = segmentArithmetic(span.width);
  const lines = linesOver(curve, span, arithmetic);
  const sum = (of: 'equity' | 'balance') =>
    nonLinear.map((each) => each[of]).reduce(arithmetic.add, lines[of]);
  const branches = (kind: 'initial' | 'maintenance') =>
    nonLinear
      .map((each) => each[kind])
      .reduce((left, right) => crossed(arithmetic, left, right), [lines[kind]]);
  return {
    width: span.width,
    arithmetic,
    equity: sum('equity'),
    balance: sum('balance'),
    initial: branches('initial'),
    maintenance: branches('maintenance'),
    slack: nonLinear.reduce((total, { slack }) => total + slack, 0),
    initialSlack: nonLinear.reduce((total, { initialSlack = 0 }) => total + initialSlack, 0),
    relief: nonLinear.reduce((total, { relief = 0 }) => total + relief, 0),
    jump: nonLinear.reduce((total, { jump = 0 }) => total + jump, 0),
  };
}

/** Adds two maxima. The side with fewer branches is first reduced to one. */
function crossed(
  arithmetic: Arithmetic<Segment>,
  left: readonly Segment[],
  right: readonly Segment[],
): Segment[] {
  const [few, many] = left.length <= right.length ? [left, right] : [right, left];
  const one = few.reduce(arithmetic.max);
  return many.map((branch) => arithmetic.add(branch, one));
}

function magnitudeOf(
  curve: Curve,
  parts: readonly NonLinearPart[],
  { multiples }: PriceGrid,
): number {
  const lines = [curve.equity, curve.balance, ...curve.weighed.map(({ line }) => line)];
  const sizes = [
    ...lines.flatMap(({ constant, slope }) => [constant, slope]),
    ...curve.margined.map(({ notional }) => notional),
    curve.fixed.initial,
    ...(curve.nonLinear === undefined ? [] : [curve.nonLinear.quoteUncertainty]),
  ].map((amount) => Math.abs(approximately(amount)));
  const nonLinear = parts.map(({ magnitude }) => magnitude);
  const widest = Math.max(1, ...multiples);
  return widest * [...sizes, ...nonLinear].reduce((left, right) => left + right, 0);
}

const initialMagnitudeOf = (parts: readonly NonLinearPart[], { multiples }: PriceGrid): number =>
  Math.max(1, ...multiples) *
  parts.reduce((sum, { initialMagnitude = 0 }) => sum + initialMagnitude, 0);
