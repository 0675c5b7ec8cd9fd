/**
 * What the ranges of the figures allow to say. A line is breached only strictly below it. The first
 * row that holds is the verdict:
 *
 *     0  nothing is held but a debt below `leastClaim`                    healthy
 *     1  liquidation agedHigh < 0                                         liquidation, or deficit
 *     3  call low ≥ 0                                                     healthy, certain
 *     4  call least ≥ 0 and liquidation low ≥ 0                           healthy, uncertain
 *     5  call most < 0, or liquidation low < 0 at every price of doubt    call
 *     6  otherwise                                                        indeterminate
 *
 * Row 2, a call that has expired, is decided with the case (../case/liquidation-due.ts).
 */

import { type Bound, isSurelyNegative, isSurelyNotNegative } from '../curve/figure.ts';
import type { Figure } from './figures.ts';

export type Level = 'healthy' | 'call' | 'liquidation' | 'deficit';

export type Verdict =
  | {
      readonly level: Level;
      /** No price within its doubt and uncertainty would change the level. */
      readonly certainty: 'certain' | 'uncertain';
      readonly isLiquidationWithheld: boolean;
    }
  | { readonly certainty: 'indeterminate' };

export interface VerdictInput {
  readonly surplus: { readonly liquidation: Figure; readonly call: Figure };
  readonly equity: Figure;
  /** Nothing is held but a debt below `leastClaim`. */
  readonly isDust: boolean;
}

export function verdictOf({ surplus, equity, isDust }: VerdictInput): Verdict {
  const { liquidation, call } = surplus;
  if (isDust) return healthy('certain');
  if (isSurelyNegative(liquidation.agedHigh)) {
    const level = isSurelyNegative(equity.agedHigh) ? 'deficit' : 'liquidation';
    return { level, certainty: 'certain', isLiquidationWithheld: false };
  }
  if (isSurelyNotNegative(call.low)) return healthy('certain');
  const isAboveLiquidation = isSurelyNotNegative(liquidation.low);
  if (isSurelyNotNegative(call.least) && isAboveLiquidation) return healthy('uncertain');
  if (isSurelyNegative(call.most) || isSurelyNegative(liquidation.mostLow)) {
    const isCertain = isSurelyNegative(call.high) && isAboveLiquidation;
    const certainty = isCertain ? 'certain' : 'uncertain';
    return { level: 'call', certainty, isLiquidationWithheld: mayBeBelow(liquidation.least) };
  }
  return { certainty: 'indeterminate' };
}

const healthy = (certainty: 'certain' | 'uncertain'): Verdict => ({
  level: 'healthy',
  certainty,
  isLiquidationWithheld: false,
});

const mayBeBelow = (least: Bound): boolean => !isSurelyNotNegative(least);
