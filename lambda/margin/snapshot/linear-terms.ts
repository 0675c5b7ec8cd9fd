/** The terms of perpetuals and futures. */

import type { ResolvedPrice } from '../curve/risk-factor.ts';
import type { Instrument } from '../market/market.ts';
import type { ProfitRule } from '../market/profit-rule.ts';
import { cutDown } from '../market/root-scaling.ts';
import {
  atOpenInterest,
  growsWith,
  growsWithSize,
  type MarginRule,
  needsOpenInterest,
  type Schedule,
  scaledSchedule,
  scheduleFor,
} from '../market/schedule.ts';
import {
  type Amount,
  countAt,
  countOf,
  divideUp,
  isAbove,
  type Price,
  type Quantity,
  type Ratio,
  ratioBetween,
  times,
  timesUp,
  UNIT_PRICE,
  ZERO,
} from '../number/decimal.ts';
import { known, type Result, unknown } from '../number/reason.ts';
import { LossArray } from '../option/loss-array.ts';
import { yearsOf } from '../portfolio/cells.ts';
import type { ClassTerms } from '../portfolio/class-terms.ts';
import { quotedBy } from './asset-terms.ts';
import { fixedForwardOf } from './expiry-terms.ts';
import { type LinearTerms, lowestScore } from './instrument-terms.ts';
import { classOf, type Listing, type ListingContext, tradingOf } from './listing.ts';
import { lossesByCell } from './loss-array-terms.ts';
import { unitAmount } from './unit-amount.ts';

export function linearTerms(listing: Listing, context: ListingContext): Result<LinearTerms> {
  const { instrument, settlement, riskClass } = listing;
  const { instrument: name, inverse: isInverse, contractSize, type, underlying } = instrument;
  const feeds = { price: instrument.markFeed ?? underlying, factor: underlying };
  const why = unsuited(listing);
  if (why !== undefined) return unknown('settlement-unsuited', name, why);
  const quoted = quotedBy(feeds, context);
  if (!quoted.ok) return quoted;
  const { factor, price: mark } = quoted.value;
  const ofIndex = context.feeds.get(underlying)?.price;
  const index = ofIndex?.ok ? ofIndex.value : undefined;
  const valueAt = (price: Price) =>
    timesUp(unitAmount(isInverse ? UNIT_PRICE : price), countOf(contractSize));
  const contractValue = valueAt(mark.price);
  const fixed = fixedForwardOf(instrument, unitAmount(mark.price));
  if (!fixed.ok) return fixed;
  const ofClass = classOf({ riskClass, factor }, context);
  const losses = lossesByCell(instrument, ofClass.portfolio);
  if (!losses.ok) return losses;
  const margin = marginOf(ofClass, { instrument, contractValue });
  if (!margin.ok) return margin;
  return known({
    kind: 'linear',
    type: type === 'future' ? 'future' : 'perpetual',
    instrument: name,
    settlement,
    quoted: quoted.value,
    prices: [mark],
    isInverse,
    payout: instrument.payout && timesUp(unitAmount(instrument.payout), countOf(contractSize)),
    profitRule: profitRuleOf(listing),
    expiresAt: instrument.expiresAt,
    years: yearsOf((instrument.expiresAt ?? context.asOf) - context.asOf),
    fixedShare: fixed.value,
    losses: losses.value && new LossArray(losses.value),
    contractSize,
    contractValue,
    indexValue: feeds.price === underlying ? undefined : index && valueAt(index.price),
    ofClass,
    ...margin.value,
    trading: tradingOf(listing, quoted.value),
    confidenceScore: index === undefined ? mark.confidenceScore : lowestScore([mark, index]),
    fundingRatePerHour: fundingRateOf(instrument, { mark, index }),
  });
}

/** Rules of the row and of its class that cannot hold together. */
function unsuited({ instrument, settlement, riskClass }: Listing): string | undefined {
  const { instrument: name, payout, netProfit } = instrument;
  const { riskClass: of, margin, profit, notionalAt } = riskClass;
  if (profit !== undefined && settlement.by !== 'own') {
    return `instrument ${name} settles in ${settlement.asset.asset}, but risk class ${of} has a profit rule, which needs settlement in the numeraire`;
  }
  if (profit?.imbalanceStart !== undefined && netProfit === undefined) {
    return `instrument ${name} has no netProfit, but the profit rule of risk class ${of} has an imbalanceStart, which needs it`;
  }
  if (payout !== undefined && margin !== undefined && growsWith(margin, 'notional')) {
    return `instrument ${name} has a payout, but risk class ${of} has tiers by notional with whole rates; a binary contract needs rates marginal`;
  }
  if (payout !== undefined && notionalAt === 'entry') {
    return `instrument ${name} has a payout, but risk class ${of} takes margin at entry; a binary contract needs notionalAt mark`;
  }
  return undefined;
}

/** w·min(1, imbalanceStart ÷ net profit of all accounts) */
function profitRuleOf({ instrument, riskClass }: Listing): ProfitRule | undefined {
  const { profit } = riskClass;
  const { netProfit } = instrument;
  if (profit?.imbalanceStart === undefined || netProfit === undefined) return profit;
  const { imbalanceStart, initialWeight: weight, weightPlaces } = profit;
  if (!isAbove(netProfit, imbalanceStart)) return profit;
  const initialWeight = ratioBetween(times(imbalanceStart, weight), netProfit);
  return { ...profit, initialWeight: cutDown(initialWeight, weightPlaces) };
}

/** Units of underlying at the mark. Of inverse contracts one division, exact in whole coins. */
export function sizeOf(
  { contractSize, isInverse, quoted }: LinearTerms,
  contracts: Quantity,
): Quantity {
  const units = timesUp(contractSize, countOf(contracts));
  return isInverse ? divideUp(units, countAt(quoted.price.price)) : units;
}

/** Futures have none. A perpetual's rate comes from its own feed, else from the underlying's. */
function fundingRateOf(
  { type }: Instrument,
  { mark, index }: { readonly mark: ResolvedPrice; readonly index: ResolvedPrice | undefined },
): Ratio | undefined {
  if (type === 'future') return ZERO;
  return mark.fundingRatePerHour ?? index?.fundingRatePerHour;
}

interface Margin {
  readonly schedule?: Schedule;
  readonly sizedRule?: MarginRule;
}

function marginOf(
  { riskClass, scale, tiers }: ClassTerms,
  of: { readonly instrument: Instrument; readonly contractValue: Amount },
): Result<Margin> {
  if (tiers !== undefined) return known({ schedule: tiers });
  if (riskClass.margin === undefined) return known({});
  const rule = ruleOf(riskClass.margin, of);
  if (!rule.ok) return rule;
  if (growsWithSize(rule.value)) return known({ sizedRule: rule.value });
  return known({ schedule: scaledSchedule(scheduleFor(rule.value, { size: ZERO }), scale) });
}

function ruleOf(
  rule: MarginRule,
  {
    instrument: { instrument, openInterest },
    contractValue,
  }: { readonly instrument: Instrument; readonly contractValue: Amount },
): Result<MarginRule> {
  if (!needsOpenInterest(rule)) return known(rule);
  if (openInterest === undefined) {
    const detail = `instrument ${instrument} has no openInterest, but its margin schedule needs it`;
    return unknown('open-interest-unknown', instrument, detail);
  }
  return known(atOpenInterest(rule, timesUp(contractValue, countOf(openInterest))));
}
