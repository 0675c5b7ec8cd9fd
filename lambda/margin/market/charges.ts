/** What a class charges on top of its model. */
import type { Ratio } from '../number/decimal.ts';

/** What is charged besides the model, for doubt about a price or a settlement coin. */
export interface ConfidenceCharge {
  /** What it is due on. */
  readonly of: 'perpetuals' | 'futures' | 'shortOptions' | 'options' | 'collateral';
  /** Due when the confidence score of a price is strictly below it. */
  readonly threshold: Ratio;
  /** (1 − score)·factor·notional. */
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

/** (threshold − price)·factor·S for each unit of perpetual or future, and of short option. */
export interface DepegCharge {
  /** The stablecoin's. */
  readonly feed: string;
  readonly threshold: Ratio;
  readonly factor: Ratio;
  readonly in: ChargedIn;
}

/** The initial requirement alone, or both. */
export type ChargedIn = 'initial' | 'both';
