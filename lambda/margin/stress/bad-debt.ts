/**
 * The bad debt of a whole book as a function of a common move: Σ over sub-accounts of max(0, −equity).
 * Of straight books it is kept as one piecewise linear function; what bends is kept by itself, and
 * evaluated at whatever move is asked for.
 */
import {
  type Amount,
  absolute,
  add,
  isAbove,
  isBelow,
  isNegative,
  negate,
  ONE,
  type Ratio,
  ratio,
  ratioOfCount,
  roundDown,
  times,
  ZERO,
} from '../decimal.ts';
import { SAFE_RADIUS_MAX, SAFE_RADIUS_PLACES } from '../limits.ts';
import { BadDebtSide } from './bad-debt-side.ts';
import { CommonMove } from './common-move.ts';
import { type Equity, equityAt, isStraight, shortfallOf } from './equity.ts';

/** A fall of all of a price, a rise of 1,000 %: no farther is looked. */
const WIDEST_RISE = ratioOfCount(SAFE_RADIUS_MAX);

/** The largest fall and rise that a fund is enough for, as distances; absent: any that is looked at. */
export interface Survived {
  readonly fall?: Ratio | undefined;
  readonly rise?: Ratio | undefined;
}

export class BadDebt {
  private readonly falls = new BadDebtSide(negate(ONE), ONE);
  private readonly rises = new BadDebtSide(ONE, WIDEST_RISE);
  private readonly bent: Equity[] = [];

  add(equity: Equity): void {
    if (!isStraight(equity)) {
      this.bent.push(equity);
      return;
    }
    this.falls.add(equity);
    this.rises.add(equity);
  }

  /** Sub-accounts whose equity bends: they have no kinks, and no roots that can be solved for. */
  get bentCount(): number {
    return this.bent.length;
  }

  at(move: Ratio): Amount {
    const straight = this.sideOf(move).at(absolute(move));
    if (this.bent.length === 0) return straight;
    const common = new CommonMove(move);
    return this.bent.map((equity) => shortfallOf(equityAt(equity, common))).reduce(add, straight);
  }

  private sideOf(move: Ratio): BadDebtSide {
    return isNegative(move) ? this.falls : this.rises;
  }

  /** Strictly between two moves, rising: where the line of the straight books has a kink. */
  kinksBetween(low: Ratio, high: Ratio): Ratio[] {
    const movesOf = (side: BadDebtSide): Ratio[] =>
      side.pieces.slice(1).map(({ from }) => side.moveOf(from));
    const moves = [...movesOf(this.falls).reverse(), ...movesOf(this.rises)];
    return moves.filter((move) => isAbove(move, low) && isBelow(move, high));
  }

  /**
   * Rounded to the safe side. Undefined when the fund is not enough as prices are. Where nothing bends
   * both are solved; elsewhere the first move that is too much is looked for step by step, and closed
   * in on by halves.
   */
  survivedBy(fund: Amount): Survived | undefined {
    if (isAbove(this.at(ZERO), fund)) return undefined;
    return { fall: this.farthest(this.falls, fund), rise: this.farthest(this.rises, fund) };
  }

  private farthest(side: BadDebtSide, fund: Amount): Ratio | undefined {
    if (this.bent.length > 0) {
      return farthestTick(side.reach, (distance) => isAbove(this.at(side.moveOf(distance)), fund));
    }
    const distance = side.farthestWithin(fund);
    return distance && roundDown(distance, SAFE_RADIUS_PLACES);
  }
}

/** A ten-thousandth. */
const TICK = ratio('0.0001');
const TICKS_OF_ONE = 10_000;
/** How many ticks lie between two looks: a hundredth of the price, and beyond twice the price a tenth. */
const NEAR_STEP = 100;
const FAR_STEP = 1000;

/** @returns the last tick before the first step that is too much; undefined when none is */
function farthestTick(reach: Ratio, isTooMuch: (distance: Ratio) => boolean): Ratio | undefined {
  const distanceOf = (ticks: number): Ratio => times(TICK, ratioOfCount(ticks));
  let within = 0;
  let beyond = 0;
  while (isBelow(distanceOf(beyond), reach) && !isTooMuch(distanceOf(beyond))) {
    within = beyond;
    beyond += beyond < TICKS_OF_ONE ? NEAR_STEP : FAR_STEP;
  }
  if (!isBelow(distanceOf(beyond), reach) && !isTooMuch(distanceOf(beyond))) return undefined;
  while (beyond - within > 1) {
    const middle = (within + beyond) >> 1;
    if (isTooMuch(distanceOf(middle))) beyond = middle;
    else within = middle;
  }
  return distanceOf(within);
}
