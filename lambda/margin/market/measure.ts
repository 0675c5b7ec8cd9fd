/**
 * σ_ewma of a feed: an exponentially weighted mean of the squared log returns between its quotes,
 * whatever their spacing (overshoot/volatility.ts has the formula). Float64, since nothing is
 * compared with it; what leaves is one decimal, rounded up, and everything after it is exact.
 *
 * A feed begins at the variance of its stress volatility, with full weight, and forgets it by the
 * half-life: one return neither sets it nor takes it to the floor. What is not seen for longer than a
 * half-life is not known either: for the time beyond, the variance goes back to stress by the
 * half-life. So one return over a long gap never counts for more than half.
 *
 * Each return is also a case of how far the price goes against either side in one gap. Divided by
 * the deviation that was used for it, it is held against the feed's two quantiles, which rise by
 * what exceeds them and never fall below the policy's (overshoot/tracked-quantile.ts).
 *
 * Where a class slows the initial requirement, σ as that one sees it is remembered with its check,
 * and moves at every check, whether a quote came or not (initial-volatility.ts).
 */
import {
  approximately,
  asQuantile,
  asVolatility,
  larger,
  logReturn,
  type Price,
  type Ratio,
} from '../number/decimal.ts';
import { deviationOver, YEAR_SECONDS } from '../statistics/scale.ts';
import {
  nextQuantiles,
  type SideQuantiles,
  TRACKED_MOST,
  TRACKED_SHARE,
  TRACKED_STEP,
  type Tracking,
} from '../statistics/tracked-quantile.ts';
import { nextVariance } from '../statistics/variance.ts';
import {
  classesByFeed,
  dynamicsOf,
  type FeedOfClasses,
  initialRiseOf,
  isTracked,
  riskClassesOf,
} from './dynamics.ts';
import { type InitialMemory, initialVolatility } from './initial-volatility.ts';
import type { Market } from './market.ts';
import { type RememberedPrice, resolvePrice } from './oracle.ts';
import type { EwmaVolatility, VolatilityRule } from './risk-class.ts';
import { type Measured, type Quantiles, usedVolatility } from './volatility.ts';

/** What is remembered of a feed between two checks. */
export interface VolatilityMemory {
  /** σ²_ewma, annual. */
  readonly annualVariance: number;
  /** Absent until they are tracked: then they begin at the policy's. */
  readonly quantiles?: SideQuantiles | undefined;
  /** The quote counted last. */
  readonly price: Price;
  readonly publishedAt: number;
  /** Absent until a class slows the initial requirement: then it begins at σ. */
  readonly initial?: InitialMemory | undefined;
}

/** How a feed is measured: the shortest half-life and the highest stress of its classes. */
export interface MeasureTerms {
  readonly halfLifeSeconds: number;
  readonly stress: Ratio;
  /** Absent when no class tracks its quantile. */
  readonly tracking?: TrackingTerms | undefined;
  /** Absent when the initial requirement follows σ at once. */
  readonly rise?: RiseTerms | undefined;
}

export interface RiseTerms {
  readonly perHour: Ratio;
  /** Of all classes of the feed: the highest σ is the one used. */
  readonly rules: readonly VolatilityRule[];
}

export interface TrackingTerms {
  /** The policy's z: where a quantile begins, and its least. */
  readonly quantile: Ratio;
  /** Of all classes of the feed: the highest σ is the one used. */
  readonly rules: readonly VolatilityRule[];
  /** Δ: quotes that lie closer together are what checks so far apart saw. */
  readonly gapSeconds: number;
}

export type CountedQuote = Pick<VolatilityMemory, 'price' | 'publishedAt'>;

/** A feed whose volatility some class measures. */
export interface MeasuredFeed {
  readonly feed: string;
  readonly terms: MeasureTerms;
  /** Absent when there is no price now, or one that is not believed yet. */
  readonly quote?: CountedQuote | undefined;
}

export interface MeasureInput {
  readonly market: Market;
  readonly asOf: number;
  readonly previousPrices: ReadonlyMap<string, RememberedPrice>;
  /** Δ: seconds that lie between two checks. */
  readonly gapSeconds: number;
}

export const measuredFeeds = (input: MeasureInput): MeasuredFeed[] =>
  classesByFeed(input.market).flatMap((of) => {
    const terms = termsOf(of, input);
    return terms === undefined ? [] : [{ feed: of.feed, terms, quote: quoteOf(of, input) }];
  });

function termsOf(
  of: FeedOfClasses,
  { market, gapSeconds }: MeasureInput,
): MeasureTerms | undefined {
  const classes = riskClassesOf(of, market).flatMap((each) => (each.ok ? [each.value] : []));
  const all = classes.map(({ volatility }) => volatility);
  const rules = all.filter((rule): rule is EwmaVolatility => rule.type === 'ewma');
  const [first] = rules.toSorted((left, right) => variance(right.stress) - variance(left.stress));
  if (first === undefined) return undefined;
  const halfLifeSeconds = Math.min(...rules.map((rule) => rule.halfLifeSeconds));
  const { stress } = first;
  const { shockQuantile: quantile } = market.policy;
  const perHour = initialRiseOf(classes);
  return {
    halfLifeSeconds,
    stress,
    ...(classes.some(isTracked) ? { tracking: { quantile, rules: all, gapSeconds } } : {}),
    ...(perHour === undefined ? {} : { rise: { perHour, rules: all } }),
  };
}

/** A price that is refused, or suspect until something confirms it, does not count. */
function quoteOf(of: FeedOfClasses, input: MeasureInput): CountedQuote | undefined {
  const { market, asOf, previousPrices } = input;
  const { feed } = of;
  const dynamics = dynamicsOf(of, market, undefined);
  if (!dynamics.ok) return undefined;
  const { rules } = dynamics.value;
  const quotes = market.quotes.get(feed) ?? [];
  const now = resolvePrice({ feed, quotes, rules, asOf, previous: previousPrices.get(feed) });
  if (!now.ok || now.value.isSuspect) return undefined;
  return { price: now.value.price, publishedAt: now.value.publishedAt };
}

const variance = (volatility: Ratio): number => approximately(volatility) ** 2;

/** What is remembered after a check; the very memory that was given, when nothing has changed. */
export function memoryAfter(
  before: VolatilityMemory | undefined,
  { terms, quote, asOf }: Pick<MeasuredFeed, 'terms' | 'quote'> & { readonly asOf: number },
): VolatilityMemory | undefined {
  const counted = quote === undefined ? before : nextMemory(before, { quote, terms });
  const { rise } = terms;
  if (counted === undefined || rise === undefined) return counted;
  const measured = measuredVolatility(counted, { asOf, terms });
  const used = rise.rules.map((rule) => usedVolatility(rule, measured)).reduce(larger);
  const since = { before: before?.initial, asOf, risePerHour: rise.perHour };
  return { ...counted, initial: { volatility: initialVolatility(used, since), asOf } };
}

/**
 * What is remembered with one more quote. A quote that is not newer than the one counted last adds
 * nothing: then the very memory that was given is returned.
 */
export function nextMemory(
  before: VolatilityMemory | undefined,
  { quote, terms }: { readonly quote: CountedQuote; readonly terms: MeasureTerms },
): VolatilityMemory {
  const { halfLifeSeconds, tracking } = terms;
  if (before === undefined) {
    const annualVariance = variance(terms.stress);
    return { ...quote, annualVariance, ...trackedBy(tracking, startOf) };
  }
  if (quote.publishedAt <= before.publishedAt) return before;
  const elapsed = (quote.publishedAt - before.publishedAt) / 1000;
  const seconds = Math.min(elapsed, halfLifeSeconds);
  const moved = logReturn(before.price, quote.price);
  const annualReturn = moved * Math.sqrt(YEAR_SECONDS);
  const annualVariance = nextVariance(unseen(before.annualVariance, elapsed, terms), {
    // Of a longer gap, the part of the squared return that falls to one half-life.
    logReturn: annualReturn * Math.sqrt(seconds / elapsed),
    seconds,
    halfLifeSeconds,
  });
  const counted = { elapsed, logReturn: moved, halfLifeSeconds };
  const tracked = trackedBy(tracking, (of) => quantilesAfter(before, of, counted));
  return { ...quote, annualVariance, ...tracked };
}

const trackedBy = (
  tracking: TrackingTerms | undefined,
  next: (tracking: TrackingTerms) => SideQuantiles,
): Pick<VolatilityMemory, 'quantiles'> =>
  tracking === undefined ? {} : { quantiles: next(tracking) };

/** One in a hundred windows may go further than Λ on a side. */
const WINDOWS_ALLOWED = 0.01;

function trackingOf({ quantile }: TrackingTerms): Tracking {
  const least = approximately(quantile);
  const most = least * TRACKED_MOST;
  return { allowed: WINDOWS_ALLOWED * TRACKED_SHARE, step: TRACKED_STEP, least, most };
}

const startOf = ({ quantile }: TrackingTerms): SideQuantiles => {
  const start = approximately(quantile);
  return { down: start, up: start };
};

/**
 * A gap counts as one case however long it was, and not at all when it was longer than a half-life
 * and than Δ: then the variance is half stress, and says little of the return.
 */
function quantilesAfter(
  { annualVariance, quantiles }: VolatilityMemory,
  tracking: TrackingTerms,
  gap: {
    readonly elapsed: number;
    readonly logReturn: number;
    readonly halfLifeSeconds: number;
  },
): SideQuantiles {
  const { rules, gapSeconds } = tracking;
  const before = quantiles ?? startOf(tracking);
  if (gap.elapsed > Math.max(gap.halfLifeSeconds, gapSeconds)) return before;
  const measured = asVolatility(Math.sqrt(annualVariance));
  const used = Math.max(...rules.map((rule) => approximately(usedVolatility(rule, measured))));
  const residual = gap.logReturn / deviationOver(used, Math.max(gap.elapsed, gapSeconds));
  return nextQuantiles(before, { residual, tracking: trackingOf(tracking) });
}

/** What the assessment is given of a feed at a time: decimals, rounded up. */
export function measuredOf(
  memory: VolatilityMemory,
  at: { readonly asOf: number; readonly terms: MeasureTerms },
): Measured {
  const annual = measuredVolatility(memory, at);
  const { tracking, rise } = at.terms;
  return {
    annual,
    ...(tracking === undefined ? {} : { quantiles: quantilesIn(memory, tracking) }),
    ...(rise && memory.initial ? { initial: memory.initial.volatility } : {}),
  };
}

function quantilesIn({ quantiles }: VolatilityMemory, tracking: TrackingTerms): Quantiles {
  const { least, most } = trackingOf(tracking);
  const { down, up } = quantiles ?? startOf(tracking);
  const within = (quantile: number) => asQuantile(Math.min(most, Math.max(least, quantile)));
  return { down: within(down), up: within(up) };
}

/** σ_ewma at a time: annual, rounded up. */
export function measuredVolatility(
  { annualVariance, publishedAt }: VolatilityMemory,
  { asOf, terms }: { readonly asOf: number; readonly terms: MeasureTerms },
): Ratio {
  const elapsed = Math.max(0, asOf - publishedAt) / 1000;
  return asVolatility(Math.sqrt(unseen(annualVariance, elapsed, terms)));
}

/** v ← v_stress + (v − v_stress)·2^−(t/halfLife − 1) for t beyond one half-life; v until then. */
function unseen(known: number, elapsed: number, { halfLifeSeconds, stress }: MeasureTerms): number {
  if (elapsed <= halfLifeSeconds) return known;
  const left = 2 ** (1 - elapsed / halfLifeSeconds);
  return known * left + variance(stress) * (1 - left);
}
