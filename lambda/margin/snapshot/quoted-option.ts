/** Prices an option by its own quote: a price, an implied volatility, or both. */

import type { MovingPrice, RiskFactor } from '../curve/risk-factor.ts';
import type { Policy } from '../market/policy.ts';
import { priceUncertainty } from '../market/shock.ts';
import {
  type Amount,
  add,
  approximately,
  asAmount,
  countAt,
  times,
  unitPriceOf,
  ZERO,
} from '../number/decimal.ts';
import { known, type Result, unknown } from '../number/reason.ts';
import { impliedVolatility } from '../option/implied-volatility.ts';
import type { OptionQuote } from '../option/option-quote.ts';
import { type OptionInput, PricedOption } from '../option/priced-option.ts';
import { unitAmount } from './unit-amount.ts';

type Unpriced = Omit<OptionInput, 'volatility' | 'quoted'>;

export function pricedBy(
  quote: OptionQuote,
  {
    name,
    input,
    coin,
  }: {
    readonly name: string;
    readonly input: Unpriced;
    /** The coin's price, if the option is quoted in the coin. */
    readonly coin: Amount | undefined;
  },
): Result<PricedOption> {
  const quoted = quotedValue(quote, coin);
  const volatility = volatilityOf(quote, { input, quoted });
  if (volatility === undefined) {
    const detail =
      `${quote.feed}: the price quoted for ${name} has no implied volatility, ` +
      'because it is higher than the option can ever pay';
    return unknown('option-price-impossible', quote.feed, detail);
  }
  return known(new PricedOption({ ...input, volatility, quoted }));
}

/** Converts a price in the coin to the numeraire. */
function quotedValue({ price: quoted }: OptionQuote, coin: Amount | undefined): Amount | undefined {
  if (quoted === undefined) return undefined;
  return coin === undefined ? unitAmount(quoted) : times(coin, countAt(quoted));
}

/**
 * Quoted, or implied by the price. 0 if the price is at or below the discounted payoff at the
 * forward; undefined if it is at or above the most that the option can ever pay.
 */
function volatilityOf(
  quote: OptionQuote,
  { input, quoted }: { readonly input: Unpriced; readonly quoted: Amount | undefined },
): number | undefined {
  if (quote.impliedVolatility !== undefined) return approximately(quote.impliedVolatility);
  if (quoted === undefined) return undefined;
  const { type, strike, years, forward, rate } = input;
  const price = approximately(quoted);
  const discount = Math.exp(-rate * years);
  const most = discount * (type === 'call' ? forward : strike);
  if (price >= most) return undefined;
  const terms = { type, strike, yearsToExpiry: years };
  return impliedVolatility(terms, { price, forward, discount }) ?? 0;
}

interface Owned {
  readonly option: PricedOption;
  readonly factor: RiskFactor;
}

/** The option's own quote, as a price that an account depends on. */
export function ownPrice(quote: OptionQuote, { option, factor }: Owned): MovingPrice {
  const { impliedVolatility: _, ...rest } = quote;
  const { volatility, shockDown, shockUp, shock } = factor;
  const price = quote.price ?? unitPriceOf(option.mark);
  return { ...rest, price, uncertainty: rest.confidence, volatility, shockDown, shockUp, shock };
}

/**
 * Stated confidence plus the underlying's possible move since the quote, times delta. 0 if only a
 * volatility is quoted.
 */
export function quoteUncertaintyOf(
  quote: OptionQuote,
  { option, factor, policy }: Owned & { readonly policy: Policy },
): Amount {
  if (policy.uncertainty === 'none' || quote.price === undefined) return asAmount(0);
  const stated = times(option.mark, times(quote.confidence, policy.confidenceMultiplier));
  const drift = priceUncertainty({
    confidence: ZERO,
    confidenceMultiplier: ZERO,
    deviation: ZERO,
    quantile: policy.shockQuantile,
    volatility: factor.volatility,
    ageSeconds: quote.ageSeconds,
  });
  const exposed = asAmount(Math.abs(option.greeks().delta) * option.input.forward);
  return add(stated, times(exposed, drift));
}
