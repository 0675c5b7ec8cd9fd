/** Resolves the quotes of one option: a price, an implied volatility, or both. */

import { resolvePrice, staleRangeOf } from '../market/belief.ts';
import type { Market, VolatilityQuote } from '../market/market.ts';
import type { OraclePrice } from '../market/oracle.ts';
import type { OracleRules } from '../market/policy.ts';
import { ageSecondsOf, medianOf, scoreOf } from '../market/sources.ts';
import { type Price, type Ratio, ZERO } from '../number/decimal.ts';
import { CLOCK_SKEW_MS_MAX } from '../number/limits.ts';
import { known, type Result, unknown } from '../number/reason.ts';

/** A range of factors: the price or the volatility lies between it ÷ factor and it × factor. */
export interface QuoteDoubt {
  /** Absent if it may be relied on. */
  readonly doubt?: Ratio | undefined;
  /** When a liquidation is decided. Absent if the quote is young. */
  readonly aged?: Ratio | undefined;
}

export interface OptionQuote
  extends Omit<OraclePrice, 'price' | 'doubt' | 'aged' | 'isJump'>,
    QuoteDoubt {
  /** In the option's quote unit; absent if only volatilities were quoted. */
  readonly price?: Price | undefined;
  /** Annual; absent if only prices were quoted. */
  readonly impliedVolatility?: Ratio | undefined;
}

export interface OptionQuoteInput {
  readonly feed: string;
  readonly market: Market;
  readonly rules: OracleRules;
  readonly asOf: number;
}

/** Applies the usual price rules, except that an option's price may jump. Unknown if never quoted. */
export function optionQuote(input: OptionQuoteInput): Result<OptionQuote> {
  const { feed, market, rules, asOf } = input;
  const quotes = market.quotes.get(feed) ?? [];
  const bare = market.volatilityQuotes.get(feed) ?? [];
  if (quotes.length === 0) return volatilityQuote(bare, input);
  const price = resolvePrice({ feed, quotes, rules, asOf });
  if (!price.ok) return price;
  const { doubt, aged, isJump: _, ...rest } = price.value;
  const ages = rangesFor(rest.ageSeconds, doubt !== undefined, rules);
  const usable = [...bare, ...quotes].filter(
    (quote) => doubt !== undefined || isUsable(quote, input),
  );
  const impliedVolatility = medianOf(usable.flatMap((quote) => quote.impliedVolatility ?? []));
  return known({ ...rest, ...ages, impliedVolatility });
}

const rangesFor = (ageSeconds: number, isStale: boolean, rules: OracleRules): QuoteDoubt => {
  if (isStale) return { doubt: staleRangeOf(rules.staleRange, ageSeconds) };
  return ageSeconds < rules.maxAgeSeconds ? {} : { aged: rules.staleRange };
};

function volatilityQuote(
  bare: readonly VolatilityQuote[],
  input: OptionQuoteInput,
): Result<OptionQuote> {
  const { feed, market, rules, asOf } = input;
  const past = bare.filter((quote) => !isFuture(quote, input));
  const usable = past.filter((quote) => isUsable(quote, input));
  const isStale = usable.length < Math.max(1, rules.minSources);
  const read = isStale ? past : usable;
  const impliedVolatility = medianOf(read.map((quote) => quote.impliedVolatility));
  if (impliedVolatility === undefined) {
    const fault = market.quoteFaults.get(feed);
    return fault === undefined
      ? unknown('price-missing', feed, `${feed}: no usable quote`)
      : { ok: false, reason: fault };
  }
  const publishedAt = Math.min(...read.map((quote) => quote.publishedAt));
  const ageSeconds = ageSecondsOf(publishedAt, asOf);
  const ranges = rangesFor(ageSeconds, isStale, rules);
  const standing = isStale ? 'stale' : ranges.aged === undefined ? 'fresh' : 'aged';
  const why =
    `${feed}: ${usable.length} of ${bare.length} implied volatilities usable; ` +
    `need ${Math.max(1, rules.minSources)}, at most ${rules.staleAfterSeconds} s old`;
  return known({
    feed,
    impliedVolatility,
    confidence: ZERO,
    publishedAt,
    ageSeconds,
    standing,
    ...ranges,
    ...(standing === 'fresh' ? {} : { why }),
    sources: usable.length,
    confidenceScore: scoreOf(read),
  });
}

interface Dated {
  readonly publishedAt: number;
}

type At = Pick<OptionQuoteInput, 'rules' | 'asOf'>;

const isFuture = (quote: Dated, { asOf }: At): boolean =>
  quote.publishedAt > asOf + CLOCK_SKEW_MS_MAX;

const isUsable = (quote: Dated, { rules, asOf }: At): boolean =>
  !isFuture(quote, { rules, asOf }) &&
  ageSecondsOf(quote.publishedAt, asOf) <= rules.staleAfterSeconds;
