/** How each feed moves: the most cautious values among its risk classes. */
import {
  approximately,
  larger,
  ONE,
  type Ratio,
  smaller,
  subtract,
  ZERO,
} from '../number/decimal.ts';
import { find, known, type Lookup, type Result, unknown } from '../number/reason.ts';
import { chargingFeeds } from './charges.ts';
import type { Asset, Market } from './market.ts';
import type { OracleRules, Policy } from './policy.ts';
import type { RiskClass } from './risk-class.ts';
import { quantileAt } from './shock.ts';
import { shockMaxOf } from './shock-max.ts';
import {
  type Forecast,
  type Measured,
  type MeasuredVolatility,
  shockVolatility,
  usedVolatility,
} from './volatility.ts';

export interface Dynamics extends Moves {
  /** Limited in how fast they may rise. */
  readonly initialVolatility: Ratio;
  readonly bufferVolatility: Ratio;
}

interface Moves extends ShockLaws {
  /** Annual: requirements and the price's uncertainty follow it. */
  readonly volatility: Ratio;
  readonly jumpFloor: Ratio;
  readonly slippage: Ratio;
  /** Most of the latency shock that is charged. */
  readonly shockMax: Ratio;
  readonly radiusScale: Ratio;
  readonly rules: OracleRules;
}

/** A feed has both where its classes differ; the larger shock counts. */
interface ShockLaws {
  readonly forecast?: Forecast | undefined;
  readonly law?: { readonly volatility: Ratio; readonly quantile: Ratio } | undefined;
}

export interface FeedOfClasses {
  readonly feed: string;
  /** Sorted. */
  readonly classes: readonly string[];
}

export function classesByFeed(market: Market): FeedOfClasses[] {
  const classes = new Map<string, Set<string>>();
  const put = (feed: string | undefined, riskClass?: string) => {
    if (feed === undefined) return;
    const names = classes.get(feed) ?? new Set<string>();
    if (riskClass !== undefined) names.add(riskClass);
    classes.set(feed, names);
  };
  for (const [feed, names] of market.feedClasses) for (const name of names) put(feed, name);
  for (const asset of market.assets.values()) {
    if (!asset.ok) continue;
    const ofAsset = classOf(asset.value, market.riskClasses);
    const { feed, hedges, initialPriceFeed } = asset.value;
    for (const each of [feed, hedges, initialPriceFeed]) put(each, ofAsset);
  }
  for (const instrument of market.instruments.values()) {
    if (!instrument.ok) continue;
    const { underlying, markFeed, forwardFeed, riskClass, type } = instrument.value;
    put(underlying, riskClass);
    put(forwardFeed, riskClass);
    // An option's price follows its underlying, and jumps.
    if (type !== 'option') put(markFeed, riskClass);
  }
  for (const feed of [...market.riskClasses.values()].flatMap(chargedBy)) put(feed);
  return [...classes].map(([feed, names]) => ({ feed, classes: [...names].sort() }));
}

const chargedBy = (riskClass: Result<RiskClass>): string[] =>
  riskClass.ok ? chargingFeeds(riskClass.value) : [];

function classOf(asset: Asset, riskClasses: Lookup<RiskClass>): string | undefined {
  if (asset.riskClass !== undefined) return asset.riskClass;
  return riskClasses.has(asset.asset) ? asset.asset : undefined;
}

/**
 * A missing or malformed class is an error only if the feed has no usable one; accounts that hold
 * its instruments get it in any case.
 * @param measured undefined if not measured yet, null if unreadable.
 */
export function dynamicsOf(
  of: FeedOfClasses,
  market: Market,
  measured: MeasuredVolatility | undefined,
): Result<Dynamics> {
  const { policy } = market;
  const found = riskClassesOf(of, market);
  const classes = found.flatMap((riskClass) => (riskClass.ok ? [riskClass.value] : []));
  if (classes.some(isMeasured) && measured === null && needsVolatility(policy, classes)) {
    const detail = `${of.feed}: its measured volatility could not be read; the next check reads it again`;
    return unknown('volatility-unknown', of.feed, detail);
  }
  const [first, ...others] = classes.map((each) => {
    return movesOfClass(each, policy, measured ?? undefined);
  });
  if (first !== undefined) {
    const moves = others.reduce(moreCautious, first);
    return known({
      ...moves,
      initialVolatility: initialOf(moves, classes, measured?.initial),
      bufferVolatility: smaller(moves.volatility, measured?.buffer ?? moves.volatility),
    });
  }
  const missing = found.find((riskClass) => !riskClass.ok);
  if (missing !== undefined) return missing;
  if (!needsVolatility(policy, classes)) return known(withoutClass(policy));
  return unknown(
    'risk-class-unknown',
    of.feed,
    `${of.feed}: its volatility is unknown; set riskClass in an asset or instrument on this feed`,
  );
}

const needsVolatility = (
  { latencyBuffer, uncertainty }: Policy,
  classes: readonly RiskClass[],
): boolean =>
  latencyBuffer !== 'none' ||
  uncertainty !== 'none' ||
  classes.some(({ dynamic }) => dynamic !== undefined);

const isMeasured = ({ volatility }: RiskClass): boolean => volatility.type === 'ewma';

/**
 * The fastest rise of σ_initial per hour among the classes. No limit if no class is dynamic, one
 * sets no limit, or none measures σ: a fixed σ moves only with its row.
 */
export function initialRiseOf(classes: readonly RiskClass[]): Ratio | undefined {
  const rules = classes.flatMap(({ dynamic }) => dynamic ?? []);
  const rises = rules.flatMap(({ initialRisePerHour }) => initialRisePerHour ?? []);
  if (rises.length < rules.length || !classes.some(isMeasured)) return undefined;
  return largestOf(rises);
}

/** The fastest refill per hour among the classes that have a buffer and measure σ. */
export function bufferRefillOf(classes: readonly RiskClass[]): Ratio | undefined {
  if (!classes.some(isMeasured)) return undefined;
  return largestOf(classes.flatMap(({ dynamic }) => dynamic?.buffer?.refillPerHour ?? []));
}

const largestOf = ([first, ...others]: readonly Ratio[]): Ratio | undefined =>
  first && others.reduce(larger, first);

function initialOf(
  { volatility }: Moves,
  classes: readonly RiskClass[],
  remembered: Ratio | undefined,
): Ratio {
  if (remembered === undefined || initialRiseOf(classes) === undefined) return volatility;
  return smaller(volatility, remembered);
}

export const riskClassesOf = ({ feed, classes }: FeedOfClasses, market: Market) =>
  classes.map((name) =>
    find(
      market.riskClasses,
      name,
      'risk-class-unknown',
      `${feed}: there is no risk class ${name}; add the row market risk/${name}`,
    ),
  );

const withoutClass = (policy: Policy): Dynamics => ({
  volatility: ZERO,
  initialVolatility: ZERO,
  bufferVolatility: ZERO,
  jumpFloor: ZERO,
  slippage: ZERO,
  shockMax: ZERO,
  radiusScale: ONE,
  rules: policy.oracle,
});

const defined = (rules: RiskClass['oracle']): Partial<OracleRules> =>
  Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));

function movesOfClass(riskClass: RiskClass, policy: Policy, measured?: Measured): Moves {
  const volatility = usedVolatility(riskClass.volatility, measured?.annual);
  const { jumpFloor, liquidity, radiusScale } = riskClass;
  return {
    volatility,
    ...lawsOf(riskClass, { policy, measured, volatility }),
    jumpFloor,
    slippage: liquidity.slippage,
    shockMax: shockMaxOf(riskClass, policy),
    radiusScale,
    rules: { ...policy.oracle, ...defined(riskClass.oracle) },
  };
}

interface LawInput {
  readonly policy: Policy;
  readonly measured: Measured | undefined;
  readonly volatility: Ratio;
}

function lawsOf(riskClass: RiskClass, { policy, measured, volatility }: LawInput): ShockLaws {
  const { volatility: rule, shockConfidence } = riskClass;
  const quantile = shockConfidence ? quantileAt(shockConfidence) : policy.shockQuantile;
  if (rule.type === 'fixed' || rule.quantile === 'policy') return { law: { volatility, quantile } };
  const { volatility: sigma, quantiles } = measured?.forecast ?? {
    volatility: measured?.annual ?? rule.stress,
    quantiles: { down: quantile, up: quantile },
  };
  return { forecast: { volatility: shockVolatility(rule, sigma), quantiles } };
}

/** p of a feed's forecast: the most cautious of its classes that have one. */
export function shockAllowedOf(classes: readonly RiskClass[], policy: Policy): number {
  const confidences = classes
    .filter(isTracked)
    .map(({ shockConfidence = policy.shockConfidence }) => shockConfidence);
  return approximately(subtract(ONE, confidences.reduce(larger)));
}

export const isTracked = ({ volatility }: RiskClass): boolean =>
  volatility.type === 'ewma' && volatility.quantile === 'tracked';

function largerForecast(left?: Forecast, right?: Forecast): Forecast | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return {
    volatility: larger(left.volatility, right.volatility),
    quantiles: {
      down: larger(left.quantiles.down, right.quantiles.down),
      up: larger(left.quantiles.up, right.quantiles.up),
    },
  };
}

function largerLaw(left: ShockLaws['law'], right: ShockLaws['law']): ShockLaws['law'] {
  if (left === undefined || right === undefined) return left ?? right;
  return {
    volatility: larger(left.volatility, right.volatility),
    quantile: larger(left.quantile, right.quantile),
  };
}

function moreCautious(left: Moves, right: Moves): Moves {
  return {
    volatility: larger(left.volatility, right.volatility),
    forecast: largerForecast(left.forecast, right.forecast),
    law: largerLaw(left.law, right.law),
    jumpFloor: larger(left.jumpFloor, right.jumpFloor),
    slippage: larger(left.slippage, right.slippage),
    // The least: it is a promise to those who hold the class's positions.
    shockMax: smaller(left.shockMax, right.shockMax),
    radiusScale: larger(left.radiusScale, right.radiusScale),
    rules: {
      staleAfterSeconds: Math.min(left.rules.staleAfterSeconds, right.rules.staleAfterSeconds),
      maxAgeSeconds: Math.min(left.rules.maxAgeSeconds, right.rules.maxAgeSeconds),
      minSources: Math.max(left.rules.minSources, right.rules.minSources),
      maxSourceSpread: smaller(left.rules.maxSourceSpread, right.rules.maxSourceSpread),
      maxJump: smaller(left.rules.maxJump, right.rules.maxJump),
      deviation: larger(left.rules.deviation, right.rules.deviation),
      staleRange: larger(left.rules.staleRange, right.rules.staleRange),
      frozenAfterSeconds: Math.min(left.rules.frozenAfterSeconds, right.rules.frozenAfterSeconds),
      maxMoveWindows: [...left.rules.maxMoveWindows, ...right.rules.maxMoveWindows],
    },
  };
}
