/** The figures of a sub-account's parts, which add up to those of its whole book. */
import { bufferOf, shockCrosses, totalOf } from '../assess/figures.ts';
import { overMaintenance } from '../assess/formulas.ts';
import type { Book } from '../book/book.ts';
import { curveAtMark, latencyLoss } from '../curve/curve-at-mark.ts';
import { addPoints, type Loss, lossOf, type Point } from '../curve/figure.ts';
import type { Policy } from '../market/policy.ts';
import { type Amount, add, NO_AMOUNT } from '../number/decimal.ts';
import { liabilitiesOf } from './exit-buffer.ts';
import { addEarned, type Earned, NOTHING_EARNED } from './fill.ts';

export interface PartFigures {
  readonly total: Point;
  /** On the factors that only this part has, summed. */
  readonly loss: Loss;
  /** By factor that other parts have, too. */
  readonly sharedLosses: ReadonlyMap<string, Loss>;
  readonly crosses: Amount;
  /** Zero where the policy has no exit buffer. */
  readonly liabilities: Amount;
  /** In assets of the common part. */
  readonly earned: Earned;
}

const NO_LOSS: Loss = { down: NO_AMOUNT, up: NO_AMOUNT, worst: NO_AMOUNT };
const NO_LOSSES: ReadonlyMap<string, Loss> = new Map();

/** @param own the factor of which no other part has rows; absent for the common part */
export function figuresOf(book: Book, policy: Policy, own?: string): PartFigures {
  const overLiquidation = overMaintenance(policy.liquidationMultiplier);
  const points: Point[] = [];
  let loss = NO_LOSS;
  const sharedLosses = new Map<string, Loss>();
  for (const curve of book.curves) {
    const atMark = curveAtMark(curve);
    points.push(atMark.now);
    const ofCurve = latencyLoss(atMark, overLiquidation);
    if (curve.factor === own) loss = ofCurve;
    else sharedLosses.set(curve.factor, ofCurve);
  }
  return {
    total: totalOf(book, points),
    loss,
    sharedLosses: sharedLosses.size === 0 ? NO_LOSSES : sharedLosses,
    crosses: shockCrosses(book),
    liabilities: policy.liquidationExitBuffer === undefined ? NO_AMOUNT : liabilitiesOf(book),
    earned: NOTHING_EARNED,
  };
}

export const addFigures = (left: PartFigures, right: PartFigures): PartFigures => ({
  total: addPoints(left.total, right.total),
  loss: addLosses(left.loss, right.loss),
  sharedLosses: addSharedLosses(left.sharedLosses, right.sharedLosses),
  crosses: add(left.crosses, right.crosses),
  liabilities: add(left.liabilities, right.liabilities),
  earned: addEarned(left.earned, right.earned),
});

/** Of different factors. */
export const addLosses = (left: Loss, right: Loss): Loss => ({
  down: add(left.down, right.down),
  up: add(left.up, right.up),
  worst: add(left.worst, right.worst),
});

/** One factor's losses add up for each side of the move; the worse side is that of the sums. */
function addSharedLosses(
  left: PartFigures['sharedLosses'],
  right: PartFigures['sharedLosses'],
): PartFigures['sharedLosses'] {
  if (left.size === 0) return right;
  if (right.size === 0) return left;
  const sum = new Map(left);
  for (const [factor, loss] of right) {
    const before = sum.get(factor) ?? NO_LOSS;
    sum.set(factor, lossOf(add(before.down, loss.down), add(before.up, loss.up)));
  }
  return sum;
}

/** LB of all parts together. */
export const latencyBufferOf = (all: PartFigures, policy: Policy): Amount =>
  add(bufferOf([all.loss, ...all.sharedLosses.values()], policy.jointShockWeight), all.crosses);
