/** A feed at one check: its price, how far off that may be, and how far it may move. */

import type { OraclePrice } from '../market/oracle.ts';
import type { OracleRules } from '../market/policy.ts';
import type { Shocks } from '../market/shock.ts';
import type { Ratio } from '../number/decimal.ts';
import type { Result } from '../number/reason.ts';
import type { PriceGrid } from './price-grid.ts';

export interface ResolvedPrice extends OraclePrice {
  readonly uncertainty: Ratio;
}

export interface FeedState {
  readonly feed: string;
  readonly classes: readonly string[];
  readonly factor: Result<RiskFactor>;
  readonly price: Result<ResolvedPrice>;
}

/** A feed as something that moves, by no more than Λ until a breach is closed out. */
export interface RiskFactor extends Shocks {
  readonly feed: string;
  /** σ used: annual. */
  readonly volatility: Ratio;
  /** σ as the initial requirement sees it: it may rise only so fast. */
  readonly initialVolatility: Ratio;
  readonly radiusScale: Ratio;
  /** Where options on it are revalued; absent when its price is not known. */
  readonly grid?: PriceGrid | undefined;
  /** Which options' own quotes are read by. */
  readonly rules: OracleRules;
}

/** What gives the price of a holding, and what moves it. */
export interface Quoted {
  readonly factor: RiskFactor;
  readonly price: MovingPrice;
}

/** A price, with the volatility and the latency shocks of the risk factor that moves it. */
export interface MovingPrice extends ResolvedPrice, Shocks {
  readonly volatility: Ratio;
}
