/** The terms of expired instruments. */

import type { Quoted } from '../curve/risk-factor.ts';
import type { Instrument } from '../market/market.ts';
import { settlementPrice } from '../market/sources.ts';
import { FREE_TRADING } from '../market/trading.ts';
import {
  type Amount,
  approximately,
  asAmount,
  countAt,
  countOf,
  divide,
  isAbove,
  ONE,
  type Price,
  subtract,
} from '../number/decimal.ts';
import { known, type Result, unknown } from '../number/reason.ts';
import { PricedOption } from '../option/priced-option.ts';
import type { ClassTerms } from '../portfolio/class-terms.ts';
import { quotedBy } from './asset-terms.ts';
import type { SettledScan, SettledTerms } from './instrument-terms.ts';
import { classOf, type Listing, type ListingContext, strikeIdOf } from './listing.ts';
import { scanTermsOf } from './option-terms.ts';
import { unitAmount, worthPer } from './unit-amount.ts';

interface Expired extends Listing {
  readonly expiresAt: number;
}

export function settledTerms(
  { instrument, settlement, riskClass, expiresAt }: Expired,
  resolved: ListingContext,
): Result<SettledTerms> {
  const { market, asOf } = resolved;
  const { instrument: name, underlying, settlementFeed, contractSize, inverse } = instrument;
  const quotes = settlementFeed === undefined ? [] : (market.quotes.get(settlementFeed) ?? []);
  const settledAt = settlementPrice(quotes, { from: expiresAt, asOf });
  if (settledAt === undefined) {
    const when = new Date(expiresAt).toISOString();
    const where =
      settlementFeed === undefined
        ? 'the instrument has no settlementFeed'
        : `${settlementFeed} has no quote from that time or later`;
    const detail =
      `${name} expired at ${when}, but ${where}. ` +
      'Add one, or settle the position and remove its row';
    return unknown('instrument-expired', name, detail);
  }
  const quoted = quotedBy({ price: underlying, factor: underlying }, resolved);
  if (!quoted.ok) return quoted;
  const ofClass = classOf({ riskClass, factor: quoted.value.factor }, resolved);
  const payoff = payoffOf(instrument, settledAt);
  const expired = { instrument, settlement, expiresAt, ofClass, payoff, settledAt };
  return known({
    kind: 'settled',
    instrument: name,
    settlement,
    quoted: quoted.value,
    prices: settlement.by === 'coin' ? [quoted.value.price] : [],
    contractSize,
    contractValue: asAmount(0),
    trading: FREE_TRADING,
    confidenceScore: ONE,
    isInverse: inverse,
    settlementPrice: settledAt,
    payoff,
    scanned: scannedAfterExpiry(expired, quoted.value, resolved),
  });
}

interface ExpiredOption extends Pick<Expired, 'instrument' | 'settlement' | 'expiresAt'> {
  readonly ofClass: ClassTerms;
  readonly payoff: Amount | undefined;
  readonly settledAt: Price;
}

function scannedAfterExpiry(
  of: ExpiredOption,
  { factor, price }: Quoted,
  context: ListingContext,
): SettledScan | undefined {
  const { instrument, settlement, expiresAt, ofClass, payoff, settledAt } = of;
  const { strike, optionType, contractSize, inverse } = instrument;
  const isScanned = ofClass.portfolio?.rules.expiredOptions === 'scanned';
  if (!isScanned || inverse || settlement.by === 'coin') return undefined;
  if (payoff === undefined || strike === undefined || optionType === undefined) return undefined;
  const option = new PricedOption({
    type: optionType,
    strike: approximately(strike),
    expiresAt,
    years: 0,
    forward: approximately(settledAt),
    volatility: 0,
    rate: 0,
    isSettled: true,
    quoted: divide(payoff, countOf(contractSize)),
  });
  const held = {
    expiresAt,
    contractSize,
    strikeId: strikeIdOf(option.input, context),
    spot: unitAmount(price.price),
    quoteUncertainty: asAmount(0),
    settlement,
    ...scanTermsOf({ option, factor }, ofClass.portfolio),
  };
  return { ofClass, option: held, price };
}

function payoffOf(instrument: Instrument, settledAt: Price): Amount | undefined {
  const { type, strike, optionType, contractSize, inverse } = instrument;
  if (type !== 'option' || strike === undefined) return undefined;
  const isPaid = optionType === 'call' ? isAbove(settledAt, strike) : isAbove(strike, settledAt);
  if (!isPaid) return asAmount(0);
  const [high, low] = optionType === 'call' ? [settledAt, strike] : [strike, settledAt];
  const each = worthPer(contractSize, subtract(unitAmount(high), unitAmount(low)));
  return inverse ? divide(each, countAt(settledAt)) : each;
}
