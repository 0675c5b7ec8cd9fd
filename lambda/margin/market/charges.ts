import type { Ratio } from '../number/decimal.ts';

/** (1 − score)·factor·notional for an uncertain price, due while score < threshold. */
export interface ConfidenceCharge {
  readonly of: 'perpetuals' | 'futures' | 'shortOptions' | 'options' | 'collateral';
  readonly threshold: Ratio;
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

/**
 * (threshold − price)·factor·S, while above 0, per unit of underlying in perpetuals, futures and
 * short options.
 */
export interface DepegCharge {
  readonly feed: string;
  readonly threshold: Ratio;
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

export type ChargedIn = 'initial' | 'both';
