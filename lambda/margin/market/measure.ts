/**
 * σ_ewma of a feed from its quotes, at any spacing (formula in ../statistics/variance.ts). It is
 * computed in float64 and rounded up to a decimal; everything after it is exact.
 *
 * A feed starts at its stress variance, and forgets it by the half-life, so one return does not set
 * the variance. Beyond one half-life without a quote, the variance returns to stress by the
 * half-life, so one return never counts for more than half.
 *
 * Each return also updates the feed's two quantiles (../statistics/tracked-quantile.ts). σ_initial
 * moves at every check, with or without a new quote (initial-volatility.ts).
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
import { resolvePrice } from './belief.ts';
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
import type { PreviousPrices } from './oracle.ts';
import type { EwmaVolatility, VolatilityRule } from './risk-class.ts';
import { type Measured, type Quantiles, usedVolatility } from './volatility.ts';

export interface VolatilityMemory {
  /** σ²_ewma, annual. */
  readonly annualVariance: number;
  /** Absent until tracked. */
  readonly quantiles?: SideQuantiles | undefined;
  /** The last counted quote. */
  readonly price: Price;
  readonly publishedAt: number;
  /** Absent until a class limits the rise. */
  readonly initial?: InitialMemory | undefined;
}

/** The shortest half-life and the highest stress among the feed's classes. */
export interface MeasureTerms {
  readonly halfLifeSeconds: number;
  readonly stress: Ratio;
  readonly tracking?: TrackingTerms | undefined;
  readonly rise?: RiseTerms | undefined;
}

export interface RiseTerms {
  readonly perHour: Ratio;
  /** All the feed's classes; the highest σ is used. */
  readonly rules: readonly VolatilityRule[];
}

export interface TrackingTerms {
  /** The policy's z: a tracked quantile's start and minimum. */
  readonly quantile: Ratio;
  readonly rules: readonly VolatilityRule[];
  /** Δ. A shorter gap counts as Δ, because checks are that far apart. */
  readonly gapSeconds: number;
}

export type CountedQuote = Pick<VolatilityMemory, 'price' | 'publishedAt'>;

export interface MeasuredFeed {
  readonly feed: string;
  readonly terms: MeasureTerms;
  readonly quote?: CountedQuote | undefined;
}

export interface MeasureInput {
  readonly market: Market;
  readonly asOf: number;
  readonly previousPrices: PreviousPrices;
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

/** Only prices that may be relied on count. */
function quoteOf(of: FeedOfClasses, input: MeasureInput): CountedQuote | undefined {
  const { market, asOf, previousPrices } = input;
  const { feed } = of;
  const dynamics = dynamicsOf(of, market, undefined);
  if (!dynamics.ok) return undefined;
  const { rules } = dynamics.value;
  const quotes = market.quotes.get(feed) ?? [];
  const now = resolvePrice({ feed, quotes, rules, asOf, previous: previousPrices.get(feed) });
  if (!now.ok || now.value.doubt !== undefined) return undefined;
  return { price: now.value.price, publishedAt: now.value.publishedAt };
}

const variance = (volatility: Ratio): number => approximately(volatility) ** 2;

/** Returns `before` itself if nothing changed. */
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

/** Returns `before` itself if the quote is not newer. */
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
    // A longer gap adds only the part of its squared return that falls to one half-life.
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

/** Share of windows that may exceed Λ on a side. */
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
 * One gap is one case, however long. A gap longer than a half-life and than Δ is skipped, as half
 * the variance is stress by then.
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

/** Rounded up. */
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

/** Annual, rounded up. */
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
