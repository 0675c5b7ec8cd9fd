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
} from '../number/decimal.ts';
import { type Curve, downBy, pointAt, upBy } from './curve.ts';
import { type CurveAtMark, curveAtMark, latencyLoss, uncertaintyRange } from './curve-at-mark.ts';
import { type Loss, type SurplusFormula, surplusAt } from './figure.ts';
import type { Width } from './risk-factor.ts';
import {
  type At,
  counts,
  MOVES,
  type Move,
  merged,
  type Piece,
  pieceOf,
  type Strand,
  type Term,
  termsOf,
} from './strand-piece.ts';

export interface DoubtfulCurve {
  readonly factor: string;
  /** What no price in doubt moves. */
  readonly steady: Curve;
  readonly strands: readonly Strand[];
  /** aged: it counts only when a liquidation is decided. */
  readonly width: Width;
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

export const lossBy = ({ down, up }: Loss, move: Move): Amount => {
  if (move === 'none') return NO_AMOUNT;
  return move === 'fall' ? down : up;
};

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
    const { above } = uncertaintyRange(this.steady, formula);
    const buffer = bufferTerms(asked, moves);
    const extremes = (at: At) =>
      this.pieces.map((piece) => piece.extremes(termsOf(formula, at, buffer)));
    const atPrice = extremes('none');
    const atEnds = this.ends.map((at) => {
      const shifted = this.steadyShift(at, formula);
      const least = this.pieces.map((piece) => piece.least(formula, buffer, at));
      return {
        least: add(shifted, sumOf(least)),
        most: add(shifted, sumOf(extremes(at).map(({ most }) => most))),
      };
    });
    const high = sumOf(this.pieces.map((piece) => piece.most(formula, buffer)));
    const quotes = sumOf(this.pieces.map(({ quoteUncertainty }) => quoteUncertainty));
    const low = atEnds.map(({ least }) => least).reduce(smaller);
    const mostLow = atEnds.map(({ most }) => most).reduce(smaller);
    return {
      low: subtract(add(still, low), quotes),
      least: add(still, sumOf(atPrice.map(({ least }) => least))),
      most: add(still, sumOf(atPrice.map(({ most }) => most))),
      high: add(add(add(still, above), high), quotes),
      mostLow: subtract(add(still, mostLow), quotes),
    };
  }

  /** A straight curve is concave: it is lowest at an end, where the strands are too. */
  private steadyShift(at: At, formula: SurplusFormula): Amount {
    if (at === 'none') return NO_AMOUNT;
    const { curve } = this.steady;
    if (curve.nonLinear !== undefined) return negate(uncertaintyRange(this.steady, formula).below);
    const moved = at === 'below' ? downBy(curve.uncertainty) : upBy(curve.uncertainty);
    return subtract(surplusAt(pointAt(curve, moved), formula), this.point(formula));
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
