import type { OraclePrice, RememberedPrice } from '../market/oracle.ts';
import type { OracleRules } from '../market/policy.ts';
import { type Shocks, shocksIn } from '../market/shock.ts';
import { larger, type Ratio, smaller } from '../number/decimal.ts';
import type { Result } from '../number/reason.ts';
import type { PriceGrid } from './price-grid.ts';

/** A range of multiples of the believed price; it includes 1. */
export interface Doubt {
  readonly from: Ratio;
  readonly to: Ratio;
}

export interface ResolvedPrice extends Omit<OraclePrice, 'doubt' | 'aged'> {
  readonly uncertainty: Ratio;
  /** Absent if the price may be relied on. */
  readonly doubt?: Doubt | undefined;
  /** Widens the doubt when a liquidation is decided. Absent if the price is young. */
  readonly aged?: Doubt | undefined;
}

export interface FeedState {
  readonly feed: string;
  readonly classes: readonly string[];
  readonly factor: Result<RiskFactor>;
  /** Unknown if the feed never had a price. */
  readonly price: Result<ResolvedPrice>;
  /** For the next check. */
  readonly memory?: RememberedPrice | undefined;
}

export interface RiskFactor extends Shocks {
  readonly feed: string;
  /** Annual: requirements, trading costs and the price's uncertainty follow it. */
  readonly volatility: Ratio;
  readonly initialVolatility: Ratio;
  /** The exhaustible buffer follows it. */
  readonly bufferVolatility: Ratio;
  /** Annual: of the latency shock. */
  readonly shockVolatility: Ratio;
  readonly radiusScale: Ratio;
  /** Absent if its price is unknown. */
  readonly grid?: PriceGrid | undefined;
  /** Spans the doubt of its price. Absent without doubt. */
  readonly wideGrid?: PriceGrid | undefined;
  /** For the quotes of options on it. */
  readonly rules: OracleRules;
}

export interface Quoted {
  readonly factor: RiskFactor;
  readonly price: MovingPrice;
}

/** With the shocks of the risk factor that moves it. */
export interface MovingPrice extends ResolvedPrice, Shocks {
  /** Annual: of the latency shock. */
  readonly volatility: Ratio;
}

export const movingWith = (factor: RiskFactor): Shocks & Pick<MovingPrice, 'volatility'> => ({
  ...shocksIn(factor),
  volatility: factor.shockVolatility,
});

/** Believed alone, or with the range of an aged price too, as a liquidation needs it. */
export type Width = 'doubt' | 'aged';

type Doubtful = Pick<ResolvedPrice, 'doubt' | 'aged'>;

/** The hull over all prices. Undefined if none is in doubt. */
export function doubtOf(prices: readonly Doubtful[], width: Width): Doubt | undefined {
  const each = prices.flatMap(({ doubt, aged }) =>
    [doubt, width === 'aged' ? aged : undefined].filter((range) => range !== undefined),
  );
  if (each.length === 0) return undefined;
  return each.reduce((left, right) => ({
    from: smaller(left.from, right.from),
    to: larger(left.to, right.to),
  }));
}

export const isInDoubt = ({ doubt, aged }: Doubtful): boolean =>
  doubt !== undefined || aged !== undefined;
