/**
 * Charges that begin, or grow faster, where a price crosses a kink: the largest of some convex
 * pieces, at least zero. Exact at the current price. Over a segment a convex charge is known by its
 * values at both ends and its slopes there.
 */
import {
  type Amount,
  addUp,
  approximately,
  larger,
  NO_AMOUNT,
  ONE,
  subtractUp,
} from '../number/decimal.ts';
import { heightOf, type Line } from './curve.ts';
import type { Point } from './figure.ts';
import {
  type NonLinearPart,
  type NonLinearSegment,
  type Span,
  spansOf,
} from './non-linear-part.ts';
import type { PriceGrid } from './price-grid.ts';
import { type Segment, segmentArithmetic, ZERO_SEGMENT } from './segment.ts';

/** In float64, at a multiple of the current price. */
interface Near {
  readonly value: number;
  /** Per unit of the multiple. */
  readonly slope: number;
}

/** Convex in the price. */
export interface Piece {
  near(multiple: number): Near;
  /** Gross, at the current price. */
  readonly size: number;
}

export interface Hinge {
  /** balance: taken off the margin balance. Otherwise added to that requirement. */
  readonly on: 'balance' | 'initial' | 'maintenance';
  /** At the current price, exactly: not negative. */
  readonly now: Amount;
  readonly pieces: readonly Piece[];
  /** A charge that is taken off again, and is nowhere larger. */
  readonly less?: readonly Piece[] | undefined;
  /** How far a rounded rate may take the initial requirement off its pieces, at a multiple. */
  readonly slack?: ((multiple: number) => number) | undefined;
}

export function linePiece(line: Line): Piece {
  const [constant, slope] = [approximately(line.constant), approximately(line.slope)];
  return {
    near: (multiple) => ({ value: constant + slope * multiple, slope }),
    size: Math.abs(constant) + Math.abs(slope),
  };
}

/** The largest of the lines, at least zero. */
export const hingeOf = (on: Hinge['on'], lines: readonly Line[]): Hinge => ({
  on,
  now: lines.map((line) => heightOf(line, ONE)).reduce(larger, NO_AMOUNT),
  pieces: lines.map(linePiece),
});

export class HingePart implements NonLinearPart {
  readonly quoteUncertainty = NO_AMOUNT;
  readonly now: Point;
  readonly magnitude: number;
  readonly initialMagnitude: number;
  private readonly hinges: readonly Hinge[];

  constructor(hinges: readonly Hinge[]) {
    this.hinges = hinges;
    const sum = (on: Hinge['on']) =>
      hinges
        .filter((hinge) => hinge.on === on)
        .reduce((total, { now }) => addUp(total, now), NO_AMOUNT);
    this.now = {
      equity: NO_AMOUNT,
      balance: subtractUp(NO_AMOUNT, sum('balance')),
      initial: sum('initial'),
      maintenance: sum('maintenance'),
    };
    const [initial, others] = [hinges.filter(isInitial), hinges.filter((each) => !isInitial(each))];
    this.magnitude = grossOf(others);
    this.initialMagnitude = grossOf(initial);
  }

  /** No margin balance, maintenance requirement or equity rests on it. */
  get isInitialOnly(): boolean {
    return this.hinges.every(isInitial);
  }

  segmentsOver(grid: PriceGrid): NonLinearSegment[] {
    return spansOf(grid).map((span) => {
      const arithmetic = segmentArithmetic(span.width);
      const sum = (on: Hinge['on']): Segment =>
        this.hinges
          .filter((hinge) => hinge.on === on)
          .map((hinge) => hingeOver(hinge, span))
          .reduce(arithmetic.add, ZERO_SEGMENT);
      return {
        equity: ZERO_SEGMENT,
        balance: arithmetic.subtract(ZERO_SEGMENT, sum('balance')),
        initial: [sum('initial')],
        maintenance: [sum('maintenance')],
        slack: 0,
        initialSlack: this.slackOver(span),
      };
    });
  }

  private slackOver({ left, right }: Span): number {
    return this.hinges.reduce(
      (total, { slack }) => total + (slack === undefined ? 0 : Math.max(slack(left), slack(right))),
      0,
    );
  }
}

const isInitial = ({ on }: Hinge): boolean => on === 'initial';

const grossOf = (hinges: readonly Hinge[]): number =>
  hinges
    .flatMap(({ pieces, less = [] }) => [...pieces, ...less])
    .reduce((sum, { size }) => sum + size, 0);

function hingeOver({ pieces, less }: Hinge, span: Span): Segment {
  const charged = largestOver(pieces, span);
  if (less === undefined) return charged;
  return segmentArithmetic(span.width).subtract(charged, largestOver(less, span));
}

const NOTHING: Near = { value: 0, slope: 0 };

/** Values this close, as a share of the sizes, may be taken for one another. */
const NEAR = 1e-12;

/** Convex: no slope is below the least at the left end, or above the largest at the right end. */
function largestOver(pieces: readonly Piece[], { left, right }: Span): Segment {
  const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
  const at = (multiple: number) => {
    const each = [NOTHING, ...pieces.map((piece) => piece.near(multiple))];
    const value = Math.max(...each.map((near) => near.value));
    const tied = value - NEAR * size * Math.max(1, multiple);
    const slopes = each.filter((near) => near.value >= tied).map(({ slope }) => slope);
    return { value, slopes };
  };
  const [from, to] = [at(left), at(right)];
  return {
    left: from.value,
    right: to.value,
    low: Math.min(...from.slopes),
    high: Math.max(...to.slopes),
  };
}
