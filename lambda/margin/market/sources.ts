/** One price from many sources: the median of those that agree. */
import {
  absolute,
  add,
  compare,
  isAbove,
  isZero,
  larger,
  ONE,
  type Price,
  type Ratio,
  ratio,
  ratioBetween,
  smaller,
  subtract,
  textOf,
  times,
  ZERO,
} from '../number/decimal.ts';
import { CLOCK_SKEW_MS_MAX } from '../number/limits.ts';
import { known, type Result, unknown } from '../number/reason.ts';
import type { Quote } from './market.ts';
import type { OracleInput, PriceRange, QuotedRange } from './oracle.ts';

/** What the sources that agree say. */
export interface Consensus {
  readonly price: Price;
  /** Half-width ÷ price. */
  readonly confidence: Ratio;
  /** The older of the quotes that the median uses. */
  readonly publishedAt: number;
  readonly ageSeconds: number;
  /** Names of the sources that agree. */
  readonly sources: readonly string[];
  readonly confidenceScore: Ratio;
  readonly fundingRatePerHour?: Ratio | undefined;
  readonly range?: QuotedRange | undefined;
}

export interface Hearing {
  readonly consensus: Result<Consensus>;
  /** Sources that disagree with the others. */
  readonly apart: readonly string[];
  /** All that sources say which disagree, where they leave no price. */
  readonly said?: PriceRange | undefined;
  /** There would be a price, but only of quotes older than others read before. */
  readonly isOldNews: boolean;
  /** Newest time of each source, of this check or before. */
  readonly newest: Readonly<Record<string, number>>;
}

const HALF = ratio('0.5');

/** Zero if the stamping clock is ahead. */
export const ageSecondsOf = (publishedAt: number, asOf: number): number =>
  Math.max(0, asOf - publishedAt) / 1000;

export function hear(input: OracleInput): Hearing {
  const { feed, quotes, rules, asOf, previous } = input;
  const read = new Map(Object.entries(previous?.sources ?? {}));
  const past = quotes.filter((quote) => quote.publishedAt <= asOf + CLOCK_SKEW_MS_MAX);
  const recent = past.filter(
    ({ publishedAt }) => ageSecondsOf(publishedAt, asOf) <= rules.staleAfterSeconds,
  );
  const usable = recent.filter((quote) => quote.publishedAt >= (read.get(quote.source) ?? 0));
  const newest = new Map(read);
  for (const { source, publishedAt } of past) {
    newest.set(source, Math.max(publishedAt, newest.get(source) ?? 0));
  }
  const heard = { newest: Object.fromEntries(newest), isOldNews: false };
  const needed = Math.max(1, rules.minSources);
  if (usable.length < needed) {
    const isOldNews = recent.length >= needed;
    return { ...heard, isOldNews, apart: [], consensus: refuse(input, past, usable) };
  }
  const agreeing = agreeingOf(usable, input);
  const apart = usable.filter((quote) => !agreeing.includes(quote)).map(({ source }) => source);
  if (agreeing.length < needed || agreeing.length * 2 <= usable.length) {
    const [low, high] = endsOf(usable);
    const detail =
      `${feed}: sources range from ${textOf(low)} to ${textOf(high)}, ` +
      `more than maxSourceSpread allows (${textOf(rules.maxSourceSpread)} of the median)`;
    const consensus = unknown('sources-disagree', feed, detail);
    return { ...heard, apart, consensus, said: { low, high } };
  }
  return { ...heard, apart, consensus: known(medianQuote(agreeing, asOf)) };
}

/** Those within half of `maxSourceSpread` from the median, by price. */
function agreeingOf(usable: readonly Quote[], { rules }: OracleInput): readonly Quote[] {
  const sorted = usable.toSorted(byPriceThenAge);
  const median = midpointOf(sorted);
  const most = times(median, times(rules.maxSourceSpread, HALF));
  return sorted.filter(({ price }) => !isAbove(absolute(subtract(price, median)), most));
}

function endsOf(quotes: readonly Quote[]): [Price, Price] {
  const prices = quotes.map(({ price }) => price);
  return [prices.reduce(smaller), prices.reduce(larger)];
}

/** Of quotes sorted by price. */
export function medianQuote(sorted: readonly Quote[], asOf: number): Consensus {
  const middle = middleOf(sorted);
  const price = midpointOf(sorted);
  return {
    price,
    confidence: confidenceOf(middle, price),
    publishedAt: Math.min(...middle.map(({ publishedAt }) => publishedAt)),
    ageSeconds: Math.max(...middle.map(({ publishedAt }) => ageSecondsOf(publishedAt, asOf))),
    sources: sorted.map(({ source }) => source),
    confidenceScore: scoreOf(middle),
    fundingRatePerHour: medianOf(sorted.flatMap((quote) => quote.fundingRatePerHour ?? [])),
    range: rangeOf(sorted),
  };
}

function rangeOf(quotes: readonly Quote[]): QuotedRange | undefined {
  const ranged = quotes.flatMap(({ low, high }) => (low && high ? [{ low, high }] : []));
  if (ranged.length === 0 || ranged.length * 2 < quotes.length) return undefined;
  const lows = ranged.map(({ low }) => low).sort(compare);
  const highs = ranged.map(({ high }) => high).sort(compare);
  const [secondLow, secondHigh] = [lows[1], highs.at(-2)];
  return {
    low: medianOf(lows) as Price,
    high: medianOf(highs) as Price,
    ...(secondLow && secondHigh && { second: { low: secondLow, high: secondHigh } }),
  };
}

export const scoreOf = (quotes: readonly Pick<Quote, 'confidenceScore'>[]): Ratio =>
  quotes.map(({ confidenceScore }) => confidenceScore ?? ONE).reduce(smaller, ONE);

/** Median of the quotes published at or after `from`, however old. */
export function settlementPrice(
  quotes: readonly Quote[],
  { from, asOf }: { readonly from: number; readonly asOf: number },
): Price | undefined {
  const settled = quotes
    .filter(({ publishedAt }) => publishedAt >= from && publishedAt <= asOf + CLOCK_SKEW_MS_MAX)
    .toSorted(byPriceThenAge);
  return settled.length === 0 ? undefined : midpointOf(settled);
}

/** Time breaks ties, so that the median's age does not depend on row order. */
export const byPriceThenAge = (left: Quote, right: Quote): number =>
  compare(left.price, right.price) || left.publishedAt - right.publishedAt;

function refuse(
  { feed, quotes, rules, asOf }: OracleInput,
  past: readonly Quote[],
  usable: readonly Quote[],
) {
  if (quotes.length === 0) return unknown('price-missing', feed, `${feed}: no usable quote`);
  if (usable.length > 0) {
    return unknown(
      'sources-too-few',
      feed,
      `${feed}: ${usable.length} of ${quotes.length} sources usable, ${rules.minSources} needed`,
    );
  }
  const latest = past.toSorted((left, right) => right.publishedAt - left.publishedAt)[0];
  if (latest === undefined) {
    return unknown(
      'price-future',
      feed,
      `${feed}: every quote has a publishedAt later than the check`,
    );
  }
  return unknown(
    'price-stale',
    feed,
    `${feed}: newest quote (${latest.source}) is ${ageSecondsOf(latest.publishedAt, asOf)} s ` +
      `old, limit ${rules.staleAfterSeconds} s`,
  );
}

function middleOf(sorted: readonly Quote[]): readonly [Quote, Quote] {
  const upper = Math.floor(sorted.length / 2);
  const lower = sorted.length % 2 === 1 ? upper : upper - 1;
  return [sorted[lower] as Quote, sorted[upper] as Quote];
}

function midpointOf(sorted: readonly Quote[]): Price {
  const [lower, upper] = middleOf(sorted);
  return times(add(lower.price, upper.price), HALF);
}

/** The wider half-width, plus half the distance between the middle quotes. */
function confidenceOf(middle: readonly [Quote, Quote], price: Price): Ratio {
  if (isZero(price)) return ZERO;
  const [lower, upper] = middle;
  const between = times(subtract(upper.price, lower.price), HALF);
  const none = subtract(price, price);
  const stated = larger(lower.confidence ?? none, upper.confidence ?? none);
  return ratioBetween(add(stated, between), price);
}

export function medianOf<M extends Price | Ratio>(all: readonly M[]): M | undefined {
  const sorted = all.toSorted(compare);
  if (sorted.length === 0) return undefined;
  const upper = sorted[Math.floor(sorted.length / 2)] as M;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] as M;
  return times(add(lower, upper), HALF);
}
