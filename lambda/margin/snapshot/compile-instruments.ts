/** Compiles the terms of every instrument of the market. */

import type { Instrument, Market } from '../market/market.ts';
import { countAt, ONE } from '../number/decimal.ts';
import { find, known, type Lookup, type Result, unknown } from '../number/reason.ts';
import { computed } from '../statistics/computed.ts';
import type { AssetTerms, Resolved } from './asset-terms.ts';
import type { InstrumentTerms, Settlement, UnpricedTerms } from './instrument-terms.ts';
import { linearTerms } from './linear-terms.ts';
import type { ListingContext } from './listing.ts';
import { optionTerms } from './option-terms.ts';
import { settledTerms } from './settled-terms.ts';
import { unpricedTerms } from './unpriced-terms.ts';

export interface CompiledInstruments {
  readonly instruments: Lookup<InstrumentTerms>;
  /** Those whose price was never known. */
  readonly unpriced: ReadonlyMap<string, UnpricedTerms>;
}

export function compileInstruments(
  resolved: Resolved & { readonly assets: Lookup<AssetTerms> },
): CompiledInstruments {
  const context = { ...resolved, classes: new Map(), strikeIds: new Map() };
  const moving = movingFeeds(resolved.market);
  const instruments = new Map<string, Result<InstrumentTerms>>();
  const unpriced = new Map<string, UnpricedTerms>();
  for (const [id, instrument] of resolved.market.instruments) {
    const terms = instrument.ok ? computedTerms(instrument.value, context, moving) : instrument;
    instruments.set(id, terms);
    if (terms.ok || !instrument.ok) continue;
    const known = unpricedTerms(instrument.value, terms.reason, context);
    if (known !== undefined) unpriced.set(id, known);
  }
  return { instruments, unpriced };
}

/** Underlyings and marks: prices that go on after an expiry, and so settle nothing. */
export function movingFeeds({ instruments }: Pick<Market, 'instruments'>): ReadonlySet<string> {
  const feeds = new Set<string>();
  for (const each of instruments.values()) {
    if (!each.ok) continue;
    const { underlying, markFeed } = each.value;
    feeds.add(underlying);
    if (markFeed !== undefined) feeds.add(markFeed);
  }
  return feeds;
}

function settlingTerms(
  instrument: Instrument,
  context: ListingContext,
  moving: ReadonlySet<string>,
): Result<InstrumentTerms> {
  const { instrument: name, settlementFeed } = instrument;
  if (settlementFeed === undefined || !moving.has(settlementFeed)) {
    return termsOf(instrument, context);
  }
  const why =
    `instrument ${name} has settlementFeed ${settlementFeed}, which is an underlying or a mark ` +
    'and moves on after expiry: name a feed of its settlement price alone';
  return unknown('settlement-unsuited', name, why);
}
/** One instrument without figures must not end the check of all others. */
const computedTerms = (
  instrument: Instrument,
  context: ListingContext,
  moving: ReadonlySet<string>,
): Result<InstrumentTerms> =>
  computed(
    () => settlingTerms(instrument, context, moving),
    (fault) => {
      const { instrument: name, riskClass } = instrument;
      const detail =
        `instrument ${name} cannot be computed: ${fault}. ` +
        `Check its row, its quotes and risk class ${riskClass}`;
      return unknown('not-computable', name, detail);
    },
  );

function termsOf(instrument: Instrument, context: ListingContext): Result<InstrumentTerms> {
  const { market, asOf, assets } = context;
  const settlement = settlementOf(instrument, assets);
  if (!settlement.ok) return settlement;
  const riskClass = find(
    market.riskClasses,
    instrument.riskClass,
    'risk-class-unknown',
    `instrument ${instrument.instrument} names risk class ${instrument.riskClass}, ` +
      'but that class has no row',
  );
  if (!riskClass.ok) return riskClass;
  const listing = { instrument, settlement: settlement.value, riskClass: riskClass.value };
  const { expiresAt } = instrument;
  if (expiresAt !== undefined && expiresAt <= asOf) {
    return settledTerms({ ...listing, expiresAt }, context);
  }
  return instrument.type === 'option'
    ? optionTerms(listing, context)
    : linearTerms(listing, context);
}

function settlementOf(instrument: Instrument, assets: Lookup<AssetTerms>): Result<Settlement> {
  const { instrument: name, settlementAsset, underlying, inverse } = instrument;
  const detail = `instrument ${name} settles in ${settlementAsset}, but there is no such asset`;
  const asset = find(assets, settlementAsset, 'asset-unknown', detail);
  if (!asset.ok) return asset;
  const { quoted } = asset.value;
  if (quoted?.factor.feed === underlying) {
    return known({ asset: asset.value, by: 'coin', rate: ONE });
  }
  if (inverse) {
    const why = `instrument ${name} is inverse, so it must settle in an asset on feed ${underlying}`;
    return unknown('settlement-unsuited', name, why);
  }
  if (quoted === undefined) return known({ asset: asset.value, by: 'own', rate: ONE });
  return known({ asset: asset.value, by: 'other', rate: countAt(quoted.price.price) });
}
