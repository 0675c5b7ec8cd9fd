import type { Amount, Ratio } from '../number/decimal.ts';
import type { Opening } from './opening.ts';

/** Rules by which a liquidator repays a loan and receives collateral; ../liquidation/loan-swap.ts. */
export interface LoanSwap {
  /** b: collateral worth 1 + b for each 1 repaid. */
  readonly bonus: Opening;
  readonly amount: 'needed' | 'most';
  /** Most of all loans that one plan repays. */
  readonly closeFactor: Ratio;
  /** It does not apply at or below this health. Absent: it always applies. */
  readonly wholeBelowHealth?: Ratio | undefined;
  /** It does not apply to a loan or a collateral worth less. */
  readonly wholeBelow: Amount;
  /** A swap leaves this of its loan and of its collateral, or nothing of one of them. */
  readonly leastLeft: Amount;
}
