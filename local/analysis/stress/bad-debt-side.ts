/**
 * The bad debt of linear books, Σ max(0, −E), by how far all prices fall, or rise. Piecewise
 * linear, so every value and root is exact. Summed from the current price outward: where nobody
 * owes, nothing has been added.
 */

import type { Equity } from '../../../lambda/margin/book/equity.ts';
import { heightOf, type Line } from '../../../lambda/margin/curve/curve.ts';
import {
  type Amount,
  add,
  compare,
  isAbove,
  isAtLeast,
  isBelow,
  isNegative,
  isPositive,
  isZero,
  larger,
  NO_AMOUNT,
  negate,
  ONE,
  type Ratio,
  ratioBetween,
  smaller,
  times,
  ZERO,
} from '../../../lambda/margin/number/decimal.ts';

/** A line added to the bad debt from `at` on. */
interface Turn extends Line {
  readonly at: Ratio;
}

export interface Piece {
  readonly from: Ratio;
  readonly to: Ratio;
  readonly line: Line;
}

const NO_LINE: Line = { constant: NO_AMOUNT, slope: NO_AMOUNT };

const minus = ({ constant, slope }: Line): Line => ({
  constant: negate(constant),
  slope: negate(slope),
});

export class BadDebtSide {
  private readonly sign: Ratio;
  /** Farthest distance covered. */
  readonly reach: Ratio;
  private base: Line = NO_LINE;
  private readonly turns: Turn[] = [];
  private known: readonly Piece[] | undefined;

  /** @param sign −1 for falls, 1 for rises */
  constructor(sign: Ratio, reach: Ratio) {
    this.sign = sign;
    this.reach = reach;
  }

  /** @param equity without options or cross terms */
  add(equity: Equity): void {
    this.known = undefined;
    for (const piece of piecesOf(equity, this)) this.addPiece(piece);
  }

  private addPiece({ from, to, line }: Piece): void {
    const start = heightOf(line, from);
    const isUnder = isNegative(start);
    if (!isUnder && !isNegative(line.slope)) return;
    const root = isZero(line.slope) ? to : ratioBetween(negate(line.constant), line.slope);
    if (isUnder) {
      this.turn(from, minus(line));
      this.turn(isPositive(line.slope) ? smaller(root, to) : to, line);
    } else if (isBelow(root, to)) {
      this.turn(root, minus(line));
      this.turn(to, line);
    }
  }

  private turn(at: Ratio, { constant, slope }: Line): void {
    if (isAtLeast(at, this.reach)) return;
    if (isZero(at)) this.base = plus(this.base, { constant, slope });
    else this.turns.push({ at, constant, slope });
  }

  get pieces(): readonly Piece[] {
    this.known ??= this.summed();
    return this.known;
  }

  private summed(): Piece[] {
    const turns = this.turns.toSorted((left, right) => compare(left.at, right.at));
    const pieces: { from: Ratio; line: Line }[] = [{ from: ZERO, line: this.base }];
    for (const turn of turns) {
      const last = pieces.at(-1) as (typeof pieces)[number];
      if (compare(last.from, turn.at) === 0) last.line = plus(last.line, turn);
      else pieces.push({ from: turn.at, line: plus(last.line, turn) });
    }
    return pieces.map((piece, index) => ({ ...piece, to: pieces[index + 1]?.from ?? this.reach }));
  }

  at(distance: Ratio): Amount {
    return heightIn(this.pieces[this.placeOf(distance)] as Piece, distance);
  }

  highestIn(from: Ratio, to: Ratio): Amount {
    const inside = this.pieces.slice(this.placeOf(from) + 1, this.placeOf(to) + 1);
    const kinks = inside.map((piece) => heightIn(piece, piece.from));
    return [this.at(to), ...kinks].reduce(larger, this.at(from));
  }

  private placeOf(distance: Ratio): number {
    let [low, high] = [0, this.pieces.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (isAbove((this.pieces[middle] as Piece).from, distance)) high = middle;
      else low = middle;
    }
    return low;
  }

  /** Undefined if the fund is always enough. */
  farthestWithin(fund: Amount): Ratio | undefined {
    for (const { from, to, line } of this.pieces) {
      if (isAbove(heightOf(line, from), fund)) return from;
      if (!isAbove(heightOf(line, to), fund)) continue;
      const root = ratioBetween(add(fund, negate(line.constant)), line.slope);
      return larger(from, smaller(root, to));
    }
    return undefined;
  }

  moveOf(distance: Ratio): Ratio {
    return times(distance, this.sign);
  }
}

const heightIn = ({ line }: Piece, distance: Ratio): Amount =>
  larger(NO_AMOUNT, heightOf(line, distance));

const plus = (left: Line, right: Line): Line => ({
  constant: add(left.constant, right.constant),
  slope: add(left.slope, right.slope),
});

/** Equity by distance. In a fall, a factor with scale s > 1 reaches 0 at 1/s and stays there. */
function piecesOf({ constant, lines }: Equity, side: BadDebtSide): Piece[] {
  const moving = lines.map(({ slope, factor: { radiusScale } }) => {
    const perMove = side.moveOf(radiusScale);
    const floor = isNegative(perMove) ? ratioBetween(ONE, radiusScale) : side.reach;
    return { line: { constant: slope, slope: times(slope, perMove) }, floor };
  });
  const floors = moving.map(({ floor }) => floor).filter((at) => isBelow(at, side.reach));
  const places = [ZERO, ...floors.sort(compare), side.reach];
  return places.slice(1).flatMap((to, index) => {
    const from = places[index] as Ratio;
    if (!isBelow(from, to)) return [];
    const held = moving.filter(({ floor }) => isAtLeast(floor, to)).map(({ line }) => line);
    return { from, to, line: held.reduce(plus, { constant, slope: NO_AMOUNT }) };
  });
}
