/**
 * The market after a move, as the quotes a check would find, so that a check's own rules give the
 * requirements. What is remembered of a feed moves with it: the moved price is no jump. Options
 * keep their volatility.
 */

import type { Market, Quote, VolatilityQuote } from '../../../lambda/margin/market/market.ts';
import type {
  PreviousPrices,
  PricePrint,
  RememberedPrice,
} from '../../../lambda/margin/market/oracle.ts';
import {
  approximately,
  asRatio,
  isZero,
  type Ratio,
  times,
} from '../../../lambda/margin/number/decimal.ts';
import { known } from '../../../lambda/margin/number/reason.ts';
import type { PricedOption } from '../../../lambda/margin/option/priced-option.ts';
import { movingFeeds } from '../../../lambda/margin/snapshot/compile-instruments.ts';
import type { Snapshot, SnapshotInput } from '../../../lambda/margin/snapshot/snapshot.ts';
import { type Multiples, readable } from './multiples.ts';

/** @param snapshot taken from `input` */
export function movedInput(
  input: SnapshotInput,
  { snapshot, multiples }: { readonly snapshot: Snapshot; readonly multiples: Multiples },
): SnapshotInput {
  const { market, previousPrices } = input;
  return {
    ...input,
    market: movedMarket({ market, snapshot, multiples }),
    previousPrices: movedMemory(previousPrices, multiples),
  };
}

interface MovedMarketInput {
  readonly market: Market;
  readonly snapshot: Snapshot;
  readonly multiples: Multiples;
}

export function movedMarket(input: MovedMarketInput): Market {
  const { market, multiples } = input;
  const quotes = new Map<string, readonly Quote[]>();
  for (const [feed, all] of market.quotes) {
    const multiple = multiples.get(feed);
    quotes.set(feed, multiple === undefined ? all : all.map((quote) => moved(quote, multiple)));
  }
  const volatilityQuotes = new Map(market.volatilityQuotes);
  for (const { feed, volatility, priceMultiple } of movedOptions(input)) {
    const stated = <Q extends object>(quote: Q) => ({ ...quote, impliedVolatility: volatility });
    const prices = market.quotes.get(feed) ?? [];
    const bare = volatilityQuotes.get(feed) ?? [];
    if (priceMultiple === undefined) {
      quotes.delete(feed);
      volatilityQuotes.set(feed, [...prices, ...bare].map(stated<VolatilityQuote | Quote>));
    } else {
      quotes.set(
        feed,
        prices.map((quote) => moved(stated(quote), priceMultiple)),
      );
      volatilityQuotes.set(feed, bare.map(stated));
    }
  }
  return { ...market, ...withSettlements(market, quotes), volatilityQuotes };
}

const moved = (quote: Quote, multiple: Ratio): Quote => ({
  ...quote,
  price: times(quote.price, multiple),
  confidence: quote.confidence && times(quote.confidence, multiple),
});

function movedMemory(previous: PreviousPrices, multiples: Multiples): PreviousPrices {
  const entries = [...previous].map(([feed, remembered]) => {
    const multiple = multiples.get(feed);
    const isMoved = remembered !== null && multiple !== undefined;
    return [feed, isMoved ? rememberedAt(remembered, multiple) : remembered] as const;
  });
  return new Map(entries);
}

function rememberedAt(remembered: RememberedPrice, multiple: Ratio): RememberedPrice {
  const { price, suspect, ahead, anchors } = remembered;
  const printAt = (print: PricePrint) => ({ ...print, price: times(print.price, multiple) });
  return {
    ...remembered,
    price: times(price, multiple),
    ...(suspect && { suspect: printAt(suspect) }),
    ...(ahead && { ahead: printAt(ahead) }),
    ...(anchors && { anchors: anchors.map(printAt) }),
  };
}

interface MovedOption {
  readonly feed: string;
  /** That it is priced with. */
  readonly volatility: Ratio;
  /** Of its own quotes; absent where the price is 0, so that only the volatility is quoted. */
  readonly priceMultiple?: Ratio | undefined;
}

/** Each option whose underlying moves. */
function* movedOptions({ market, snapshot, multiples }: MovedMarketInput): Generator<MovedOption> {
  for (const { instrument, underlying, markFeed, inverse } of readable(market)) {
    const terms = snapshot.instruments.get(instrument);
    const multiple = multiples.get(underlying);
    if (!terms?.ok || terms.value.kind !== 'option' || multiple === undefined) continue;
    const { option } = terms.value;
    const inUnit = inverse ? approximately(multiple) : 1;
    const worth = valueAt(option, approximately(multiple)) / inUnit;
    yield {
      feed: markFeed ?? instrument,
      volatility: asRatio(option.input.volatility),
      priceMultiple: isZero(option.mark) ? undefined : asRatio(worth / approximately(option.mark)),
    };
  }
}

function valueAt(option: PricedOption, multiple: number): number {
  const { volatility, years } = option.input;
  return Math.max(0, option.at(multiple, { multiple: 1, volatility, years }).value);
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
