/**
 * The market in one check, resolved once and shared by every account: for each feed its price, the
 * price's uncertainty, and how far it may move before a breach is closed out.
 */

import { priceGridFor, wideGridFor } from '../curve/price-grid.ts';
import {
  type Doubt,
  doubtOf,
  type FeedState,
  type ResolvedPrice,
  type RiskFactor,
} from '../curve/risk-factor.ts';
import { type Belief, believe } from '../market/belief.ts';
import {
  classesByFeed,
  type Dynamics,
  dynamicsOf,
  type FeedOfClasses,
} from '../market/dynamics.ts';
import type { Location, Market } from '../market/market.ts';
import type { OraclePrice, PreviousPrices, PriceRange } from '../market/oracle.ts';
import type { CheckOutage } from '../market/outage.ts';
import { phasedClasses } from '../market/phase-in.ts';
import type { Policy } from '../market/policy.ts';
import {
  forecastShocks,
  latencyShock,
  NO_SHOCKS,
  priceUncertainty,
  type Shocks,
  shocksOf,
} from '../market/shock.ts';
import type { MeasuredVolatilities } from '../market/volatility.ts';
import {
  add,
  larger,
  ONE,
  type Ratio,
  ratioBetween,
  smaller,
  subtract,
  times,
  ZERO,
} from '../number/decimal.ts';
import { known, type Lookup, type Reason, type Result } from '../number/reason.ts';
import { type AssetTerms, assetTerms } from './asset-terms.ts';
import { type CompiledInstruments, compileInstruments } from './compile-instruments.ts';

/** `asOf` in milliseconds since 1970. */
export interface Snapshot extends CompiledInstruments {
  readonly asOf: number;
  readonly policy: Policy;
  /** Ended by this check; only if the policy gives grace for it. */
  readonly outage?: CheckOutage | undefined;
  readonly feeds: ReadonlyMap<string, FeedState>;
  readonly assets: Lookup<AssetTerms>;
  readonly locations: Lookup<Location>;
  /** By instrument that can be read, whether its price is known or not. */
  readonly settlementAssets: ReadonlyMap<string, string>;
}

/** The market as read, and what the previous check left. */
export interface SnapshotInput {
  readonly market: Market;
  readonly asOf: number;
  /** Δ: seconds between two checks. */
  readonly gapSeconds: number;
  readonly previousPrices: PreviousPrices;
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
    ...compileInstruments({ ...resolved, assets }),
    settlementAssets: settlementAssetsOf(market),
  };
}

function settlementAssetsOf({ instruments }: Market): ReadonlyMap<string, string> {
  const assets = new Map<string, string>();
  for (const [id, row] of instruments) if (row.ok) assets.set(id, row.value.settlementAsset);
  return assets;
}

function resolveFeed(of: FeedOfClasses, input: SnapshotInput): FeedState {
  const dynamics = dynamicsOf(of, input.market, input.volatilities?.get(of.feed));
  if (!dynamics.ok) return { ...of, factor: dynamics, price: dynamics };
  const { radiusScale, volatility, rules } = dynamics.value;
  const { initialVolatility, bufferVolatility } = dynamics.value;
  const shocks = shocksFor(dynamics.value, input);
  const belief = beliefOf(of.feed, dynamics.value, input);
  const price = pricedBy(belief, dynamics.value, input);
  const factor = {
    feed: of.feed,
    volatility,
    initialVolatility,
    bufferVolatility,
    shockVolatility: shockVolatilityOf(dynamics.value),
    ...shocks,
    radiusScale,
    ...(price.ok ? gridsFor(price.value, shocks) : {}),
    rules,
  };
  return { ...of, factor: known(factor), price, memory: belief.memory };
}

function gridsFor(price: ResolvedPrice, shocks: Shocks): Pick<RiskFactor, 'grid' | 'wideGrid'> {
  const grid = priceGridFor(price.uncertainty, shocks);
  const doubt = doubtOf([price], 'aged');
  return {
    grid,
    wideGrid: doubt && wideGridFor(doubt, { ...shocks, uncertainty: price.uncertainty }),
  };
}

function shocksFor(dynamics: Dynamics, { market, gapSeconds }: SnapshotInput): Shocks {
  const { latencyBuffer, executionSeconds } = market.policy;
  if (latencyBuffer === 'none') return NO_SHOCKS;
  const { forecast, law, shockMax } = dynamics;
  const terms = { ...dynamics, gapSeconds, executionSeconds };
  const ofLaw = law && latencyShock({ ...terms, ...law });
  const both = [
    ...(forecast ? [forecastShocks({ ...terms, ...forecast })] : []),
    ...(ofLaw ? [{ down: ofLaw, up: ofLaw }] : []),
  ];
  const down = both.map((each) => each.down).reduce(larger, ZERO);
  return shocksOf({ down, up: both.map((each) => each.up).reduce(larger, ZERO) }, shockMax);
}

/** The larger one, where a feed's classes differ. */
const shockVolatilityOf = ({ forecast, law }: Dynamics): Ratio =>
  larger(forecast?.volatility ?? ZERO, law?.volatility ?? ZERO);

function beliefOf(feed: string, { rules }: Dynamics, input: SnapshotInput): Belief {
  const { market, asOf, previousPrices } = input;
  const quotes = market.quotes.get(feed) ?? [];
  return believe({ feed, quotes, rules, asOf, previous: previousPrices.get(feed) });
}

function pricedBy(
  { price }: Belief,
  { rules, volatility }: Dynamics,
  { market }: SnapshotInput,
): Result<ResolvedPrice> {
  if (!price.ok) return { ok: false, reason: withFault(price.reason, market) };
  const { policy } = market;
  const uncertainty =
    policy.uncertainty === 'none'
      ? ZERO
      : priceUncertainty({
          confidence: price.value.confidence,
          confidenceMultiplier: policy.confidenceMultiplier,
          deviation: rules.deviation,
          quantile: policy.shockQuantile,
          volatility,
          ageSeconds: price.value.ageSeconds,
        });
  return known(inMultiples(price.value, uncertainty, market));
}

/** A jump is in doubt from the one price less its uncertainty to the other plus its own. */
function inMultiples(oracle: OraclePrice, uncertainty: Ratio, market: Market): ResolvedPrice {
  const { doubt, aged, ...price } = oracle;
  const move = price.isJump === undefined ? ZERO : uncertainty;
  const multiples = (range: PriceRange, by: Ratio): Doubt => ({
    from: times(
      smaller(ONE, ratioBetween(range.low, price.price)),
      larger(ZERO, subtract(ONE, by)),
    ),
    to: times(larger(ONE, ratioBetween(range.high, price.price)), add(ONE, by)),
  });
  return {
    ...price,
    uncertainty,
    ...(price.why && { why: whyWithFault(price.why, price.feed, market) }),
    ...(doubt && { doubt: multiples(doubt, move) }),
    ...(aged && { aged: multiples(aged, ZERO) }),
  };
}

/** Names the fault of an unreadable quote, because "missing" alone would mislead. */
function withFault(reason: Reason, market: Market): Reason {
  const fault = market.quoteFaults.get(reason.subject);
  if (fault === undefined) return reason;
  if (reason.code === 'price-missing') return fault;
  return { ...reason, detail: `${reason.detail}; ${fault.detail}` };
}

function whyWithFault(why: string, feed: string, { quoteFaults }: Market): string {
  const fault = quoteFaults.get(feed);
  return fault === undefined ? why : `${why}; ${fault.detail}`;
}
