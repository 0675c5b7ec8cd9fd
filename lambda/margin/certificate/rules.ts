/** The rules that a certificate rests on, as a text that differs if one of them does. */
import type { ConfidenceCharge } from '../market/charges.ts';
import type { Policy } from '../market/policy.ts';
import type { ProfitRule } from '../market/profit-rule.ts';
import { approximately, isBelow, ONE, type Ratio, smaller } from '../number/decimal.ts';
import type { AssetTerms, AssetWeights } from '../snapshot/asset-terms.ts';
import type { LinearTerms, OptionTerms } from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** `instrument <id>` or `asset <id>`. */
export type Subject = `instrument ${string}` | `asset ${string}`;

/**
 * Every account rests on these. What operators change says whether plans leave, and of no account how it
 * stands: a halt must not make a check read the whole book.
 */
export function rulesOfAll(snapshot: Snapshot): string {
  const { mode: _, halt: __, changedBy, changedAt, changeReason, ...rules } = snapshot.policy;
  return JSON.stringify([rules, rulesOf(`asset ${rules.numeraire}`, snapshot)]);
}

/** Many columns ask for the same. */
const KNOWN = new WeakMap<Snapshot, Map<Subject, string | undefined>>();

/** Undefined if it cannot be read. Prices, shocks and scores are left out: columns follow them. */
export function rulesOf(subject: Subject, snapshot: Snapshot): string | undefined {
  const known = KNOWN.get(snapshot) ?? new Map<Subject, string | undefined>();
  if (!KNOWN.has(snapshot)) KNOWN.set(snapshot, known);
  if (!known.has(subject)) known.set(subject, textOf(subject, snapshot));
  return known.get(subject);
}

function textOf(subject: Subject, snapshot: Snapshot): string | undefined {
  const asset = assetOf(subject, snapshot);
  if (asset !== undefined) {
    const { weights, quoted, initialPrice, openOrderCharge } = asset;
    const confidenceCharges = asset.confidenceCharges.map(({ score: _, ...rules }) => rules);
    const charges = { confidenceCharges, openOrderCharge };
    const { borrowRatePerHour, compounding } = asset;
    const counted = countedWeights(weights, snapshot.policy);
    const interest = { borrowRatePerHour, compounding };
    const feeds = [quoted?.price.feed, initialPrice?.feed];
    return JSON.stringify([counted, interest, charges, feeds]);
  }
  const instrument = instrumentOf(subject, snapshot);
  if (instrument === undefined) return undefined;
  if (instrument.kind === 'option') return textOfOption(instrument);
  const { contractSize, type, isInverse, expiresAt, payout, schedule } = instrument;
  const { settlement, quoted, ofClass } = instrument;
  const { by, asset: coin } = settlement;
  const { margin, phaseIn, notionalAt, requirementPlaces, dynamic } = ofClass.riskClass;
  const profit = countedProfit(instrument, snapshot.policy);
  const { confidenceCharges, depegCharge, openOrderCharge } = ofClass.riskClass;
  const charges = { confidenceCharges, depegCharge, openOrderCharge };
  const rules = { margin, phaseIn, notionalAt, profit, requirementPlaces, dynamic, ...charges };
  const settled = [by, coin.asset, coin.quoted?.price.feed];
  // A column follows the scale of a dynamic class.
  const scaled = dynamic === undefined ? schedule : undefined;
  const weights = countedWeights(coin.weights, snapshot.policy);
  const terms = { contractSize, type, isInverse, expiresAt, payout, scaled, settled };
  return JSON.stringify([terms, quoted.price.feed, quoted.factor.feed, weights, rules]);
}

/** Initial weights follow the price where they follow the deposits of all. No call may ask them. */
function countedWeights(weights: AssetWeights, { callAt }: Policy): Partial<AssetWeights> {
  const { initialCollateral: _, initialLiability: __, initialScaling: ___, ...others } = weights;
  return callAt === 'initial' ? weights : others;
}

/** The profits of all lower its initial weight. No call may ask for that. */
const countedProfit = (
  { profitRule, ofClass }: LinearTerms,
  { callAt }: Policy,
): ProfitRule | undefined => (callAt === 'initial' ? profitRule : ofClass.riskClass.profit);

function textOfOption({ settlement, quoted, prices, ofClass, ...option }: OptionTerms): string {
  const { contractSize, type, isInverse, expiresAt, strike } = option;
  const { by, asset: coin } = settlement;
  const { optionRule, rate, dynamic } = ofClass.riskClass;
  const { confidenceCharges, depegCharge, openOrderCharge } = ofClass.riskClass;
  const charges = { confidenceCharges, depegCharge, openOrderCharge };
  const feeds = [quoted.price.feed, quoted.factor.feed, ...prices.map(({ feed }) => feed)];
  const settled = [by, coin.asset, coin.quoted?.price.feed];
  const terms = { contractSize, type, isInverse, expiresAt, strike, settled };
  return JSON.stringify(['option', terms, feeds, { optionRule, rate, dynamic, ...charges }]);
}

/**
 * The rates of charges that follow a score, or the price of a stablecoin: as long as none is higher
 * than it was, a certificate has paid for them. Undefined if they are not known.
 */
export function chargesOf(subject: Subject, snapshot: Snapshot): readonly number[] | undefined {
  const asset = assetOf(subject, snapshot);
  if (asset !== undefined) {
    return scored(asset.confidenceCharges, asset.quoted?.price.confidenceScore ?? ONE, snapshot);
  }
  const instrument = instrumentOf(subject, snapshot);
  if (instrument === undefined) return undefined;
  const { confidenceCharges, depegCharge } = instrument.ofClass.riskClass;
  const byScore = scored(confidenceCharges, instrument.confidenceScore, snapshot);
  if (byScore === undefined || depegCharge === undefined) return byScore;
  const state = snapshot.feeds.get(depegCharge.feed);
  if (!state?.price.ok || state.price.value.doubt !== undefined) return undefined;
  const price = approximately(state.price.value.price);
  const below = Math.max(0, approximately(depegCharge.threshold) - price);
  return [...byScore, below * approximately(depegCharge.factor)];
}

function scored(
  charges: readonly ConfidenceCharge[],
  own: Ratio,
  { feeds }: Snapshot,
): number[] | undefined {
  const rates: number[] = [];
  for (const { threshold, factor, scoreFeed } of charges) {
    const other = scoreFeed === undefined ? undefined : feeds.get(scoreFeed)?.price;
    // Whoever is charged by it cannot be assessed.
    if (scoreFeed !== undefined && !other?.ok) return undefined;
    const score = other?.ok ? smaller(own, other.value.confidenceScore) : own;
    const isDue = isBelow(score, threshold);
    rates.push(isDue ? (1 - approximately(score)) * approximately(factor) : 0);
  }
  return rates;
}

function assetOf(subject: Subject, { assets }: Snapshot): AssetTerms | undefined {
  if (!subject.startsWith(ASSET)) return undefined;
  const found = assets.get(subject.slice(ASSET.length));
  return found?.ok ? found.value : undefined;
}

function instrumentOf(
  subject: Subject,
  { instruments }: Snapshot,
): LinearTerms | OptionTerms | undefined {
  if (!subject.startsWith(INSTRUMENT)) return undefined;
  const found = instruments.get(subject.slice(INSTRUMENT.length));
  return found?.ok && found.value.kind !== 'settled' ? found.value : undefined;
}

const ASSET = 'asset ';
const INSTRUMENT = 'instrument ';
