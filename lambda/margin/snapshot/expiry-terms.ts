/** The rate and the fixed share of the forward of an expiry. */

import type { Instrument, Quote } from '../market/market.ts';
import type { OracleRules } from '../market/policy.ts';
import { ageSecondsOf, medianOf } from '../market/sources.ts';
import {
  type Amount,
  approximately,
  isAbove,
  larger,
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

/** Quoted on the forward's feed, else of the instrument, else of the class; at least its floor. */
export const rateOfExpiry = (
  { instrument, riskClass }: Listing,
  rules: OracleRules,
  context: ListingContext,
): Ratio => {
  const rate = quotedRate(instrument, rules, context) ?? instrument.rate ?? riskClass.rate;
  return larger(rate, riskClass.rateFloor ?? rate);
};

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
