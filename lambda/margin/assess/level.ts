/** A line is breached only strictly below it. */

import type { Range } from '../curve/figure.ts';
import { isNegative } from '../number/decimal.ts';

export type Level = 'healthy' | 'call' | 'liquidation' | 'deficit';

export interface Standing {
  readonly level: Level;
  readonly certainty: 'certain' | 'uncertain';
  readonly isLiquidationWithheld: boolean;
}

export interface StandingInput {
  readonly surplus: { readonly liquidation: Range; readonly call: Range };
  readonly equity: Range;
  /** Every needed price is fresh and none is suspect. */
  readonly mayAct: boolean;
}

/**
 * The first condition that holds gives the level:
 * - liquidation surplus high < 0, and `mayAct`: liquidation, or deficit if equity high < 0
 * - liquidation surplus point < 0: call, liquidation withheld
 * - call surplus point < 0, or liquidation surplus low < 0: call
 * - otherwise: healthy
 *
 * Certain: no price within its uncertainty would change the level.
 */
export function levelOf({ surplus, equity, mayAct }: StandingInput): Standing {
  const { liquidation, call } = surplus;
  if (isNegative(liquidation.high) && mayAct) {
    const level = isNegative(equity.high) ? 'deficit' : 'liquidation';
    return { level, certainty: 'certain', isLiquidationWithheld: false };
  }
  if (isNegative(liquidation.point)) {
    return { level: 'call', certainty: 'uncertain', isLiquidationWithheld: true };
  }
  if (isNegative(call.point) || isNegative(liquidation.low)) {
    const isCertain = isNegative(call.high) && !isNegative(liquidation.low);
    const certainty = isCertain ? 'certain' : 'uncertain';
    return { level: 'call', certainty, isLiquidationWithheld: false };
  }
  const certainty = isNegative(call.low) ? 'uncertain' : 'certain';
  return { level: 'healthy', certainty, isLiquidationWithheld: false };
}
