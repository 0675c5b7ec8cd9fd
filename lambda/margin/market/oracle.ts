/** One price from many sources: the median of the recent quotes, if enough sources agree. */
import {
  absolute,
  add,
  compare,
  isAbove,
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
} from '../number/decimal.ts';
import { CLOCK_SKEW_MS_MAX } from '../number/limits.ts';
import { known, type Result, unknown } from '../number/reason.ts';
import type { Quote } from './market.ts';
import type { OracleRules } from './policy.ts';

export interface OraclePrice {
  readonly feed: string;
  readonly price: Price;
  /** Half-width ÷ price. */
  readonly confidence: Ratio;
  /** The older of the quotes that the median uses. */
  readonly publishedAt: number;
  readonly ageSeconds: number;
  /** Young enough for a liquidation. */
  readonly isFresh: boolean;
  /** A jump that no second source or check has confirmed. */
  readonly isSuspect: boolean;
  readonly sources: number;
  /** Lowest among the quotes that the median uses, 0 to 1. */
  readonly confidenceScore: Ratio;
  readonly fundingRatePerHour?: Ratio | undefined;
}

export interface OracleInput {
  readonly feed: string;
  readonly quotes: readonly Quote[];
  readonly rules: OracleRules;
  readonly asOf: number;
  /** null: could not be read. */
  readonly previous?: RememberedPrice | null | undefined;
}

export interface RememberedPrice {
  /** The last believed price. */
  readonly price: Price;
  /** An unconfirmed jump, reported by one source. */
  readonly suspect?: { readonly price: Price; readonly publishedAt: number } | undefined;
}

/** By feed. No entry: never believed. null: could not be read. */
export type PreviousPrices = ReadonlyMap<string, RememberedPrice | null>;

const HALF = ratio('0.5');

/** Zero if the stamping clock is ahead. */
const ageSecondsOf = (quote: Quote, asOf: number): number =>
  Math.max(0, asOf - quote.publishedAt) / 1000;

export function resolvePrice(input: OracleInput): Result<OraclePrice> {
  const { feed, quotes, rules, asOf } = input;
  const past = quotes.filter((quote) => quote.publishedAt <= asOf + CLOCK_SKEW_MS_MAX);
  const usable = past.filter((quote) => ageSecondsOf(quote, asOf) <= rules.staleAfterSeconds);
  if (usable.length < Math.max(1, rules.minSources)) return refuse(input, past, usable);

  const sorted = usable.toSorted(byPriceThenAge);
  const middle = middleOf(sorted);
  const price = times(add(middle[0].price, middle[1].price), HALF);
  const lowest = (sorted[0] as Quote).price;
  const highest = (sorted.at(-1) as Quote).price;
  if (isAbove(subtract(highest, lowest), times(price, rules.maxSourceSpread))) {
    return unknown(
      'sources-disagree',
      feed,
      `${feed}: sources range from ${textOf(lowest)} to ${textOf(highest)}, ` +
        `more than maxSourceSpread allows (${textOf(rules.maxSourceSpread)} of the median)`,
    );
  }
  const ageSeconds = Math.max(...middle.map((quote) => ageSecondsOf(quote, asOf)));
  const publishedAt = Math.min(...middle.map((quote) => quote.publishedAt));
  return known({
    feed,
    price,
    confidence: confidenceOf(middle, price),
    publishedAt,
    ageSeconds,
    isFresh: ageSeconds < rules.maxAgeSeconds,
    isSuspect: usable.length === 1 && isSuspect({ price, publishedAt }, input),
    sources: usable.length,
    confidenceScore: scoreOf(middle),
    fundingRatePerHour: medianOf(usable.flatMap((quote) => quote.fundingRatePerHour ?? [])),
  });
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
  if (settled.length === 0) return undefined;
  const [lower, upper] = middleOf(settled);
  return times(add(lower.price, upper.price), HALF);
}

/** Time breaks ties, so that the median's age does not depend on row order. */
const byPriceThenAge = (left: Quote, right: Quote): number =>
  compare(left.price, right.price) || left.publishedAt - right.publishedAt;

function refuse(input: OracleInput, past: readonly Quote[], usable: readonly Quote[]) {
  const { feed, quotes, rules, asOf } = input;
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
    `${feed}: newest quote (${latest.source}) is ${ageSecondsOf(latest, asOf)} s old, ` +
      `limit ${rules.staleAfterSeconds} s`,
  );
}

function middleOf(sorted: readonly Quote[]): readonly [Quote, Quote] {
  const upper = Math.floor(sorted.length / 2);
  const lower = sorted.length % 2 === 1 ? upper : upper - 1;
  return [sorted[lower] as Quote, sorted[upper] as Quote];
}

/** The wider half-width, plus half the distance between the middle quotes. */
function confidenceOf(middle: readonly [Quote, Quote], price: Price): Ratio {
  const [lower, upper] = middle;
  const between = times(subtract(upper.price, lower.price), HALF);
  const none = subtract(price, price);
  const stated = larger(lower.confidence ?? none, upper.confidence ?? none);
  return ratioBetween(add(stated, between), price);
}

const isJump = (from: Price, to: Price, maxJump: Ratio): boolean =>
  isAbove(absolute(subtract(to, from)), times(from, maxJump));

/** Only a *newer* quote at the new level confirms a jump. A price that cannot be compared may be one. */
function isSuspect(
  now: Pick<OraclePrice, 'price' | 'publishedAt'>,
  { previous, rules }: OracleInput,
): boolean {
  if (previous === null) return true;
  if (previous === undefined || !isJump(previous.price, now.price, rules.maxJump)) return false;
  const { suspect } = previous;
  if (suspect === undefined || now.publishedAt <= suspect.publishedAt) return true;
  return isJump(suspect.price, now.price, rules.maxJump);
}

/** A feed without a price keeps its stored one for the next comparison. */
export function remember(
  now: Result<OraclePrice>,
  previous: RememberedPrice | undefined,
): RememberedPrice | undefined {
  if (!now.ok) return previous;
  const { price, publishedAt, isSuspect: isDoubted } = now.value;
  if (!isDoubted || previous === undefined) return { price };
  return { price: previous.price, suspect: { price, publishedAt } };
}

export function medianOf(rates: readonly Ratio[]): Ratio | undefined {
  const sorted = rates.toSorted(compare);
  if (sorted.length === 0) return undefined;
  const upper = sorted[Math.floor(sorted.length / 2)] as Ratio;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] as Ratio;
  return times(add(lower, upper), HALF);
}
