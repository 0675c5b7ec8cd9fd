/**
 * σ_ewma of a feed: an exponentially weighted mean of the squared log returns between its quotes,
 * whatever their spacing (overshoot/volatility.ts has the formula). Float64, since nothing is
 * compared with it; what leaves is one decimal, rounded up, and everything after it is exact.
 *
 * A feed begins at the variance of its stress volatility, with full weight, and forgets it by the
 * half-life: one return neither sets it nor takes it to the floor. What is not seen for longer than a
 * half-life is not known either: for the time beyond, the variance goes back to stress by the
 * half-life. So one return over a long gap never counts for more than half.
 */
import { approximately, asVolatility, logReturn, type Price, type Ratio } from './decimal.ts';
import { classesByFeed, dynamicsOf, type FeedOfClasses, riskClassesOf } from './dynamics.ts';
import type { EwmaVolatility, Market } from './market.ts';
import { type RememberedPrice, resolvePrice } from './oracle.ts';
import { YEAR_SECONDS } from './overshoot/scale.ts';
import { nextVariance } from './overshoot/volatility.ts';

/** What is remembered of a feed between two checks. */
export interface VolatilityMemory {
  /** σ²_ewma, annual. */
  readonly annualVariance: number;
  /** The quote counted last. */
  readonly price: Price;
  readonly publishedAt: number;
}

/** How a feed is measured: the shortest half-life and the highest stress of its classes. */
export interface MeasureTerms {
  readonly halfLifeSeconds: number;
  readonly stress: Ratio;
}

export type CountedQuote = Omit<VolatilityMemory, 'annualVariance'>;

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
}

export const measuredFeeds = (input: MeasureInput): MeasuredFeed[] =>
  classesByFeed(input.market).flatMap((of) => {
    const terms = termsOf(of, input.market);
    return terms === undefined ? [] : [{ feed: of.feed, terms, quote: quoteOf(of, input) }];
  });

function termsOf(of: FeedOfClasses, market: Market): MeasureTerms | undefined {
  const rules = riskClassesOf(of, market).flatMap((riskClass): EwmaVolatility[] => {
    const rule = riskClass.ok ? riskClass.value.volatility : undefined;
    return rule?.type === 'ewma' ? [rule] : [];
  });
  const [first] = rules.toSorted((left, right) => variance(right.stress) - variance(left.stress));
  if (first === undefined) return undefined;
  const halfLifeSeconds = Math.min(...rules.map((rule) => rule.halfLifeSeconds));
  return { halfLifeSeconds, stress: first.stress };
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

/**
 * What is remembered with one more quote. A quote that is not newer than the one counted last adds
 * nothing: then the very memory that was given is returned.
 */
export function nextMemory(
  before: VolatilityMemory | undefined,
  { quote, terms }: { readonly quote: CountedQuote; readonly terms: MeasureTerms },
): VolatilityMemory {
  if (before === undefined) return { ...quote, annualVariance: variance(terms.stress) };
  if (quote.publishedAt <= before.publishedAt) return before;
  const { halfLifeSeconds } = terms;
  const elapsed = (quote.publishedAt - before.publishedAt) / 1000;
  const seconds = Math.min(elapsed, halfLifeSeconds);
  const annualReturn = logReturn(before.price, quote.price) * Math.sqrt(YEAR_SECONDS);
  const annualVariance = nextVariance(unseen(before.annualVariance, elapsed, terms), {
    // Of a longer gap, the part of the squared return that falls to one half-life.
    logReturn: annualReturn * Math.sqrt(seconds / elapsed),
    seconds,
    halfLifeSeconds,
  });
  return { ...quote, annualVariance };
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
