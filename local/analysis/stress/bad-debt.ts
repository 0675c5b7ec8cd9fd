/**
 * The bad debt of all sub-accounts by common move, Σ max(0, −equity). Linear books form one
 * piecewise linear function; other books are evaluated at a move, or bounded between two.
 */

import {
  type Equity,
  equityAt,
  isStraight,
  shortfallOf,
} from '../../../lambda/margin/book/equity.ts';
import { ROUNDING } from '../../../lambda/margin/curve/segment.ts';
import {
  type Amount,
  absolute,
  add,
  approximately,
  asAmount,
  asRatio,
  isAbove,
  isBelow,
  isNegative,
  negate,
  ONE,
  type Ratio,
  ratioOfCount,
  roundDown,
  ZERO,
} from '../../../lambda/margin/number/decimal.ts';
import { SAFE_RADIUS_MAX, SAFE_RADIUS_PLACES } from '../../../lambda/margin/number/limits.ts';
import { BadDebtSide } from './bad-debt-side.ts';
import { CommonMove } from './common-move.ts';
import { MoveSegment, type MoveSpan } from './move-segment.ts';

const WIDEST_RISE = ratioOfCount(SAFE_RADIUS_MAX);

/** Distances; undefined where the fund is enough up to a fall of 100 % or a rise of 1,000 %. */
export interface Survived {
  readonly fall?: Ratio | undefined;
  readonly rise?: Ratio | undefined;
}

/** A ring that the fund is enough for makes the next wider, else narrower. */
const FIRST_RING = 0.02;
const WIDER = 1.5;
const NARROWER = 0.25;
const NARROWEST = 1e-5;
const RING_PLACES = 4;

export class BadDebt {
  private readonly falls = new BadDebtSide(negate(ONE), ONE);
  private readonly rises = new BadDebtSide(ONE, WIDEST_RISE);
  private readonly nonLinear: Equity[] = [];

  add(equity: Equity): void {
    if (!isStraight(equity)) {
      this.nonLinear.push(equity);
      return;
    }
    this.falls.add(equity);
    this.rises.add(equity);
  }

  /** Non-linear equity has no kinks, and no roots to solve for. */
  get nonLinearCount(): number {
    return this.nonLinear.length;
  }

  at(move: Ratio): Amount {
    const straight = this.sideOf(move).at(absolute(move));
    if (this.nonLinear.length === 0) return straight;
    const common = new CommonMove(move);
    return this.nonLinear
      .map((equity) => shortfallOf(equityAt(equity, common)))
      .reduce(add, straight);
  }

  private sideOf(move: Ratio): BadDebtSide {
    return isNegative(move) ? this.falls : this.rises;
  }

  /** Kinks of the linear books, strictly between, rising. */
  kinksBetween(low: Ratio, high: Ratio): Ratio[] {
    const movesOf = (side: BadDebtSide): Ratio[] =>
      side.pieces.slice(1).map(({ from }) => side.moveOf(from));
    const moves = [...movesOf(this.falls).reverse(), ...movesOf(this.rises)];
    return moves.filter((move) => isAbove(move, low) && isBelow(move, high));
  }

  /**
   * Rounded down; undefined if the fund is not enough at current prices. Exact for linear books.
   * Otherwise bad debt is bounded from above over rings of moves, outward from the current prices:
   * the inner edge of the first narrow ring that the fund is not shown to be enough for.
   */
  survivedBy(fund: Amount): Survived | undefined {
    if (isAbove(this.at(ZERO), fund)) return undefined;
    return { fall: this.farthest(this.falls, fund), rise: this.farthest(this.rises, fund) };
  }

  private farthest(side: BadDebtSide, fund: Amount): Ratio | undefined {
    if (this.nonLinear.length > 0) return this.farthestRing(side, fund);
    const distance = side.farthestWithin(fund);
    return distance && roundDown(distance, SAFE_RADIUS_PLACES);
  }

  private farthestRing(side: BadDebtSide, fund: Amount): Ratio | undefined {
    const reach = approximately(side.reach);
    let inner = 0;
    let width = FIRST_RING;
    while (inner < reach && width >= NARROWEST) {
      const outer = Math.min(reach, inner + width);
      if (isAbove(this.highestOver(side, { from: inner, to: outer }), fund)) width *= NARROWER;
      else {
        inner = outer;
        width *= WIDER;
      }
    }
    return inner < reach ? roundDown(asRatio(inner), RING_PLACES) : undefined;
  }

  /** Upper bound. */
  private highestOver(side: BadDebtSide, { from, to }: Pick<MoveSpan, 'from' | 'to'>): Amount {
    const segment = new MoveSegment({ from, to, sign: side === this.falls ? -1 : 1 });
    let most = 0;
    for (const equity of this.nonLinear) most += Math.max(0, -segment.lowestOf(equity));
    return add(side.highestIn(asRatio(from), asRatio(to)), asAmount(most * (1 + ROUNDING)));
  }
}
