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
import { curveAtMark, latencyLoss, uncertaintyRange } from './curve-at-mark.ts';
import { type Loss, type SurplusFormula, surplusAt } from './figure.ts';
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
  readonly width: Width;
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

/** A move of all prices together. */
export const JOINT_MOVES = ['none', 'fall', 'rise'] as const;
export type JointMove = (typeof JOINT_MOVES)[number];

export function movedBy({ shockDown, shockUp }: Curve, move: JointMove): Ratio {
  if (move === 'none') return ONE;
  return move === 'fall' ? downBy(shockDown) : upBy(shockUp);
}

export const lossBy = ({ down, up }: Loss, move: JointMove): Amount => {
  if (move === 'none') return NO_AMOUNT;
  return move === 'fall' ? down : up;
};

/** @param joint the move that all factors share; it counts with `jointShockWeight` */
export function doubtBounds(curve: DoubtfulCurve, asked: Asked, joint: JointMove): DoubtBounds {
  const moves = asked.isBuffered ? JOINT_MOVES : (['none'] as const);
  const each = moves.map((own) => boundsAfter(curve, asked, { own, joint }));
  const least = (of: (bounds: DoubtBounds) => Amount) => each.map(of).reduce(smaller);
  return {
    low: least(({ low }) => low),
    least: least((bounds) => bounds.least),
    most: least(({ most }) => most),
    high: least(({ high }) => high),
    mostLow: least(({ mostLow }) => mostLow),
  };
}

interface Moves {
  readonly own: JointMove;
  readonly joint: JointMove;
}

function boundsAfter({ steady, strands }: DoubtfulCurve, asked: Asked, moves: Moves): DoubtBounds {
  const { formula, buffered, jointShockWeight } = asked;
  const uncertainty = [steady, ...strands.map(({ curve }) => curve)]
    .map((curve) => curve.uncertainty)
    .reduce(larger);
  const ends = isZero(uncertainty) ? [ONE] : [downBy(uncertainty), upBy(uncertainty)];
  const atMark = curveAtMark(steady);
  const loss = latencyLoss(atMark, buffered);
  const lost = add(
    times(lossBy(loss, moves.own), subtract(ONE, jointShockWeight)),
    times(lossBy(loss, moves.joint), jointShockWeight),
  );
  const still = subtract(surplusAt(atMark.now, formula), lost);
  const { below, above } = uncertaintyRange(atMark, formula);
  const pieces = strands.map((strand) => pieceOf(strand, asked));
  const sum = (of: (piece: Piece) => Amount, from = still) => add(from, sumOf(pieces.map(of)));
  const bufferOf = ({ curve }: Piece) => bufferTerms(curve, asked, moves);
  const termsAt = (piece: Piece, at: Ratio) =>
    [{ formula, at, weight: ONE }, ...bufferOf(piece)].reduce<Term[]>(merged, []).filter(counts);
  const lows = ends.map((at) => ({
    least: sum((piece) => piece.extremes(termsAt(piece, at)).least, subtract(still, below)),
    most: sum(
      (piece) => piece.extremes(termsAt(piece, at)).most,
      steady.nonLinear === undefined
        ? subtract(surplusAt(pointAt(steady, at), formula), lost)
        : still,
    ),
  }));
  const quotes = sumOf(pieces.map(({ quoteUncertainty }) => quoteUncertainty));
  return {
    low: subtract(lows.map((low) => low.least).reduce(smaller), quotes),
    least: sum((piece) => piece.extremes(termsAt(piece, ONE)).least),
    most: sum((piece) => piece.extremes(termsAt(piece, ONE)).most),
    high: add(
      sum((piece) => piece.most(formula, bufferOf(piece), uncertainty), add(still, above)),
      quotes,
    ),
    mostLow: subtract(lows.map((low) => low.most).reduce(smaller), quotes),
  };
}

/** weight · surplus at `at` times the strand's price. */
interface Term {
  readonly formula: SurplusFormula;
  readonly at: Ratio;
  readonly weight: Ratio;
}

/** What the buffer takes, at the price itself and after each move. */
function bufferTerms(curve: Curve, { buffered, jointShockWeight }: Asked, moves: Moves): Term[] {
  const own = subtract(ONE, jointShockWeight);
  return [
    { formula: buffered, at: ONE, weight: negate(ONE) },
    { formula: buffered, at: movedBy(curve, moves.own), weight: own },
    { formula: buffered, at: movedBy(curve, moves.joint), weight: jointShockWeight },
  ]
    .reduce<Term[]>(merged, [])
    .filter(counts);
}

const counts = ({ weight }: Term): boolean => !isZero(weight);

/** Terms of one surplus at one price count as one, or cancel. */
function merged(terms: Term[], next: Term): Term[] {
  const at = terms.findIndex((term) => isSame(term.formula, next.formula) && term.at === next.at);
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
  readonly curve: Curve;
  readonly quoteUncertainty: Amount;
  extremes(terms: readonly Term[]): Extremes;
  /** The most of a surplus at a price that is off by the uncertainty, less its buffer. */
  most(formula: SurplusFormula, buffer: readonly Term[], uncertainty: Ratio): Amount;
}

const NO_DOUBT: Doubt = { from: ONE, to: ONE };

function pieceOf(strand: Strand, { width }: Asked): Piece {
  const doubt = width === 'aged' ? strand.aged : (strand.doubt ?? NO_DOUBT);
  return strand.curve.nonLinear === undefined
    ? new StraightPiece(strand.curve, doubt)
    : new BentPiece(strand, doubt);
}

/** Straight between its kinks, so its extremes lie at an end or where a term has a kink. */
class StraightPiece implements Piece {
  readonly curve: Curve;
  readonly quoteUncertainty = NO_AMOUNT;
  private readonly doubt: Doubt;
  private readonly kinks: readonly Ratio[];

  constructor(curve: Curve, doubt: Doubt) {
    this.curve = curve;
    this.doubt = doubt;
    this.kinks = allKinks(curve);
  }

  extremes(terms: readonly Term[]): Extremes {
    const values = this.pricesFor(terms.map(({ at }) => at)).map((price) =>
      this.valueOf(terms, price),
    );
    return { least: values.reduce(smaller), most: values.reduce(larger) };
  }

  most(formula: SurplusFormula, buffer: readonly Term[], uncertainty: Ratio): Amount {
    const within = { down: downBy(uncertainty), up: upBy(uncertainty) };
    const ats = [ONE, within.down, within.up, ...buffer.map(({ at }) => at)];
    const values = this.pricesFor(ats).map((price) =>
      add(this.mostWithin(formula, price, within), this.valueOf(buffer, price)),
    );
    return values.reduce(larger);
  }

  private mostWithin(
    formula: SurplusFormula,
    price: Ratio,
    { down, up }: { readonly down: Ratio; readonly up: Ratio },
  ): Amount {
    const [low, high] = [times(price, down), times(price, up)];
    const inside = this.kinks.filter((kink) => isAbove(kink, low) && isBelow(kink, high));
    return [low, price, high, ...inside].map((at) => this.surplus(formula, at)).reduce(larger);
  }

  /** The ends of the doubt, and between them each price that puts a term on a kink. */
  private pricesFor(ats: readonly Ratio[]): Ratio[] {
    const { from, to } = this.doubt;
    const inside = this.kinks
      .flatMap((kink) => ats.filter((at) => !isZero(at)).map((at) => divide(kink, at)))
      .filter((price) => isAbove(price, from) && isBelow(price, to));
    return [from, to, ...inside];
  }

  private valueOf(terms: readonly Term[], price: Ratio): Amount {
    return sumOf(
      terms.map(({ formula, at, weight }) =>
        times(this.surplus(formula, times(price, at)), weight),
      ),
    );
  }

  private surplus(formula: SurplusFormula, at: Ratio): Amount {
    return surplusAt(pointAt(this.curve, at), formula);
  }
}

function allKinks(curve: Curve): Ratio[] {
  return kinksBetween(curve, ZERO, 'unbounded');
}

/** Bounded over the segments of a grid that spans the doubt. */
class BentPiece implements Piece {
  readonly curve: Curve;
  readonly quoteUncertainty: Amount;
  private readonly bounds: SegmentBounds;
  private readonly multiples: readonly number[];
  private readonly spans: readonly (readonly [number, number])[];

  constructor({ curve, grid: shared }: Strand, { from, to }: Doubt) {
    const grid = shared ?? wideGridFor({ from, to }, curve);
    this.curve = curve;
    this.quoteUncertainty = curve.nonLinear?.quoteUncertainty ?? NO_AMOUNT;
    this.bounds = new SegmentBounds(curve, grid);
    this.multiples = grid.multiples;
    const [low, high] = [approximately(from), approximately(to)];
    const inside = grid.multiples.filter((multiple) => multiple > low && multiple < high);
    const nodes = [low, ...inside, high];
    this.spans = nodes.slice(1).map((right, index) => [nodes[index] as number, right] as const);
  }

  extremes(terms: readonly Term[]): Extremes {
    return this.over(terms, ({ at }) => [approximately(at), approximately(at)]);
  }

  most(formula: SurplusFormula, buffer: readonly Term[], uncertainty: Ratio): Amount {
    const surplus = { formula, at: ONE, weight: ONE };
    const [down, up] = [approximately(downBy(uncertainty)), approximately(upBy(uncertainty))];
    return this.over([surplus, ...buffer], (term) => {
      const near = approximately(term.at);
      return term === surplus ? [down, up] : [near, near];
    }).most;
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
    const last = this.multiples.length - 1;
    let from = this.multiples.findLastIndex((multiple) => multiple <= low * (1 + NEAR));
    let to = this.multiples.findIndex((multiple) => multiple >= high * (1 - NEAR));
    from = Math.min(Math.max(from, 0), last - 1);
    to = to === -1 ? last : Math.max(to, from + 1);
    return this.bounds.extentOf(formula, { from, to });
  }
}

/** Float64 errors of a product of multiples. */
const NEAR = 1e-14;
