/**
 * The market after a common move, as the quotes a check would find, so that a check's own rules
 * give the requirements. Options keep their volatility.
 */

import type {
  Instrument,
  Market,
  Quote,
  VolatilityQuote,
} from '../../../lambda/margin/market/market.ts';
import {
  asRatio,
  larger,
  type Ratio,
  ratio,
  times,
} from '../../../lambda/margin/number/decimal.ts';
import { known } from '../../../lambda/margin/number/reason.ts';
import { movingFeeds } from '../../../lambda/margin/snapshot/compile-instruments.ts';
import type { Snapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import type { CommonMove } from './common-move.ts';

/** A price of 0 counts as none, so the least multiple is a billionth. */
const LEAST = ratio('1e-9');

export interface MovedMarketInput {
  readonly market: Market;
  /** Taken from `market`. */
  readonly snapshot: Snapshot;
  readonly move: CommonMove;
}

export function movedMarket(input: MovedMarketInput): Market {
  const { market } = input;
  const multiples = multiplesOf(input);
  const quotes = new Map<string, readonly Quote[]>();
  for (const [feed, all] of market.quotes) {
    const multiple = multiples.get(feed);
    quotes.set(feed, multiple === undefined ? all : all.map((quote) => moved(quote, multiple)));
  }
  const volatilityQuotes = new Map(market.volatilityQuotes);
  for (const [feed, volatility] of volatilitiesOf(input)) {
    const found = [...(market.quotes.get(feed) ?? []), ...(volatilityQuotes.get(feed) ?? [])];
    quotes.delete(feed);
    volatilityQuotes.set(
      feed,
      found.map((quote): VolatilityQuote => ({ ...quote, impliedVolatility: volatility })),
    );
  }
  return { ...market, ...withSettlements(market, quotes), volatilityQuotes };
}

/** By feed. Mark and forward feeds move with the instrument's underlying. */
function multiplesOf({ market, snapshot, move }: MovedMarketInput): Map<string, Ratio> {
  const multiples = new Map<string, Ratio>();
  for (const { feed, factor } of snapshot.feeds.values()) {
    if (factor.ok) multiples.set(feed, larger(LEAST, move.multipleOf(factor.value.radiusScale)));
  }
  for (const { underlying, markFeed, forwardFeed } of readable(market)) {
    const multiple = multiples.get(underlying);
    for (const feed of [markFeed, forwardFeed]) {
      if (feed !== undefined && multiple !== undefined) multiples.set(feed, multiple);
    }
  }
  return multiples;
}

const readable = ({ instruments }: Market): Instrument[] =>
  [...instruments.values()].flatMap((each) => (each.ok ? [each.value] : []));

const moved = (quote: Quote, multiple: Ratio): Quote => ({
  ...quote,
  price: times(quote.price, multiple),
  confidence: quote.confidence && times(quote.confidence, multiple),
});

/** Yields each option's feed and the volatility it is priced with. */
function* volatilitiesOf({ market, snapshot }: MovedMarketInput): Generator<[string, Ratio]> {
  for (const { instrument, markFeed } of readable(market)) {
    const terms = snapshot.instruments.get(instrument);
    if (terms?.ok !== true || terms.value.kind !== 'option') continue;
    yield [markFeed ?? instrument, asRatio(terms.value.option.input.volatility)];
  }
}

/** A settled instrument keeps its settlement price when that feed moves. */
function withSettlements(
  market: Market,
  quotes: Map<string, readonly Quote[]>,
): Pick<Market, 'instruments' | 'quotes'> {
  const instruments = new Map(market.instruments);
  const moving = movingFeeds(market);
  for (const each of readable(market)) {
    const settled = each.settlementFeed && market.quotes.get(each.settlementFeed);
    if (!settled || moving.has(each.settlementFeed)) continue;
    const settlementFeed = `${each.settlementFeed} as it was`;
    quotes.set(settlementFeed, settled);
    instruments.set(each.instrument, known({ ...each, settlementFeed }));
  }
  return { instruments, quotes };
}
