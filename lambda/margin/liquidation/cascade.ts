/**
 * The cascade gauge: the notional, by market, that would go into liquidation if one price moved by
 * 1 % and all others stayed. A book that the move takes below its liquidation line counts with all
 * notional that the move hurts: longs and short puts after a fall, the other side after a rise.
 * Collateral and loans count in the market of their asset.
 *
 * On a piecewise linear curve the buffer is recomputed at the moved price. On a non-linear one it
 * stays, and the surplus is its lower bound within 0.01 % of the moved price: the gauge errs high.
 */
import { bufferOf, shockCrosses } from '../assess/figures.ts';
import { overMaintenance } from '../assess/formulas.ts';
import type { Book } from '../book/book.ts';
import { type Exposure, exposuresByFactor, MOVES, type Move } from '../book/exposures.ts';
import { type Curve, downBy, pointAt, upBy } from '../curve/curve.ts';
import { type CurveAtMark, curveAtMark, latencyLoss } from '../curve/curve-at-mark.ts';
import { type Loss, lossOf, type SurplusFormula, surplusAt } from '../curve/figure.ts';
import { ONE_PERCENT_GRID } from '../curve/price-grid.ts';
import { SegmentBounds } from '../curve/segment-bounds.ts';
import type { Policy } from '../market/policy.ts';
import {
  type Amount,
  absolute,
  add,
  approximately,
  asAmount,
  isAtLeast,
  isNegative,
  larger,
  negate,
  type Ratio,
  ratio,
  subtract,
  times,
} from '../number/decimal.ts';
import { addLosses } from './part-figures.ts';
import { SumTree } from './sum-tree.ts';

const MOVE = ratio('0.01');
const MOVED = { fall: downBy(MOVE), rise: upBy(MOVE) } as const;

/** They end at the moved prices. */
const SEGMENTS = { fall: { from: 0, to: 1 }, rise: { from: 3, to: 4 } } as const;

/** All of an exposure that the move hurts, of a book that the move liquidates. */
export type LiquidatedByMove = Exposure;

/** One factor's surplus over the liquidation line, and its shock loss. */
interface Share {
  readonly height: Amount;
  readonly loss: Loss;
}

export function liquidatedByMove(book: Book, policy: Policy): LiquidatedByMove[] {
  const formula = overMaintenance(policy.liquidationMultiplier);
  const atMarks = book.curves.map(curveAtMark);
  const shares = atMarks.map((atMark) => shareOf(atMark, formula));
  const fixed = subtract(surplusAt(book.constant, formula), shockCrosses(book));
  const isBreached = ({ height, loss }: Share): boolean => {
    const buffer = bufferOf([loss], policy.jointShockWeight);
    return isNegative(subtract(add(fixed, height), buffer));
  };
  const sum = new SumTree(shares, addShares);
  if (shares.length === 0 || isBreached(sum.total)) return [];
  const exposures = exposuresByFactor(book);
  return atMarks.flatMap((atMark, index) => {
    const held = exposures.get(atMark.curve.factor) ?? [];
    const moves = MOVES.filter((move) => held.some((each) => each.move === move));
    const share = shares[index] as Share;
    const breaching = moves.filter((move) =>
      isBreached(sum.totalWith(index, movedShare(atMark, { formula, move, share }))),
    );
    return held.filter(({ move }) => breaching.includes(move));
  });
}

const addShares = (left: Share, right: Share): Share => ({
  height: add(left.height, right.height),
  loss: addLosses(left.loss, right.loss),
});

const shareOf = (atMark: CurveAtMark, formula: SurplusFormula): Share => ({
  height: surplusAt(atMark.now, formula),
  loss: latencyLoss(atMark, formula),
});

function movedShare(
  { curve, bounds }: CurveAtMark,
  of: { readonly formula: SurplusFormula; readonly move: Move; readonly share: Share },
): Share {
  const { formula, move, share } = of;
  if (bounds !== undefined) {
    const { lowest } = new SegmentBounds(curve, ONE_PERCENT_GRID).extentOf(formula, SEGMENTS[move]);
    return { height: asAmount(lowest), loss: share.loss };
  }
  const heightAt = (at: Ratio) => surplusAt(pointAt(curve, at), formula);
  const at = MOVED[move];
  const height = heightAt(at);
  const lossTo = (shocked: Ratio) => subtract(height, heightAt(times(at, shocked)));
  return { height, loss: lossOf(lossTo(downBy(curve.shockDown)), lossTo(upBy(curve.shockUp))) };
}

/** 1 % of the slope for the surplus, and at most as much for the loss. */
const TAKEN_AT_MOST = ratio('0.02');

/**
 * Bounds the effect of a 1 % move on a non-linear curve, as a share of all magnitudes, strikes
 * included: twice the loss of a delta of 1 with the steepest requirement of portfolio scenarios.
 */
const BENT_SHARE = 0.05;

/**
 * Whether a 1 % move costs at most `low`, the least surplus over the call line. Most books pass, at
 * one multiplication per curve, and add nothing to the gauge.
 */
export function isSafeAfterMove(
  atMarks: readonly CurveAtMark[],
  low: Amount,
  policy: Policy,
): boolean {
  const formula = overMaintenance(policy.liquidationMultiplier);
  return atMarks.every(
    (atMark) =>
      isAtLeast(low, mostTaken(atMark, formula)) || isHeldByBounds(atMark, { formula, low }),
  );
}

function isHeldByBounds(
  { curve, bounds }: CurveAtMark,
  { formula, low }: { readonly formula: SurplusFormula; readonly low: Amount },
): boolean {
  if (bounds === undefined) return false;
  const moved = new SegmentBounds(curve, ONE_PERCENT_GRID);
  const { highest } = moved.extentAt(formula, ONE_PERCENT_GRID.now);
  const lowest = MOVES.map((move) => moved.extentOf(formula, SEGMENTS[move]).lowest);
  return isAtLeast(low, asAmount(highest - Math.min(...lowest)));
}

function mostTaken(
  { curve, slope, isStraight, bounds }: CurveAtMark,
  formula: SurplusFormula,
): Amount {
  if (bounds !== undefined) return asAmount(BENT_SHARE * sizeOf(curve));
  if (isStraight && curve.margined.every(({ schedule }) => schedule.length === 1)) {
    const rise = surplusAt(slope, formula);
    return times(isNegative(rise) ? negate(rise) : rise, TAKEN_AT_MOST);
  }
  // The move and the shock after it.
  return times(steepest(curve, formula), add(MOVE, times(MOVED.rise, curve.shock)));
}

/** |d balance| + multiple·Σ notional·highest rate + Σ |d line|·larger weight, per unit of x. */
function steepest({ balance, margined, weighed }: Curve, { less }: SurplusFormula): Amount {
  let most = absolute(balance.slope);
  for (const { notional, schedule } of margined) {
    const highest = schedule[schedule.length - 1]?.maintenance ?? schedule[0].maintenance;
    const rate = less === undefined ? highest : times(highest, less.multiple);
    most = add(most, times(notional, rate));
  }
  for (const { line, collateralWeight, liabilityWeight } of weighed) {
    most = add(most, times(absolute(line.slope), larger(collateralWeight, liabilityWeight)));
  }
  return most;
}

function sizeOf({ balance, margined, weighed, nonLinear }: Curve): number {
  const slopes = [balance.slope, ...weighed.map(({ line }) => line.slope)];
  const amounts = [...slopes, ...margined.map(({ notional }) => notional)];
  const parts = (nonLinear?.parts ?? []).map(({ magnitude }) => magnitude);
  return [...amounts.map((each) => Math.abs(approximately(each))), ...parts].reduce(
    (sum, each) => sum + each,
    0,
  );
}
