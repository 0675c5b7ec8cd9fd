/**
 * A curve of which a part rests on prices in doubt.
 *
 * The buffer of a price is the one at that price: the surplus after it is the least of three values
 * of the surplus, without a move, after a fall and after a rise. Each of them is a sum over the
 * steady part and the strands, and a strand has a price of its own. So the least surplus is a sum
 * of the strands' least values, and no surplus exceeds the sum of their greatest.
 */
import {
  type Amount,
  add,
  approximately,
  asAmount,
  divide,
  isAbove,
  isBelow,
  isZero,
  larger,
  NO_AMOUNT,
  negate,
  ONE,
  type Ratio,
  smaller,
  subtract,
  sumOf,
  times,
  ZERO,
} from '../number/decimal.ts';
import { type Curve, downBy, kinksBetween, pointAt, upBy } from './curve.ts';
import { type CurveAtMark, curveAtMark, latencyLoss, uncertaintyRange } from './curve-at-mark.ts';
import { type Loss, type Point, type SurplusFormula, surplusAt } from './figure.ts';
import { type PriceGrid, wideGridFor } from './price-grid.ts';
import type { Doubt, Width } from './risk-factor.ts';
import { SegmentBounds } from './segment-bounds.ts';

/** The part of a curve that one price in doubt moves. */
export interface Strand {
  readonly curve: Curve;
  /** Absent if the price is only aged. */
  readonly doubt?: Doubt | undefined;
  /** With the range of an aged price. */
  readonly aged: Doubt;
  /** Of the risk factor, if it spans this doubt. */
  readonly grid?: PriceGrid | undefined;
}

export interface DoubtfulCurve {
  readonly factor: string;
  /** What no price in doubt moves. */
  readonly steady: Curve;
  readonly strands: readonly Strand[];
}

export interface Asked {
  readonly formula: SurplusFormula;
  /** The latency buffer is a loss of this surplus. */
  readonly buffered: SurplusFormula;
  readonly jointShockWeight: Ratio;
  /** false: the surplus before its buffer. */
  readonly isBuffered: boolean;
}

/** Of the surplus after its buffer. */
export interface DoubtBounds {
  readonly low: Amount;
  readonly least: Amount;
  readonly most: Amount;
  readonly high: Amount;
  /** The greatest `low` of any price of the doubt. */
  readonly mostLow: Amount;
}

/** A move that the buffer charges for. */
export const MOVES = ['none', 'fall', 'rise'] as const;
export type Move = (typeof MOVES)[number];

export const lossBy = ({ down, up }: Loss, move: Move): Amount => {
  if (move === 'none') return NO_AMOUNT;
  return move === 'fall' ? down : up;
};

/** Where a surplus is taken: at the price, after a move, or at an end of the uncertainty. */
type At = Move | 'below' | 'above';

/** weight · surplus at a multiple of the price. */
interface Term {
  readonly formula: SurplusFormula;
  readonly at: At;
  readonly weight: Ratio;
}

/** A curve over the doubts of its strands. Each surplus is computed once. */
export class DoubtRange {
  private readonly steady: CurveAtMark;
  private readonly pieces: readonly Piece[];
  /** Ends of the uncertainty that all strands share. */
  private readonly ends: readonly At[];

  constructor({ steady, strands }: DoubtfulCurve, width: Width) {
    const curves = [steady, ...strands.map(({ curve }) => curve)];
    const uncertainty = curves.map((curve) => curve.uncertainty).reduce(larger);
    this.steady = curveAtMark(steady);
    this.pieces = strands.map((strand) => pieceOf(strand, { width, uncertainty }));
    this.ends = isZero(uncertainty) ? ['none'] : ['below', 'above'];
  }

  /** @param joint the move that all factors share; it counts with `jointShockWeight` */
  bounds(asked: Asked, joint: Move): DoubtBounds {
    const isMoved = asked.isBuffered && !isZero(this.steady.curve.shock);
    const moves = isMoved ? MOVES : (['none'] as const);
    const each = moves.map((own) => this.boundsAfter(asked, { own, joint }));
    const least = (of: (bounds: DoubtBounds) => Amount) => each.map(of).reduce(smaller);
    return {
      low: least(({ low }) => low),
      least: least((bounds) => bounds.least),
      most: least(({ most }) => most),
      high: least(({ high }) => high),
      mostLow: least(({ mostLow }) => mostLow),
    };
  }

  private boundsAfter(asked: Asked, moves: Moves): DoubtBounds {
    const { formula } = asked;
    const still = this.steadyAfter(asked, moves);
    const { below, above } = uncertaintyRange(this.steady, formula);
    const buffer = bufferTerms(asked, moves);
    const extremes = (at: At) => {
      const terms = [{ formula, at, weight: ONE }, ...buffer].reduce<Term[]>(merged, []);
      return this.pieces.map((piece) => piece.extremes(terms.filter(counts)));
    };
    const atPrice = extremes('none');
    const atEnds = this.ends.map((at) => {
      const pieces = extremes(at);
      const { uncertainty, nonLinear } = this.steady.curve;
      const isAtEnd = at !== 'none' && nonLinear === undefined;
      const moved = at === 'below' ? downBy(uncertainty) : upBy(uncertainty);
      const shifted = isAtEnd
        ? subtract(surplusAt(pointAt(this.steady.curve, moved), formula), this.point(formula))
        : NO_AMOUNT;
      return {
        least: sumOf(pieces.map(({ least }) => least)),
        most: add(shifted, sumOf(pieces.map(({ most }) => most))),
      };
    });
    const high = sumOf(this.pieces.map((piece) => piece.most(formula, buffer)));
    const quotes = sumOf(this.pieces.map(({ quoteUncertainty }) => quoteUncertainty));
    const low = atEnds.map(({ least }) => least).reduce(smaller);
    const mostLow = atEnds.map(({ most }) => most).reduce(smaller);
    return {
      low: subtract(add(subtract(still, below), low), quotes),
      least: add(still, sumOf(atPrice.map(({ least }) => least))),
      most: add(still, sumOf(atPrice.map(({ most }) => most))),
      high: add(add(add(still, above), high), quotes),
      mostLow: subtract(add(still, mostLow), quotes),
    };
  }

  private point(formula: SurplusFormula): Amount {
    return surplusAt(this.steady.now, formula);
  }

  private steadyAfter(
    { formula, buffered, jointShockWeight, isBuffered }: Asked,
    { own, joint }: Moves,
  ): Amount {
    const surplus = this.point(formula);
    if (!isBuffered) return surplus;
    const loss = latencyLoss(this.steady, buffered);
    const lostAlone = times(lossBy(loss, own), subtract(ONE, jointShockWeight));
    return subtract(surplus, add(lostAlone, times(lossBy(loss, joint), jointShockWeight)));
  }
}

interface Moves {
  readonly own: Move;
  readonly joint: Move;
}

/** What the buffer takes, at the price itself and after each move. */
function bufferTerms({ buffered, jointShockWeight, isBuffered }: Asked, moves: Moves): Term[] {
  if (!isBuffered) return [];
  const alone = subtract(ONE, jointShockWeight);
  const terms: Term[] = [
    { formula: buffered, at: 'none', weight: negate(ONE) },
    { formula: buffered, at: moves.own, weight: alone },
    { formula: buffered, at: moves.joint, weight: jointShockWeight },
  ];
  return terms.reduce<Term[]>(merged, []).filter(counts);
}

const counts = ({ weight }: Term): boolean => !isZero(weight);

/** Terms of one surplus at one place count as one, or cancel. */
function merged(terms: Term[], next: Term): Term[] {
  const at = terms.findIndex((term) => term.at === next.at && isSame(term.formula, next.formula));
  const found = terms[at];
  if (found === undefined) return [...terms, next];
  return terms.with(at, { ...found, weight: add(found.weight, next.weight) });
}

const isSame = (left: SurplusFormula, right: SurplusFormula): boolean =>
  left === right ||
  (left.of === right.of &&
    left.less?.requirement === right.less?.requirement &&
    left.less?.multiple === right.less?.multiple);

interface Extremes {
  readonly least: Amount;
  readonly most: Amount;
}

interface Piece {
  readonly quoteUncertainty: Amount;
  extremes(terms: readonly Term[]): Extremes;
  /** The most of a surplus at a price that is off by the uncertainty, less its buffer. */
  most(formula: SurplusFormula, buffer: readonly Term[]): Amount;
}

const NO_DOUBT: Doubt = { from: ONE, to: ONE };

interface PieceOver {
  readonly width: Width;
  readonly uncertainty: Ratio;
}

function pieceOf(strand: Strand, { width, uncertainty }: PieceOver): Piece {
  const doubt = width === 'aged' ? strand.aged : (strand.doubt ?? NO_DOUBT);
  const multiples = multiplesOf(strand.curve, uncertainty);
  return strand.curve.nonLinear === undefined
    ? new StraightPiece(strand.curve, doubt, multiples)
    : new BentPiece(strand, doubt, multiples);
}

type Multiples = Readonly<Record<At, Ratio>>;

const multiplesOf = ({ shockDown, shockUp }: Curve, uncertainty: Ratio): Multiples => ({
  none: ONE,
  fall: downBy(shockDown),
  rise: upBy(shockUp),
  below: downBy(uncertainty),
  above: upBy(uncertainty),
});

/** Straight between its kinks, so its extremes lie at an end or where a term has a kink. */
class StraightPiece implements Piece {
  readonly quoteUncertainty = NO_AMOUNT;
  private readonly curve: Curve;
  private readonly multiples: Multiples;
  private readonly kinks: readonly Ratio[];
  /** The ends of the doubt, and between them each price that puts a term on a kink. */
  private readonly prices: readonly Ratio[];
  private readonly points = new Map<At, readonly Point[]>();

  constructor(curve: Curve, { from, to }: Doubt, multiples: Multiples) {
    this.curve = curve;
    this.multiples = multiples;
    this.kinks = kinksBetween(curve, ZERO, 'unbounded');
    const places = [...new Set(Object.values(multiples))].filter((at) => !isZero(at));
    const inside = this.kinks
      .flatMap((kink) => places.map((at) => divide(kink, at)))
      .filter((price) => isAbove(price, from) && isBelow(price, to));
    this.prices = [from, to, ...inside];
  }

  extremes(terms: readonly Term[]): Extremes {
    const values = this.prices.map((_, index) => this.valueOf(terms, index));
    return { least: values.reduce(smaller), most: values.reduce(larger) };
  }

  most(formula: SurplusFormula, buffer: readonly Term[]): Amount {
    const values = this.prices.map((price, index) =>
      add(this.mostWithin(formula, price, index), this.valueOf(buffer, index)),
    );
    return values.reduce(larger);
  }

  private mostWithin(formula: SurplusFormula, price: Ratio, index: number): Amount {
    const { below, above } = this.multiples;
    const [low, high] = [times(price, below), times(price, above)];
    const inside = this.kinks.filter((kink) => isAbove(kink, low) && isBelow(kink, high));
    const ends = (['none', 'below', 'above'] as const).map((at) =>
      surplusAt(this.pointsAt(at)[index] as Point, formula),
    );
    const others = inside.map((kink) => surplusAt(pointAt(this.curve, kink), formula));
    return [...ends, ...others].reduce(larger);
  }

  private valueOf(terms: readonly Term[], index: number): Amount {
    return sumOf(
      terms.map(({ formula, at, weight }) =>
        times(surplusAt(this.pointsAt(at)[index] as Point, formula), weight),
      ),
    );
  }

  private pointsAt(at: At): readonly Point[] {
    const found = this.points.get(at);
    if (found !== undefined) return found;
    const points = this.prices.map((price) =>
      pointAt(this.curve, times(price, this.multiples[at])),
    );
    this.points.set(at, points);
    return points;
  }
}

/** Bounded over the segments of a grid that spans the doubt. */
class BentPiece implements Piece {
  readonly quoteUncertainty: Amount;
  private readonly bounds: SegmentBounds;
  private readonly nodes: readonly number[];
  private readonly spans: readonly (readonly [number, number])[];
  private readonly multiples: Readonly<Record<At, number>>;

  constructor({ curve, grid: shared }: Strand, { from, to }: Doubt, multiples: Multiples) {
    const grid = shared ?? wideGridFor({ from, to }, curve);
    this.quoteUncertainty = curve.nonLinear?.quoteUncertainty ?? NO_AMOUNT;
    this.bounds = new SegmentBounds(curve, grid);
    this.nodes = grid.multiples;
    const [low, high] = [approximately(from), approximately(to)];
    const inside = grid.multiples.filter((multiple) => multiple > low && multiple < high);
    const ends = [low, ...inside, high];
    this.spans = ends.slice(1).map((right, index) => [ends[index] as number, right] as const);
    const { none, fall, rise, below, above } = multiples;
    const near = { fall: approximately(fall), rise: approximately(rise) };
    const ofEnds = { below: approximately(below), above: approximately(above) };
    this.multiples = { none: approximately(none), ...near, ...ofEnds };
  }

  extremes(terms: readonly Term[]): Extremes {
    return this.over(terms, ({ at }) => [this.multiples[at], this.multiples[at]]);
  }

  most(formula: SurplusFormula, buffer: readonly Term[]): Amount {
    const surplus: Term = { formula, at: 'none', weight: ONE };
    const { below, above } = this.multiples;
    return this.over([surplus, ...buffer], (term) =>
      term === surplus ? [below, above] : [this.multiples[term.at], this.multiples[term.at]],
    ).most;
  }

  private over(terms: readonly Term[], reach: (term: Term) => readonly [number, number]): Extremes {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const [left, right] of this.spans) {
      let [low, high] = [0, 0];
      for (const term of terms) {
        const [down, up] = reach(term);
        const { lowest, highest } = this.extentOver(term.formula, left * down, right * up);
        const weight = approximately(term.weight);
        low += weight * (weight < 0 ? highest : lowest);
        high += weight * (weight < 0 ? lowest : highest);
      }
      least = Math.min(least, low);
      most = Math.max(most, high);
    }
    return { least: asAmount(least), most: asAmount(most) };
  }

  private extentOver(formula: SurplusFormula, low: number, high: number) {
    const last = this.nodes.length - 1;
    const below = this.nodes.findLastIndex((node) => node <= low * (1 + NEAR));
    const above = this.nodes.findIndex((node) => node >= high * (1 - NEAR));
    const from = Math.min(Math.max(below, 0), last - 1);
    const to = above === -1 ? last : Math.max(above, from + 1);
    return this.bounds.extentOf(formula, { from, to });
  }
}

/** Float64 errors of a product of multiples. */
const NEAR = 1e-14;
