/** The rate and the fixed share of the forward of an expiry. */

import type { Instrument, Quote } from '../market/market.ts';
import type { OracleRules } from '../market/policy.ts';
import { ageSecondsOf, medianOf } from '../market/sources.ts';
import {
  type Amount,
  approximately,
  isAbove,
  ONE,
  type Ratio,
  ratioBetween,
  textOf,
  unitPriceOf,
} from '../number/decimal.ts';
import { CLOCK_SKEW_MS_MAX } from '../number/limits.ts';
import { known, type Result, unknown } from '../number/reason.ts';
import type { Listing, ListingContext } from './listing.ts';
import { unitAmount } from './unit-amount.ts';

/**
 * Quoted on the forward's feed, else of the instrument, else of the class. A class that discounts
 * the sum of an expiry refuses a second rate in it.
 */
export function rateOfExpiry(
  { instrument, riskClass }: Listing,
  rules: OracleRules,
  context: ListingContext,
): Result<Ratio> {
  const quoted = quotedRate(instrument, rules, context);
  const rate = quoted ?? instrument.rate ?? riskClass.rate;
  const { portfolio } = riskClass;
  if (portfolio?.gainDiscount === undefined && portfolio?.lossDiscount === undefined) {
    return known(rate);
  }
  const { expiryRates } = context;
  const ofPortfolio = riskClass.portfolioOf ?? riskClass.riskClass;
  const key = `${ofPortfolio} ${instrument.underlying} ${instrument.expiresAt}`;
  const first = expiryRates.get(key);
  if (first === undefined) expiryRates.set(key, rate);
  if (first === undefined || approximately(first) === approximately(rate)) return known(rate);
  const { instrument: name } = instrument;
  const detail =
    `instrument ${name} has the rate ${textOf(rate)} and another of its expiry ` +
    `${textOf(first)}: risk class ${ofPortfolio} discounts an expiry as a whole`;
  return unknown('row-malformed', name, detail);
}

/** The median over the quotes that may be used, or over all past ones where none may be. */
function quotedRate(
  { forwardFeed }: Instrument,
  { staleAfterSeconds }: OracleRules,
  { market, asOf }: ListingContext,
): Ratio | undefined {
  if (forwardFeed === undefined) return undefined;
  const quotes = market.quotes.get(forwardFeed) ?? [];
  const rated = quotes.filter(
    ({ interestRate, publishedAt }) =>
      interestRate !== undefined && publishedAt <= asOf + CLOCK_SKEW_MS_MAX,
  );
  const isYoung = ({ publishedAt }: Quote) => ageSecondsOf(publishedAt, asOf) <= staleAfterSeconds;
  const young = rated.filter(isYoung);
  return medianOf(
    (young.length === 0 ? rated : young).flatMap((quote) => quote.interestRate ?? []),
  );
}

/**
 * Share of the forward that is fixed, whatever the underlying does. Undefined if the instrument does
 * not say: then the class's settlement window does.
 *
 * @param forward or the mark of a future
 */
export function fixedForwardOf(
  instrument: Instrument,
  forward: Amount,
): Result<number | undefined> {
  const { instrument: name, fixedForwardShare, fixedForward } = instrument;
  if (fixedForwardShare !== undefined) return known(approximately(fixedForwardShare));
  if (fixedForward === undefined) return known(undefined);
  const share = ratioBetween(fixedForward, unitPriceOf(forward));
  if (!isAbove(share, ONE)) return known(approximately(share));
  const detail =
    `instrument ${name} has the fixedForward ${textOf(unitAmount(fixedForward))}, which is above ` +
    `its forward ${textOf(forward)}`;
  return unknown('row-malformed', name, detail);
}
