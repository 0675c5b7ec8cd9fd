/** Prices an option by its own quote: a price, an implied volatility, or both; or without one. */

import { type MovingPrice, movingWith, type RiskFactor } from '../curve/risk-factor.ts';
import type { Policy } from '../market/policy.ts';
import { priceUncertainty } from '../market/shock.ts';
import {
  type Amount,
  add,
  approximately,
  asAmount,
  countAt,
  divide,
  larger,
  ONE,
  type Ratio,
  smaller,
  times,
  unitPriceOf,
  ZERO,
} from '../number/decimal.ts';
import { known, type Reason, type Result, unknown } from '../number/reason.ts';
import { impliedVolatility } from '../option/implied-volatility.ts';
import type { OptionQuote } from '../option/option-quote.ts';
import { type OptionInput, PricedOption } from '../option/priced-option.ts';
import { unitAmount } from './unit-amount.ts';

type Unpriced = Omit<OptionInput, 'volatility' | 'quoted'>;

/** Values per unit of underlying. */
export interface ValueRange {
  readonly low: Amount;
  readonly high: Amount;
}

/** Where an option's mark may lie. */
export interface QuoteRange extends ValueRange {
  /** Its loss in the latency shock may be this much larger or smaller, per unit of underlying. */
  readonly shockReach: Amount;
  /** The option at σ/k and at σ·k. Absent without a quote. */
  readonly ends?: { readonly low: PricedOption; readonly high: PricedOption } | undefined;
}

/** An option's own price: its mark, and where the mark may lie. */
export interface OwnPrice {
  readonly option: PricedOption;
  readonly price: MovingPrice;
  /** Uncertainty of the quote, per unit of underlying. */
  readonly uncertainty: Amount;
  /** Absent if the quote may be relied on. */
  readonly doubt?: QuoteRange | undefined;
  /** When a liquidation is decided. Absent if the quote is young. */
  readonly aged?: QuoteRange | undefined;
}

interface Pricing {
  readonly name: string;
  readonly input: Unpriced;
  readonly factor: RiskFactor;
  readonly policy: Policy;
  /** The coin's price, if the option is quoted in the coin. */
  readonly coin: Amount | undefined;
}

/** Without a usable quote the option lies between its discounted payoff and the most that it pays. */
export function ownPriceOf(quote: Result<OptionQuote>, pricing: Pricing): OwnPrice {
  const priced = quote.ok ? pricedBy(quote.value, pricing) : quote;
  if (!quote.ok || !priced.ok) {
    return unquotedPrice(priced.ok ? undefined : priced.reason, pricing);
  }
  const option = priced.value;
  const { factor, policy } = pricing;
  const range = (by: Ratio | undefined) =>
    by && rangeOf(option, { by, quote: quote.value, pricing });
  return {
    option,
    price: quotedPrice(quote.value, { option, factor }),
    uncertainty: quoteUncertaintyOf(quote.value, { option, factor, policy }),
    doubt: range(quote.value.doubt),
    aged: range(quote.value.aged),
  };
}

function unquotedPrice(why: Reason | undefined, { name, input, factor }: Pricing): OwnPrice {
  const option = new PricedOption({ ...input, volatility: 0 });
  const { feed } = factor;
  const price: MovingPrice = {
    feed: why?.subject ?? name,
    price: unitPriceOf(option.mark),
    confidence: ZERO,
    uncertainty: ZERO,
    publishedAt: 0,
    ageSeconds: 0,
    standing: 'stale',
    why: why?.detail ?? `${name}: no usable quote for this option on ${feed}`,
    sources: 0,
    confidenceScore: ONE,
    ...movingWith(factor),
  };
  const low = option.mark;
  const high = add(low, mostAbovePayoff(input, factor));
  const shockReach = shockReachOf(option, factor, [ANY_VOLATILITY]);
  const doubt = { low, high, shockReach };
  return { option, price, uncertainty: asAmount(0), doubt };
}

/** The option is then worth nearly the most that it can pay. */
const ANY_VOLATILITY = 100;

/** The loss of a fall and of a rise, at the volatilities of a range, against the believed one. */
function shockReachOf(
  option: PricedOption,
  { shockDown, shockUp }: RiskFactor,
  volatilities: readonly number[],
): Amount {
  const { input } = option;
  const moved = [1 - approximately(shockDown), 1 + approximately(shockUp)];
  const lossesAt = (volatility: number): number[] => {
    const valueAt = (multiple: number) =>
      option.at(multiple, { multiple: 1, volatility, years: input.years }).value;
    return moved.map((multiple) => valueAt(1) - valueAt(Math.max(0, multiple)));
  };
  const believed = lossesAt(input.volatility);
  const reaches = volatilities.flatMap((volatility) =>
    lossesAt(volatility).map((loss, index) => Math.abs(loss - (believed[index] ?? 0))),
  );
  return asAmount(Math.max(...reaches));
}

/** D·min(K, F), at the highest price that the grids span. */
function mostAbovePayoff(
  { strike, forward, years, rate }: Unpriced,
  { grid, wideGrid }: RiskFactor,
): Amount {
  const highest = (wideGrid ?? grid)?.multiples.at(-1) ?? 1;
  return asAmount(Math.exp(-rate * years) * Math.min(strike, forward * highest));
}

/** A call lies in [D·max(F − K, 0), D·F], a put in [D·max(K − F, 0), D·K], with D = e^(−rτ). */
function boundsOf({ type, strike, forward, years, rate }: Unpriced): [Amount, Amount] {
  const discount = Math.exp(-rate * years);
  const inMoney = type === 'call' ? forward - strike : strike - forward;
  const most = type === 'call' ? forward : strike;
  return [asAmount(discount * Math.max(inMoney, 0)), asAmount(discount * most)];
}

/** By the factor of the doubt: of the price if there is one, else of the volatility. */
function rangeOf(
  option: PricedOption,
  of: { readonly by: Ratio; readonly quote: OptionQuote; readonly pricing: Pricing },
): QuoteRange {
  const { by, quote } = of;
  const { input, factor: underlying } = of.pricing;
  const [least, most] = boundsOf(input);
  const within = (value: Amount) => larger(least, smaller(most, value));
  const { volatility } = option.input;
  const at = (each: number) => new PricedOption({ ...input, volatility: each });
  const factor = approximately(by);
  const ends = { low: at(volatility / factor), high: at(volatility * factor) };
  const [low, high] =
    quote.price === undefined
      ? [ends.low.mark, ends.high.mark]
      : [divide(option.mark, by), times(option.mark, by)];
  const shockReach = shockReachOf(option, underlying, [
    ...[volatility / factor, volatility / Math.sqrt(factor)],
    ...[volatility * Math.sqrt(factor), volatility * factor],
  ]);
  return {
    low: smaller(option.mark, within(low)),
    high: larger(option.mark, within(high)),
    shockReach,
    ends,
  };
}

function pricedBy(quote: OptionQuote, { name, input, coin }: Pricing): Result<PricedOption> {
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
function quotedPrice(quote: OptionQuote, { option, factor }: Owned): MovingPrice {
  const { impliedVolatility: _iv, doubt: _doubt, aged: _aged, ...rest } = quote;
  const price = quote.price ?? unitPriceOf(option.mark);
  return { ...rest, price, uncertainty: rest.confidence, ...movingWith(factor) };
}

/**
 * Stated confidence plus the underlying's possible move since the quote, times delta. 0 if only a
 * volatility is quoted.
 */
function quoteUncertaintyOf(
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
