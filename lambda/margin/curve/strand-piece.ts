/** What one price in doubt moves, bounded over its doubt. */
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
  ONE,
  type Ratio,
  smaller,
  sumOf,
  times,
  ZERO,
} from '../number/decimal.ts';
import { type Curve, downBy, kinksBetween, pointAt, upBy } from './curve.ts';
import { type Point, type SurplusFormula, surplusAt } from './figure.ts';
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

/** A move that the buffer charges for. */
export const MOVES = ['none', 'fall', 'rise'] as const;
export type Move = (typeof MOVES)[number];

/** Where a surplus is taken: at the price, after a move, or at an end of the uncertainty. */
export type At = Move | 'below' | 'above';

/** weight · surplus at a multiple of the price. */
export interface Term {
  readonly formula: SurplusFormula;
  readonly at: At;
  readonly weight: Ratio;
}

export const termsOf = (formula: SurplusFormula, at: At, buffer: readonly Term[]): Term[] => {
  const surplus: Term = { formula, at, weight: ONE };
  return [surplus, ...buffer].reduce<Term[]>(merged, []).filter(counts);
};

export const counts = ({ weight }: Term): boolean => !isZero(weight);

/** Terms of one surplus at one place count as one, or cancel. */
export function merged(terms: Term[], next: Term): Term[] {
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

export interface Extremes {
  readonly least: Amount;
  readonly most: Amount;
}

export interface Piece {
  readonly quoteUncertainty: Amount;
  extremes(terms: readonly Term[]): Extremes;
  /** The least of a surplus, less its buffer, whose uncertainty ends at `at`. */
  least(formula: SurplusFormula, buffer: readonly Term[], at: At): Amount;
  /** The most of a surplus at a price that is off by the uncertainty, less its buffer. */
  most(formula: SurplusFormula, buffer: readonly Term[]): Amount;
}

const NO_DOUBT: Doubt = { from: ONE, to: ONE };

interface PieceOver {
  readonly width: Width;
  readonly uncertainty: Ratio;
}

export function pieceOf(strand: Strand, { width, uncertainty }: PieceOver): Piece {
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

  least(formula: SurplusFormula, buffer: readonly Term[], at: At): Amount {
    return this.extremes(termsOf(formula, at, buffer)).least;
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

  /** It is not concave: between the ends of the uncertainty it may be lower than at them. */
  least(formula: SurplusFormula, buffer: readonly Term[], at: At): Amount {
    if (at === 'none') return this.extremes(termsOf(formula, at, buffer)).least;
    return this.withinUncertainty(formula, buffer).least;
  }

  most(formula: SurplusFormula, buffer: readonly Term[]): Amount {
    return this.withinUncertainty(formula, buffer).most;
  }

  private withinUncertainty(formula: SurplusFormula, buffer: readonly Term[]): Extremes {
    const surplus: Term = { formula, at: 'none', weight: ONE };
    const { below, above } = this.multiples;
    return this.over([surplus, ...buffer], (term) =>
      term === surplus ? [below, above] : [this.multiples[term.at], this.multiples[term.at]],
    );
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
