/** The terms of expired instruments. */

import type { Instrument } from '../market/market.ts';
import { settlementPrice } from '../market/sources.ts';
import { FREE_TRADING } from '../market/trading.ts';
import {
  type Amount,
  asAmount,
  countAt,
  divide,
  isAbove,
  ONE,
  type Price,
  subtract,
} from '../number/decimal.ts';
import { known, type Result, unknown } from '../number/reason.ts';
import { quotedBy, type Resolved } from './asset-terms.ts';
import type { SettledTerms } from './instrument-terms.ts';
import type { Listing } from './listing.ts';
import { unitAmount, worthPer } from './unit-amount.ts';

interface Expired extends Listing {
  readonly expiresAt: number;
}

export function settledTerms(
  { instrument, settlement, expiresAt }: Expired,
  resolved: Resolved,
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
    payoff: payoffOf(instrument, settledAt),
  });
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
