/**
 * The market in one check, resolved once and shared by every account: for each feed its price, the
 * price's uncertainty, and how far it may move before a breach is closed out.
 */

import { priceGridFor } from '../curve/price-grid.ts';
import type { FeedState, ResolvedPrice } from '../curve/risk-factor.ts';
import {
  classesByFeed,
  type Dynamics,
  dynamicsOf,
  type FeedOfClasses,
} from '../market/dynamics.ts';
import type { Location, Market } from '../market/market.ts';
import { type RememberedPrice, resolvePrice } from '../market/oracle.ts';
import type { CheckOutage } from '../market/outage.ts';
import { phasedClasses } from '../market/phase-in.ts';
import type { Policy } from '../market/policy.ts';
import {
  latencyShock,
  NO_SHOCKS,
  priceUncertainty,
  type Shocks,
  shocksOf,
} from '../market/shock.ts';
import type { MeasuredVolatilities } from '../market/volatility.ts';
import { type Ratio, ZERO } from '../number/decimal.ts';
import { known, type Lookup, type Reason, type Result } from '../number/reason.ts';
import { type AssetTerms, assetTerms } from './asset-terms.ts';
import { instrumentTerms } from './compile-instruments.ts';
import type { InstrumentTerms } from './instrument-terms.ts';

/** `asOf` in milliseconds since 1970. */
export interface Snapshot {
  readonly asOf: number;
  readonly policy: Policy;
  /** Ended by this check; only if the policy gives grace for it. */
  readonly outage?: CheckOutage | undefined;
  readonly feeds: ReadonlyMap<string, FeedState>;
  readonly assets: Lookup<AssetTerms>;
  readonly locations: Lookup<Location>;
  readonly instruments: Lookup<InstrumentTerms>;
}

/** The market as read, and what the previous check left. */
export interface SnapshotInput {
  readonly market: Market;
  readonly asOf: number;
  /** Δ: seconds between two checks. */
  readonly gapSeconds: number;
  /** By feed, from the previous check. */
  readonly previousPrices: ReadonlyMap<string, RememberedPrice>;
  /** A feed without one uses its class's stress volatility and the policy's z. Absent: all do. */
  readonly volatilities?: MeasuredVolatilities | undefined;
  /** Absent: the last check was completed in time. */
  readonly outage?: CheckOutage | undefined;
}

/** Resolves every feed, asset and instrument once. An unknown one is its reason. */
export function takeSnapshot(input: SnapshotInput): Snapshot {
  const { market, asOf, outage } = input;
  const isGraced = outage !== undefined && market.policy.outageGrace === 'moved';
  const states = classesByFeed(market).map((of) => resolveFeed(of, input));
  const feeds = new Map(states.map((state) => [state.feed, state]));
  // Buffer and volatility do not wait: only requirements do.
  const riskClasses = phasedClasses(market.riskClasses, asOf);
  const resolved = { market: { ...market, riskClasses }, feeds, asOf };
  const assets = assetTerms(resolved);
  return {
    asOf,
    policy: market.policy,
    ...(isGraced ? { outage } : {}),
    feeds,
    assets,
    locations: market.locations,
    instruments: instrumentTerms({ ...resolved, assets }),
  };
}

function resolveFeed(of: FeedOfClasses, input: SnapshotInput): FeedState {
  const dynamics = dynamicsOf(of, input.market, input.volatilities?.get(of.feed));
  if (!dynamics.ok) return { ...of, factor: dynamics, price: dynamics };
  const { radiusScale, volatility, initialVolatility, rules } = dynamics.value;
  const shocks = shocksFor(dynamics.value, input);
  const price = priceOf(of.feed, dynamics.value, input);
  const grid = price.ok ? priceGridFor(price.value.uncertainty, shocks) : undefined;
  const factor = {
    feed: of.feed,
    volatility,
    initialVolatility,
    ...shocks,
    radiusScale,
    grid,
    rules,
  };
  return { ...of, factor: known(factor), price };
}

function shocksFor(dynamics: Dynamics, { market, gapSeconds }: SnapshotInput): Shocks {
  const { latencyBuffer, executionSeconds } = market.policy;
  if (latencyBuffer === 'none') return NO_SHOCKS;
  const { down, up } = dynamics.quantiles;
  const shockAt = (quantile: Ratio) =>
    latencyShock({ ...dynamics, quantile, gapSeconds, executionSeconds });
  const shockDown = shockAt(down);
  return shocksOf(shockDown, up === down ? shockDown : shockAt(up));
}

function priceOf(feed: string, dynamics: Dynamics, input: SnapshotInput): Result<ResolvedPrice> {
  const { market, asOf, previousPrices } = input;
  const { rules, volatility } = dynamics;
  const quotes = market.quotes.get(feed) ?? [];
  const price = resolvePrice({
    feed,
    quotes,
    rules,
    asOf,
    previous: previousPrices.get(feed),
  });
  if (!price.ok) return { ok: false, reason: withFault(price.reason, market) };
  if (market.policy.uncertainty === 'none') return known({ ...price.value, uncertainty: ZERO });
  const uncertainty = priceUncertainty({
    confidence: price.value.confidence,
    confidenceMultiplier: market.policy.confidenceMultiplier,
    deviation: rules.deviation,
    quantile: market.policy.shockQuantile,
    volatility,
    ageSeconds: price.value.ageSeconds,
  });
  return known({ ...price.value, uncertainty });
}

/** Names the fault of an unreadable quote, because "missing" alone would mislead. */
function withFault(reason: Reason, market: Market): Reason {
  const fault = market.quoteFaults.get(reason.subject);
  if (fault === undefined) return reason;
  if (reason.code === 'price-missing') return fault;
  return { ...reason, detail: `${reason.detail}; ${fault.detail}` };
}
