/** What is known of an instrument whose price was never known. */

import type { Instrument } from '../market/market.ts';
import type { RiskClass } from '../market/risk-class.ts';
import {
  add,
  countAt,
  isAbove,
  isZero,
  larger,
  ONE,
  type Ratio,
  times,
} from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import type { UnpricedTerms } from './instrument-terms.ts';
import { classOf, type ListingContext } from './listing.ts';

/** Undefined if something else than a price is missing. */
export function unpricedTerms(
  instrument: Instrument,
  reason: Reason,
  context: ListingContext,
): UnpricedTerms | undefined {
  const isExpired = reason.code === 'instrument-expired';
  if (!isExpired && reason.code !== 'price-missing') return undefined;
  const { instrument: name, contractSize, strike, type, optionType, inverse } = instrument;
  const rate = rateOf(instrument, context);
  const kind = type === 'option' ? optionType : 'linear';
  const bare = { instrument: name, reason, contractSize, strike, isExpired };
  if (rate === undefined || kind === undefined || inverse) {
    return { ...bare, kind: 'unbounded', rate: ONE, isCovered: false };
  }
  return { ...bare, kind, rate, isCovered: isCovered(instrument, context) };
}

/** Undefined if the settlement asset has no price that may be relied on. */
function rateOf({ settlementAsset }: Instrument, { assets }: ListingContext): Ratio | undefined {
  const asset = assets.get(settlementAsset);
  if (!asset?.ok) return undefined;
  const { quoted } = asset.value;
  if (quoted === undefined) return ONE;
  const { price, doubt, aged } = quoted.price;
  return doubt === undefined && aged === undefined ? countAt(price) : undefined;
}

/** A long's requirement and buffer grow by no more than its value, whatever the price. */
function isCovered({ riskClass: name, underlying }: Instrument, context: ListingContext): boolean {
  const { market, feeds } = context;
  const found = market.riskClasses.get(name);
  const factor = feeds.get(underlying)?.factor;
  if (!found?.ok || !factor?.ok || hasCharges(found.value)) return false;
  const { tiers } = classOf({ riskClass: found.value, factor: factor.value }, context);
  const top = tiers?.at(-1);
  if (top === undefined) return false;
  const { callMultiplier } = market.policy;
  const required = larger(top.initial, times(top.maintenance, callMultiplier));
  return !isAbove(add(required, factor.value.shock), ONE);
}

const hasCharges = (riskClass: RiskClass): boolean =>
  riskClass.confidenceCharges.length > 0 ||
  riskClass.depegCharge !== undefined ||
  riskClass.portfolio !== undefined ||
  riskClass.requirementPlaces !== undefined ||
  riskClass.notionalAt === 'entry' ||
  !isZero(riskClass.openOrderCharge);
