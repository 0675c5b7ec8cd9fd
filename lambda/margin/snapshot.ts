/**
 * The market at one check, resolved once and shared by every account: for each feed its price, how
 * far off that may be, and how far it may move before a breach is closed out.
 */
import { larger, ONE, type Ratio, smaller, ZERO } from './decimal.ts';
import type { Asset, Market, OracleRules, Policy, RiskClass } from './market.ts';
import { type OraclePrice, type RememberedPrice, resolvePrice } from './oracle.ts';
import { find, known, type Lookup, type Reason, type Result, unknown } from './reason.ts';
import { latencyShock, priceUncertainty } from './shock.ts';
import { type AssetTerms, assetTerms, type InstrumentTerms, instrumentTerms } from './terms.ts';

/** How a risk factor moves: the most cautious figure of the risk classes that its feed is in. */
export interface Dynamics {
  readonly volatility: Ratio;
  readonly jumpFloor: Ratio;
  readonly slippage: Ratio;
  readonly radiusScale: Ratio;
  readonly rules: OracleRules;
}

export interface ResolvedPrice extends OraclePrice {
  readonly uncertainty: Ratio;
}

export interface FeedState {
  readonly feed: string;
  readonly classes: readonly string[];
  readonly factor: Result<RiskFactor>;
  readonly price: Result<ResolvedPrice>;
}

/** A feed as something that moves. */
export interface RiskFactor {
  readonly feed: string;
  /** Λ */
  readonly shock: Ratio;
  readonly radiusScale: Ratio;
}

export interface Snapshot {
  readonly asOf: number;
  readonly policy: Policy;
  readonly feeds: ReadonlyMap<string, FeedState>;
  readonly assets: Lookup<AssetTerms>;
  readonly instruments: Lookup<InstrumentTerms>;
}

export interface SnapshotInput {
  readonly market: Market;
  readonly asOf: number;
  /** Δ: seconds that lie between two checks. */
  readonly gapSeconds: number;
  /** By feed, at the previous check. */
  readonly previousPrices: ReadonlyMap<string, RememberedPrice>;
}

export function takeSnapshot(input: SnapshotInput): Snapshot {
  const { market, asOf } = input;
  const classes = classesByFeed(market);
  const feeds = new Map<string, FeedState>();
  for (const [feed, names] of classes) {
    feeds.set(feed, resolveFeed({ feed, classes: [...names].sort() }, input));
  }
  const resolved = { market, feeds, asOf };
  return {
    asOf,
    policy: market.policy,
    feeds,
    assets: assetTerms(resolved),
    instruments: instrumentTerms(resolved),
  };
}

/** Every feed that an asset or instrument names, with the risk classes of those on it. */
function classesByFeed(market: Market): Map<string, Set<string>> {
  const classes = new Map<string, Set<string>>();
  const put = (feed: string | undefined, riskClass?: string) => {
    if (feed === undefined) return;
    const names = classes.get(feed) ?? new Set<string>();
    if (riskClass !== undefined) names.add(riskClass);
    classes.set(feed, names);
  };
  for (const [feed, names] of market.feedClasses) for (const name of names) put(feed, name);
  for (const asset of market.assets.values()) {
    if (asset.ok) put(asset.value.feed, classOf(asset.value, market.riskClasses));
  }
  for (const instrument of market.instruments.values()) {
    if (!instrument.ok) continue;
    put(instrument.value.underlying, instrument.value.riskClass);
    put(instrument.value.markFeed, instrument.value.riskClass);
  }
  return classes;
}

function classOf(asset: Asset, riskClasses: Lookup<RiskClass>): string | undefined {
  if (asset.riskClass !== undefined) return asset.riskClass;
  return riskClasses.has(asset.asset) ? asset.asset : undefined;
}

interface FeedOfClasses {
  readonly feed: string;
  readonly classes: readonly string[];
}

function resolveFeed(of: FeedOfClasses, input: SnapshotInput): FeedState {
  const dynamics = dynamicsOf(of, input.market);
  if (!dynamics.ok) return { ...of, factor: dynamics, price: dynamics };
  const { radiusScale } = dynamics.value;
  const shock = shockOf(dynamics.value, input);
  return {
    ...of,
    factor: known({ feed: of.feed, shock, radiusScale }),
    price: priceOf(of.feed, dynamics.value, input),
  };
}

function shockOf(dynamics: Dynamics, { market, gapSeconds }: SnapshotInput): Ratio {
  const { latencyBuffer, shockQuantile: quantile, executionSeconds } = market.policy;
  if (latencyBuffer === 'none') return ZERO;
  return latencyShock({ ...dynamics, quantile, gapSeconds, executionSeconds });
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

/** A quote that could not be read is the better reason than its absence. */
function withFault(reason: Reason, market: Market): Reason {
  const fault = market.quoteFaults.get(reason.subject);
  if (fault === undefined) return reason;
  if (reason.code === 'price-missing') return fault;
  return { ...reason, detail: `${reason.detail}; ${fault.detail}` };
}

/** A class that is unknown matters to those who hold its instruments, unless it is the only one. */
function dynamicsOf(of: FeedOfClasses, market: Market): Result<Dynamics> {
  const { policy } = market;
  let merged: Dynamics | undefined;
  let missing: Result<never> | undefined;
  for (const name of of.classes) {
    const riskClass = find(
      market.riskClasses,
      name,
      'risk-class-unknown',
      `${of.feed}: there is no risk class ${name}`,
    );
    if (!riskClass.ok) {
      missing ??= riskClass;
      continue;
    }
    const own = dynamicsOfClass(riskClass.value, policy);
    merged = merged === undefined ? own : moreCautious(merged, own);
  }
  if (merged !== undefined) return known(merged);
  if (missing !== undefined) return missing;
  if (policy.latencyBuffer === 'none' && policy.uncertainty === 'none') {
    return known(withoutClass(policy));
  }
  return unknown(
    'risk-class-unknown',
    of.feed,
    `${of.feed}: no asset or instrument on this feed names a risk class, so its volatility is unknown`,
  );
}

const withoutClass = (policy: Policy): Dynamics => ({
  volatility: ZERO,
  jumpFloor: ZERO,
  slippage: ZERO,
  radiusScale: ONE,
  rules: policy.oracle,
});

const defined = (rules: RiskClass['oracle']): Partial<OracleRules> =>
  Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));

const dynamicsOfClass = (riskClass: RiskClass, policy: Policy): Dynamics => ({
  volatility: riskClass.volatility,
  jumpFloor: riskClass.jumpFloor,
  slippage: riskClass.liquidity.slippage,
  radiusScale: riskClass.radiusScale,
  rules: { ...policy.oracle, ...defined(riskClass.oracle) },
});

function moreCautious(left: Dynamics, right: Dynamics): Dynamics {
  return {
    volatility: larger(left.volatility, right.volatility),
    jumpFloor: larger(left.jumpFloor, right.jumpFloor),
    slippage: larger(left.slippage, right.slippage),
    radiusScale: larger(left.radiusScale, right.radiusScale),
    rules: {
      staleAfterSeconds: Math.min(left.rules.staleAfterSeconds, right.rules.staleAfterSeconds),
      maxAgeSeconds: Math.min(left.rules.maxAgeSeconds, right.rules.maxAgeSeconds),
      minSources: Math.max(left.rules.minSources, right.rules.minSources),
      maxSourceSpread: smaller(left.rules.maxSourceSpread, right.rules.maxSourceSpread),
      maxJump: smaller(left.rules.maxJump, right.rules.maxJump),
      deviation: larger(left.rules.deviation, right.rules.deviation),
    },
  };
}
