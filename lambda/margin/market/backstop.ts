import type { Ratio } from '../number/decimal.ts';

/** Who takes positions that a market should not; ../liquidation/backstop.ts. */
export interface Backstop {
  /** A share of ℓ·MM. */
  readonly below: Ratio;
  readonly price: 'mark' | 'bankruptcy';
}
