/**
 * A check learns from a feed's quotes, at any spacing:
 *
 * - σ_ewma (formula in ../statistics/variance.ts), which requirements follow. It starts at its stress
 *   variance and forgets it by the half-life. Beyond one half-life without a quote it returns to
 *   stress, so one return never counts for more than half.
 * - the forecast of the latency shock (../statistics/shock-forecast.ts), which follows the last few
 *   gaps.
 * - σ_initial and σ_buffer, which move at every check, with or without a new quote
 *   (slow-volatility.ts).
 *
 * All are computed in float64 and rounded up to a decimal; everything after it is exact.
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
import { forecastVolatility } from '../statistics/gap-variance.ts';
import { YEAR_SECONDS } from '../statistics/scale.ts';
import {
  carriedForecast,
  type ForecastMemory,
  type ForecastTerms,
  forecastQuantiles,
  horizonGapsOf,
  nextForecast,
  startForecast,
} from '../statistics/shock-forecast.ts';
import { nextVariance } from '../statistics/variance.ts';
import { resolvePrice } from './belief.ts';
import { type CountedQuote, countedGap, type Unconfirmed } from './counted-gap.ts';
import {
  bufferRefillOf,
  classesByFeed,
  dynamicsOf,
  type FeedOfClasses,
  initialRiseOf,
  isTracked,
  riskClassesOf,
  shockAllowedOf,
} from './dynamics.ts';
import type { Market } from './market.ts';
import type { PreviousPrices } from './oracle.ts';
import type { EwmaVolatility, VolatilityRule } from './risk-class.ts';
import { type SlowMemory, slowVolatility } from './slow-volatility.ts';
import { type Forecast, type Measured, usedVolatility } from './volatility.ts';

export interface VolatilityMemory {
  /** σ²_ewma, annual. */
  readonly annualVariance: number;
  /** Absent until a class forecasts its shock. */
  readonly forecast?: ForecastMemory | undefined;
  /** The last counted quote. */
  readonly price: Price;
  readonly publishedAt: number;
  /** Absent if its range, if any, is confirmed. */
  readonly unconfirmed?: Unconfirmed | undefined;
  /** Absent until a class limits the rise. */
  readonly initial?: SlowMemory | undefined;
  /** Absent until a class has an exhaustible buffer. */
  readonly buffer?: SlowMemory | undefined;
}

/** The shortest half-life and the highest stress among the feed's classes. */
export interface MeasureTerms {
  readonly halfLifeSeconds: number;
  readonly stress: Ratio;
  readonly forecast?: ForecastTerms | undefined;
  /** σ_initial rises by `rise` at most, and σ_buffer by `refill`. */
  readonly rise?: RiseTerms | undefined;
  readonly refill?: RiseTerms | undefined;
}

export interface RiseTerms {
  readonly perHour: Ratio;
  /** All the feed's classes; the highest σ is used. */
  readonly rules: readonly VolatilityRule[];
}

export interface MeasuredFeed {
  readonly feed: string;
  readonly terms: MeasureTerms;
  readonly quote?: CountedQuote | undefined;
}

export interface MeasureInput {
  readonly market: Market;
  readonly asOf: number;
  readonly previousPrices: PreviousPrices;
  /** Δ as it is set, however late this check is. */
  readonly intervalSeconds: number;
}

export const measuredFeeds = (input: MeasureInput): MeasuredFeed[] =>
  classesByFeed(input.market).flatMap((of) => {
    const terms = termsOf(of, input);
    return terms === undefined ? [] : [{ feed: of.feed, terms, quote: quoteOf(of, input) }];
  });

function termsOf(
  of: FeedOfClasses,
  { market, intervalSeconds }: MeasureInput,
): MeasureTerms | undefined {
  const { policy } = market;
  const classes = riskClassesOf(of, market).flatMap((each) => (each.ok ? [each.value] : []));
  const all = classes.map(({ volatility }) => volatility);
  const rules = all.filter((rule): rule is EwmaVolatility => rule.type === 'ewma');
  const [first] = rules.toSorted((left, right) => variance(right.stress) - variance(left.stress));
  if (first === undefined) return undefined;
  const { stress } = first;
  const perHour = initialRiseOf(classes);
  const refill = bufferRefillOf(classes);
  const forecast = {
    intervalSeconds,
    horizonGaps: horizonGapsOf(intervalSeconds, policy.executionSeconds),
    stress: approximately(stress),
  };
  return {
    halfLifeSeconds: Math.min(...rules.map((rule) => rule.halfLifeSeconds)),
    stress,
    ...(classes.some(isTracked)
      ? { forecast: { ...forecast, allowed: shockAllowedOf(classes, policy) } }
      : {}),
    ...(perHour === undefined ? {} : { rise: { perHour, rules: all } }),
    ...(refill === undefined ? {} : { refill: { perHour: refill, rules: all } }),
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
  const { price, publishedAt, range } = now.value;
  return { price, publishedAt, maxJump: rules.maxJump, ...(range && { range }) };
}

const variance = (volatility: Ratio): number => approximately(volatility) ** 2;

/** Returns `before` itself if nothing changed. */
export function memoryAfter(
  before: VolatilityMemory | undefined,
  { terms, quote, asOf }: Pick<MeasuredFeed, 'terms' | 'quote'> & { readonly asOf: number },
): VolatilityMemory | undefined {
  const counted = quote === undefined ? before : nextMemory(before, { quote, terms });
  const { rise, refill } = terms;
  if (counted === undefined || (rise ?? refill) === undefined) return counted;
  const measured = measuredVolatility(counted, { asOf, terms });
  const slow = ({ perHour, rules }: RiseTerms, known: SlowMemory | undefined): SlowMemory => {
    const used = rules.map((rule) => usedVolatility(rule, measured)).reduce(larger);
    return {
      volatility: slowVolatility(used, { before: known, asOf, risePerHour: perHour }),
      asOf,
    };
  };
  return {
    ...counted,
    ...(rise && { initial: slow(rise, before?.initial) }),
    ...(refill && { buffer: slow(refill, before?.buffer) }),
  };
}

/** Returns `before` itself if the quote is not newer. */
export function nextMemory(
  before: VolatilityMemory | undefined,
  { quote, terms }: { readonly quote: CountedQuote; readonly terms: MeasureTerms },
): VolatilityMemory {
  const { price, publishedAt } = quote;
  const now = { price, publishedAt };
  if (before === undefined) {
    const { forecast: of } = terms;
    const forecast = of && startForecast(of.stress, of.allowed);
    return { ...now, annualVariance: variance(terms.stress), ...(forecast && { forecast }) };
  }
  if (publishedAt <= before.publishedAt) return before;
  const annualVariance = varianceAfter(before, { quote: now, terms });
  if (terms.forecast === undefined) return { ...now, annualVariance };
  const { gap, unconfirmed } = countedGap(before, quote);
  const forecast = nextForecast(forecastIn(before, terms.forecast), gap, terms.forecast);
  return { ...now, annualVariance, forecast, ...(unconfirmed && { unconfirmed }) };
}

/** A feed that was measured before it was forecast begins with what was measured. */
const forecastIn = (
  { forecast, annualVariance }: VolatilityMemory,
  { allowed }: ForecastTerms,
): ForecastMemory => forecast ?? carriedForecast(annualVariance, allowed);

function varianceAfter(
  before: VolatilityMemory,
  {
    quote,
    terms,
  }: { readonly quote: Pick<CountedQuote, 'price' | 'publishedAt'>; readonly terms: MeasureTerms },
): number {
  const { halfLifeSeconds } = terms;
  const elapsed = (quote.publishedAt - before.publishedAt) / 1000;
  const seconds = Math.min(elapsed, halfLifeSeconds);
  const annualReturn = logReturn(before.price, quote.price) * Math.sqrt(YEAR_SECONDS);
  return nextVariance(unseen(before.annualVariance, elapsed, terms), {
    // A longer gap adds only the part of its squared return that falls to one half-life.
    logReturn: annualReturn * Math.sqrt(seconds / elapsed),
    seconds,
    halfLifeSeconds,
  });
}

/** Rounded up. */
export function measuredOf(
  memory: VolatilityMemory,
  at: { readonly asOf: number; readonly terms: MeasureTerms },
): Measured {
  const annual = measuredVolatility(memory, at);
  const { forecast, rise, refill } = at.terms;
  return {
    annual,
    ...(forecast && { forecast: forecastOf(memory, { asOf: at.asOf, terms: forecast }) }),
    ...(rise && memory.initial ? { initial: memory.initial.volatility } : {}),
    ...(refill && memory.buffer ? { buffer: memory.buffer.volatility } : {}),
  };
}

function forecastOf(
  memory: VolatilityMemory,
  { asOf, terms }: { readonly asOf: number; readonly terms: ForecastTerms },
): Forecast {
  const known = forecastIn(memory, terms);
  const { down, up } = forecastQuantiles(known, terms);
  return {
    volatility: asVolatility(forecastVolatility(known, secondsSince(memory, asOf), terms)),
    quantiles: { down: asQuantile(down), up: asQuantile(up) },
  };
}

const secondsSince = ({ publishedAt }: VolatilityMemory, asOf: number): number =>
  Math.max(0, asOf - publishedAt) / 1000;

/** Annual, rounded up. */
export function measuredVolatility(
  memory: VolatilityMemory,
  { asOf, terms }: { readonly asOf: number; readonly terms: MeasureTerms },
): Ratio {
  const elapsed = secondsSince(memory, asOf);
  return asVolatility(Math.sqrt(unseen(memory.annualVariance, elapsed, terms)));
}

/** v ← v_stress + (v − v_stress)·2^−(t/halfLife − 1) for t beyond one half-life; v until then. */
function unseen(known: number, elapsed: number, { halfLifeSeconds, stress }: MeasureTerms): number {
  if (elapsed <= halfLifeSeconds) return known;
  const left = 2 ** (1 - elapsed / halfLifeSeconds);
  return known * left + variance(stress) * (1 - left);
}
