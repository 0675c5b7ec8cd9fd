/** The terms of options. */

import type { MovingPrice, Quoted, RiskFactor } from '../curve/risk-factor.ts';
import { type Amount, approximately, asRatio, countOf, divide, times } from '../number/decimal.ts';
import { known, type Result, unknown } from '../number/reason.ts';
import { LossArray } from '../option/loss-array.ts';
import { optionQuote } from '../option/option-quote.ts';
import type { OptionShock, PricedOption } from '../option/priced-option.ts';
import { ScenarioOption } from '../option/scenario-option.ts';
import { type CompiledPortfolio, shockOn, yearsOf } from '../portfolio/cells.ts';
import type { ScanTerms } from '../portfolio/holdings.ts';
import { quotedBy, type Resolved } from './asset-terms.ts';
import { fixedForwardOf, rateOfExpiry } from './expiry-terms.ts';
import { lowestScore, type MarkRange, type OptionTerms } from './instrument-terms.ts';
import { classOf, type Listing, type ListingContext, strikeIdOf, tradingOf } from './listing.ts';
import { lossesByCell } from './loss-array-terms.ts';
import { ownPriceOf, type QuoteRange } from './quoted-option.ts';
import { unitAmount, worthPer } from './unit-amount.ts';

export function optionTerms(listing: Listing, context: ListingContext): Result<OptionTerms> {
  const { instrument, settlement, riskClass } = listing;
  const { market, asOf } = context;
  const { instrument: name, underlying, optionType, expiresAt, contractSize, strike } = instrument;
  if (strike === undefined || optionType === undefined || expiresAt === undefined) {
    return unknown('row-malformed', name, `option ${name} needs strike, optionType and expiresAt`);
  }
  const spot = quotedBy({ price: underlying, factor: underlying }, context);
  if (!spot.ok) return spot;
  const { factor, price: spotPrice } = spot.value;
  const feed = instrument.markFeed ?? name;
  const quote = optionQuote({ feed, market, rules: factor.rules, asOf });
  const years = yearsOf(expiresAt - asOf);
  const rate = rateOfExpiry(listing, factor.rules, context);
  const at = { spot: spot.value, years, rate: approximately(rate), resolved: context };
  const forward = forwardOf(listing, at);
  if (!forward.ok) return forward;
  const fixed = fixedForwardOf(instrument, forward.value.amount);
  if (!fixed.ok) return fixed;
  const own = ownPriceOf(quote, {
    name,
    factor,
    policy: market.policy,
    coin: instrument.inverse ? unitAmount(spotPrice.price) : undefined,
    input: {
      type: optionType,
      strike: approximately(strike),
      expiresAt,
      years,
      forward: approximately(forward.value.amount),
      ...(riskClass.optionValue === 'undiscounted'
        ? { rate: 0, expiryRate: at.rate }
        : { rate: at.rate }),
      fixedShare: fixed.value,
    },
  });
  const { option } = own;
  const ofClass = classOf({ riskClass, factor }, context);
  const losses = lossesByCell(instrument, ofClass.portfolio);
  if (!losses.ok) return losses;
  const perUnit = losses.value?.map((loss) => divide(loss, countOf(contractSize)));
  const scanTerms = (priced: PricedOption): ScanTerms => {
    const terms = scanTermsOf({ option: priced, factor }, ofClass.portfolio);
    return perUnit ? { ...terms, scan: new LossArray(perUnit, terms.plain) } : terms;
  };
  const prices = [spotPrice, ...forward.value.prices];
  return known({
    kind: 'option',
    type: optionType,
    isInverse: instrument.inverse,
    instrument: name,
    settlement,
    expiresAt,
    quoted: { factor, price: own.price },
    prices,
    contractSize,
    contractValue: worthPer(contractSize, option.mark),
    trading: tradingOf(listing, spot.value),
    confidenceScore: lowestScore([...prices, own.price]),
    ofClass,
    strikeId: strikeIdOf(option.input, context),
    strike: unitAmount(strike),
    spot: unitAmount(spotPrice.price),
    forward: forward.value.amount,
    quoteUncertainty: own.uncertainty,
    quoteDoubt: markRange(own.doubt, scanTerms),
    quoteAged: markRange(own.aged, scanTerms),
    ...scanTerms(option),
  });
}

function markRange(
  range: QuoteRange | undefined,
  scanTerms: (option: PricedOption) => ScanTerms,
): MarkRange | undefined {
  if (range === undefined) return undefined;
  const { ends, ...values } = range;
  if (ends === undefined) return values;
  return { ...values, ends: { low: scanTerms(ends.low), high: scanTerms(ends.high) } };
}

/** From its own feed, else spot·e^{rτ}, which is the spot if r is 0. */
function forwardOf(
  { instrument: { forwardFeed, underlying } }: Listing,
  of: {
    readonly spot: Quoted;
    readonly years: number;
    readonly rate: number;
    readonly resolved: Resolved;
  },
): Result<{ readonly amount: Amount; readonly prices: readonly MovingPrice[] }> {
  if (forwardFeed !== undefined) {
    const quoted = quotedBy({ price: forwardFeed, factor: underlying }, of.resolved);
    if (!quoted.ok) return quoted;
    const { price: forward } = quoted.value;
    return known({ amount: unitAmount(forward.price), prices: [forward] });
  }
  const growth = Math.exp(of.rate * of.years);
  const spot = unitAmount(of.spot.price.price);
  return known({ amount: growth === 1 ? spot : times(spot, asRatio(growth)), prices: [] });
}

export function scanTermsOf(
  { option, factor }: { readonly option: PricedOption; readonly factor: RiskFactor },
  portfolio: CompiledPortfolio | undefined,
): ScanTerms {
  const { grid, feed } = factor;
  if (grid === undefined) throw new RangeError(`${feed}: no price, so no price grid`);
  const { volatility, years } = option.input;
  const under = (shocks: readonly OptionShock[]) => new ScenarioOption({ option, shocks, grid });
  return {
    option,
    plain: under([{ multiple: 1, volatility, years }]),
    scan:
      portfolio &&
      under(portfolio.cells.map((cell) => shockOn(option.input, cell, portfolio.rules))),
  };
}
