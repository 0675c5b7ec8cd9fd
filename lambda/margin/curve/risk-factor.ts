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

export interface RiskFactor extends Shocks {
  readonly feed: string;
  /** Annual. */
  readonly volatility: Ratio;
  readonly initialVolatility: Ratio;
  readonly radiusScale: Ratio;
  /** Absent if its price is unknown. */
  readonly grid?: PriceGrid | undefined;
  /** For the quotes of options on it. */
  readonly rules: OracleRules;
}

export interface Quoted {
  readonly factor: RiskFactor;
  readonly price: MovingPrice;
}

/** With the shocks of the risk factor that moves it. */
export interface MovingPrice extends ResolvedPrice, Shocks {
  readonly volatility: Ratio;
}
