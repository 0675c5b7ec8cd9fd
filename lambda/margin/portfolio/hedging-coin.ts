/**
 * A coin with a price of its own that is revalued with the book of another underlying. Its value is
 * in that book's scan as it is now. When its own price moves by a share, the scan's requirement
 * changes by no more than this share of the value times the steepest row: that is the slack here.
 */

import type { Point } from '../curve/figure.ts';
import { type NonLinearPart, type NonLinearSegment, spansOf } from '../curve/non-linear-part.ts';
import type { PriceGrid } from '../curve/price-grid.ts';
import { ZERO_SEGMENT } from '../curve/segment.ts';
import { type Amount, approximately, NO_AMOUNT } from '../number/decimal.ts';
import type { ClassTerms } from './class-terms.ts';
import { steepestMove } from './requirement.ts';

export interface HedgingCoin {
  /** In the numeraire; negative if owed. */
  readonly value: Amount;
  readonly ofClass: ClassTerms;
}

export class HedgingCoinPart implements NonLinearPart {
  readonly now: Point = {
    equity: NO_AMOUNT,
    balance: NO_AMOUNT,
    initial: NO_AMOUNT,
    maintenance: NO_AMOUNT,
  };
  readonly quoteUncertainty = NO_AMOUNT;
  readonly magnitude: number;

  constructor(coins: readonly HedgingCoin[]) {
    this.magnitude = coins.reduce((sum, { value, ofClass }) => {
      return sum + Math.abs(approximately(value)) * steepestMove(ofClass);
    }, 0);
  }

  segmentsOver(grid: PriceGrid): NonLinearSegment[] {
    return spansOf(grid).map(({ left, right }) => ({
      equity: ZERO_SEGMENT,
      balance: ZERO_SEGMENT,
      initial: [ZERO_SEGMENT],
      maintenance: [ZERO_SEGMENT],
      slack: this.magnitude * Math.max(Math.abs(left - 1), Math.abs(right - 1)),
    }));
  }
}
