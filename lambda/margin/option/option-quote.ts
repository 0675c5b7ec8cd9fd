/** Resolves the quotes of one option: a price, an implied volatility, or both. */

import type { Market } from '../market/market.ts';
import { medianOf, type OraclePrice, resolvePrice, scoreOf } from '../market/oracle.ts';
import type { OracleRules } from '../market/policy.ts';
import { type Price, type Ratio, ZERO } from '../number/decimal.ts';
import { CLOCK_SKEW_MS_MAX } from '../number/limits.ts';
import { known, type Result, unknown } from '../number/reason.ts';

export interface OptionQuote extends Omit<OraclePrice, 'price'> {
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

/** Applies the usual price rules, except that a jump does not make an option's price suspect. */
export function optionQuote(input: OptionQuoteInput): Result<OptionQuote> {
  const { feed, market, rules, asOf } = input;
  const quotes = market.quotes.get(feed) ?? [];
  const bare = market.volatilityQuotes.get(feed) ?? [];
  const fault = market.quoteFaults.get(feed);
  if (quotes.length === 0 && bare.length === 0) {
    return fault === undefined
      ? unknown('price-missing', feed, `${feed}: no usable quote`)
      : { ok: false, reason: fault };
  }
  const volatilities = [...bare, ...quotes].filter((quote) => isUsable(quote, { rules, asOf }));
  const impliedVolatility = medianOf(
    volatilities.flatMap((quote) => quote.impliedVolatility ?? []),
  );
  if (quotes.length > 0) {
    const price = resolvePrice({ feed, quotes, rules, asOf });
    return price.ok ? known({ ...price.value, impliedVolatility }) : price;
  }
  if (volatilities.length < Math.max(1, rules.minSources) || impliedVolatility === undefined) {
    const detail =
      `${feed}: ${volatilities.length} of ${bare.length} implied volatilities usable; ` +
      `need ${Math.max(1, rules.minSources)}, at most ${rules.staleAfterSeconds} s old`;
    return unknown('price-stale', feed, detail);
  }
  const ageSeconds = Math.max(...volatilities.map((quote) => ageOf(quote, asOf)));
  return known({
    feed,
    impliedVolatility,
    confidence: ZERO,
    publishedAt: Math.min(...volatilities.map(({ publishedAt }) => publishedAt)),
    ageSeconds,
    isFresh: ageSeconds < rules.maxAgeSeconds,
    isSuspect: false,
    sources: volatilities.length,
    confidenceScore: scoreOf(volatilities),
  });
}

interface Dated {
  readonly publishedAt: number;
}

const ageOf = ({ publishedAt }: Dated, asOf: number): number =>
  Math.max(0, asOf - publishedAt) / 1000;

const isUsable = (
  quote: Dated,
  { rules, asOf }: { readonly rules: OracleRules; readonly asOf: number },
): boolean =>
  quote.publishedAt <= asOf + CLOCK_SKEW_MS_MAX && ageOf(quote, asOf) <= rules.staleAfterSeconds;
