import type { Ratio } from '../number/decimal.ts';

/** Charge for an uncertain price: (1 − score)·factor·notional, due while score < threshold. */
export interface ConfidenceCharge {
  readonly of: 'perpetuals' | 'futures' | 'shortOptions' | 'options' | 'collateral';
  /** The confidence score of the price; due when strictly below. */
  readonly threshold: Ratio;
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

/**
 * (threshold − price)·factor·S per unit of underlying in perpetuals, futures and short options, due
 * while the stablecoin's price is below the threshold.
 */
export interface DepegCharge {
  /** Feed of the stablecoin. */
  readonly feed: string;
  readonly threshold: Ratio;
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

export type ChargedIn = 'initial' | 'both';
