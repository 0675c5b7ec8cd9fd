/**
 * What is believed of a feed, and in which range it is in doubt.
 *
 * A price that has moved little, or that two sources report, is believed. Otherwise the last
 * believed price stays, and the doubt spans what may be true instead.
 */
import {
  approximately,
  asRatio,
  compare,
  divide,
  isBelow,
  isPositive,
  larger,
  ONE,
  type Price,
  type Ratio,
  roundUp,
  smaller,
  textOf,
  times,
  ZERO,
} from '../number/decimal.ts';
import { known, type Result } from '../number/reason.ts';
import type {
  OracleInput,
  OraclePrice,
  PricePrint,
  PriceRange,
  RememberedPrice,
  Standing,
} from './oracle.ts';
import { anchorsOf, type Judged, judge } from './prints.ts';
import {
  ageSecondsOf,
  byPriceThenAge,
  type Consensus,
  type Hearing,
  hear,
  medianOf,
  medianQuote,
  scoreOf,
} from './sources.ts';

export interface Belief {
  /** Unknown if the feed never had a price. */
  readonly price: Result<OraclePrice>;
  /** For the next check. */
  readonly memory?: RememberedPrice | undefined;
}

export function believe(input: OracleInput): Belief {
  const hearing = hear(input);
  const { consensus } = hearing;
  if (!consensus.ok) return withoutConsensus(input, hearing, consensus);
  const heard = consensus.value;
  const { previous } = input;
  const judged = judge(heard, input);
  const believed = judged.believed;
  const frozenSince = frozenSinceOf(believed, input);
  const price = { ...priceFrom(heard, input), ...standingOf(judged, heard, input), frozenSince };
  const memory: RememberedPrice = {
    ...believed,
    ...(judged.suspect && { suspect: judged.suspect }),
    ...(judged.ahead && { ahead: judged.ahead }),
    ...(judged.isFirstPrint && { isFirstPrint: true }),
    ...(isBelow(heard.confidenceScore, ONE) && { confidenceScore: heard.confidenceScore }),
    ...newsOf(hearing),
    ...apartAfter(hearing, judged, input),
    unchangedSince: unchangedSinceOf(believed, previous),
    ...anchorsOf(believed, input),
  };
  return { price: known(price), memory };
}

/** Nothing asks whether an option's price jumps: it may. */
export const resolvePrice = (input: OracleInput): Result<OraclePrice> => believe(input).price;

const newsOf = ({ newest }: Hearing): Pick<RememberedPrice, 'sources'> =>
  Object.keys(newest).length === 0 ? {} : { sources: newest };

/** A source that disagreed stays apart until others agree with it, or a newer quote confirms it. */
function apartAfter(
  { apart, consensus }: Hearing,
  judged: Pick<Judged, 'suspect'> | undefined,
  { previous }: OracleInput,
): Pick<RememberedPrice, 'apart'> {
  const believed = consensus.ok && judged?.suspect === undefined ? consensus.value.sources : [];
  const before = (previous?.apart ?? []).filter((source) => !believed.includes(source));
  const all = [...new Set([...before, ...apart])];
  return all.length === 0 ? {} : { apart: all };
}

const unchangedSinceOf = (
  { price, publishedAt }: PricePrint,
  previous: RememberedPrice | null | undefined,
): number =>
  previous && compare(previous.price, price) === 0
    ? (previous.unchangedSince ?? previous.publishedAt ?? publishedAt)
    : publishedAt;

function frozenSinceOf(believed: PricePrint, { previous, rules }: OracleInput): number | undefined {
  const since = unchangedSinceOf(believed, previous);
  const seconds = (believed.publishedAt - since) / 1000;
  return seconds >= rules.frozenAfterSeconds ? since : undefined;
}

const priceFrom = (
  { confidence, confidenceScore, fundingRatePerHour, range }: Consensus,
  { feed }: OracleInput,
) => ({
  feed,
  confidence,
  confidenceScore,
  fundingRatePerHour,
  ...(range && { range }),
});

type Stood = Pick<
  OraclePrice,
  | 'price'
  | 'publishedAt'
  | 'ageSeconds'
  | 'standing'
  | 'doubt'
  | 'isJump'
  | 'aged'
  | 'why'
  | 'sources'
>;

function standingOf(judged: Judged, heard: Consensus, input: OracleInput): Stood {
  const { believed, suspect, isFirstPrint, isConfirmed } = judged;
  const { rules, asOf, feed } = input;
  const { price, publishedAt } = believed;
  const isOfNow = isConfirmed || publishedAt === heard.publishedAt;
  const ageSeconds = isOfNow ? heard.ageSeconds : ageSecondsOf(publishedAt, asOf);
  const sources = heard.sources.length;
  const stood = { price, publishedAt, ageSeconds, sources, ...agedFor(price, ageSeconds, input) };
  if (suspect !== undefined) {
    const why =
      `${feed}: one source says ${textOf(suspect.price)} after ${textOf(price)}, ` +
      'and neither a second source nor a newer quote has confirmed it yet';
    return {
      ...stood,
      standing: 'suspect',
      isJump: true,
      doubt: hullOf([price, suspect.price]),
      why,
    };
  }
  if (isFirstPrint) {
    const why = `${feed}: one source reports a price, none is known from before, and nothing confirms it yet`;
    return { ...stood, standing: 'first-print', doubt: around(price, rules.staleRange), why };
  }
  return { ...stood, standing: stood.aged === undefined ? 'fresh' : 'aged' };
}

function agedFor(
  price: Price,
  ageSeconds: number,
  { rules, feed }: OracleInput,
): Pick<OraclePrice, 'aged' | 'why'> {
  if (ageSeconds < rules.maxAgeSeconds) return {};
  const why = `${feed}: the price is ${ageSeconds} s old, which is too old for a liquidation`;
  return { aged: around(price, rules.staleRange), why };
}

const around = (price: Price, range: Ratio): PriceRange => ({
  low: divide(price, range),
  high: times(price, range),
});

function hullOf(prices: readonly Price[]): PriceRange {
  return { low: prices.reduce(smaller), high: prices.reduce(larger) };
}

/** Every source is stale, refused or gone: the last believed price, in doubt that grows with age. */
function withoutConsensus(
  input: OracleInput,
  hearing: Hearing,
  refused: Result<never> & { readonly ok: false },
): Belief {
  const { quotes, rules, asOf, feed } = input;
  const before = input.previous ?? fromOldQuotes(input);
  if (before === undefined || !isPositive(before.price)) {
    return { price: refused, ...(input.previous ? { memory: input.previous } : {}) };
  }
  const publishedAt = before.publishedAt ?? asOf - rules.staleAfterSeconds * 1000;
  const memory: RememberedPrice = {
    ...before,
    publishedAt,
    ...newsOf(hearing),
    ...apartAfter(hearing, undefined, input),
  };
  const ageSeconds = ageSecondsOf(publishedAt, asOf);
  const kept = {
    feed,
    price: before.price,
    confidence: ZERO,
    publishedAt,
    ageSeconds,
    sources: 0,
    confidenceScore: quotes.length > 0 ? scoreOf(quotes) : (before.confidenceScore ?? ONE),
    // The last rate stays in force: funding goes on.
    fundingRatePerHour: medianOf(quotes.flatMap((quote) => quote.fundingRatePerHour ?? [])),
  };
  if (hearing.isOldNews && ageSeconds <= rules.staleAfterSeconds) {
    return { price: known({ ...kept, ...stillStanding(before, kept, input) }), memory };
  }
  const range = around(before.price, staleRangeOf(rules.staleRange, ageSeconds));
  const said = [hearing.said, before.suspect && rangeAt(before.suspect.price)];
  const doubt = said.reduce<PriceRange>((hull, next) => (next ? widened(hull, next) : hull), range);
  const standing: Standing = 'stale';
  return { price: known({ ...kept, standing, doubt, why: refused.reason.detail }), memory };
}

const rangeAt = (price: Price): PriceRange => ({ low: price, high: price });

const widened = (left: PriceRange, right: PriceRange): PriceRange => ({
  low: smaller(left.low, right.low),
  high: larger(left.high, right.high),
});

/** All quotes are older than others of the same sources: the price stays as it was. */
function stillStanding(
  { suspect, isFirstPrint }: RememberedPrice,
  { price, ageSeconds }: Pick<OraclePrice, 'price' | 'ageSeconds'>,
  input: OracleInput,
): Pick<OraclePrice, 'standing' | 'doubt' | 'isJump' | 'aged' | 'why'> {
  const aged = agedFor(price, ageSeconds, input);
  const why = `${input.feed}: no source has a quote newer than the ones read before`;
  if (suspect !== undefined) {
    const doubt = hullOf([price, suspect.price]);
    return { ...aged, standing: 'suspect', isJump: true, doubt, why };
  }
  if (isFirstPrint) {
    return { ...aged, standing: 'first-print', doubt: around(price, input.rules.staleRange), why };
  }
  return { ...aged, standing: aged.aged === undefined ? 'fresh' : 'aged' };
}

/** A quote that is only too old was believed once. */
function fromOldQuotes({ quotes, asOf, rules }: OracleInput): RememberedPrice | undefined {
  const old = quotes
    .filter(({ publishedAt }) => ageSecondsOf(publishedAt, asOf) > rules.staleAfterSeconds)
    .toSorted(byPriceThenAge);
  if (old.length === 0) return undefined;
  const { price, publishedAt } = medianQuote(old, asOf);
  return { price, publishedAt };
}

const HOUR_SECONDS = 3600;

/** The power is computed in float64: rounded up, the digits are the same on every machine. */
const POWER_PLACES = 6;

/** A doubt of 10^100 is no narrower than one of more. */
const POWER_MAX = 1e100;

/** kᵍ with g = max(1, √(age ÷ 1 h)). */
export function staleRangeOf(range: Ratio, ageSeconds: number): Ratio {
  if (ageSeconds <= HOUR_SECONDS) return larger(ONE, range);
  const power = approximately(range) ** Math.sqrt(ageSeconds / HOUR_SECONDS);
  return larger(ONE, roundUp(asRatio(Math.min(power, POWER_MAX)), POWER_PLACES));
}
