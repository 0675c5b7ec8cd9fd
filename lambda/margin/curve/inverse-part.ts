/**
 * Requirement of inverse contracts whose rate grows with their size. Their notional is fixed and
 * their size in coin is notional ÷ price, so the requirement falls as the price rises.
 */

import {
  type MarginRule,
  type RatePair,
  type Requirement,
  requirementOf,
  scaledSchedule,
  scheduleFor,
} from '../market/schedule.ts';
import {
  type Amount,
  approximately,
  asRatio,
  divide,
  NO_AMOUNT,
  type Ratio,
  sumOf,
} from '../number/decimal.ts';
import type { Point } from './figure.ts';
import { type NonLinearPart, type NonLinearSegment, spansOf } from './non-linear-part.ts';
import type { PriceGrid } from './price-grid.ts';
import { between, type Segment, ZERO_SEGMENT } from './segment.ts';

export interface SizedInverse {
  readonly notional: Amount;
  /** In coin, at the current price. */
  readonly size: Ratio;
  readonly rule: MarginRule;
  readonly scale: RatePair;
}

export class InversePart implements NonLinearPart {
  private readonly contracts: readonly SizedInverse[];
  readonly now: Point;
  readonly quoteUncertainty = NO_AMOUNT;
  readonly magnitude: number;

  constructor(contracts: readonly SizedInverse[]) {
    this.contracts = contracts;
    this.now = {
      equity: NO_AMOUNT,
      balance: NO_AMOUNT,
      ...requiredOf(contracts.map((contract) => requirementAt(contract, contract.size))),
    };
    this.magnitude = contracts.reduce((sum, { notional }) => sum + approximately(notional), 0);
  }

  /** The requirement only falls, but a cap bends it and a rate that is cut makes steps. */
  segmentsOver(grid: PriceGrid): NonLinearSegment[] {
    const at = grid.multiples.map((multiple) => {
      const nearest = asRatio(Math.max(multiple, LEAST));
      return requiredOf(
        this.contracts.map((each) => requirementAt(each, divide(each.size, nearest))),
      );
    });
    return spansOf(grid).map(({ index }) => {
      const over = (kind: keyof Requirement): Segment => {
        const [left, right] = [at[index], at[index + 1]].map((due) =>
          approximately((due as Requirement)[kind]),
        ) as [number, number];
        return between({ left, right }, { lowest: right, highest: left });
      };
      return {
        equity: ZERO_SEGMENT,
        balance: ZERO_SEGMENT,
        initial: [over('initial')],
        maintenance: [over('maintenance')],
        slack: 0,
      };
    });
  }
}

/** The size would be infinite at 0. */
const LEAST = 1e-9;

function requirementAt({ notional, rule, scale }: SizedInverse, size: Ratio): Requirement {
  return requirementOf(scaledSchedule(scheduleFor(rule, { size }), scale), notional);
}

const requiredOf = (due: readonly Requirement[]): Requirement => ({
  initial: sumOf(due.map(({ initial }) => initial)),
  maintenance: sumOf(due.map(({ maintenance }) => maintenance)),
});
