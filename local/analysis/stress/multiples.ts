/** By how much each feed of a market is multiplied: all by one common move, or each factor alone. */

import { chargingFeeds } from '../../../lambda/margin/market/charges.ts';
import type { Instrument, Market } from '../../../lambda/margin/market/market.ts';
import { add, larger, ONE, type Ratio, ratio } from '../../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import type { CommonMove } from './common-move.ts';

/** By feed. A feed without one stands still. */
export type Multiples = ReadonlyMap<string, Ratio>;

/** A price of 0 counts as none, so the least multiple is a billionth. */
const LEAST = ratio('1e-9');

export const readable = ({ instruments }: Market): Instrument[] =>
  [...instruments.values()].flatMap((each) => (each.ok ? [each.value] : []));

/** By its radius scale each; mark and forward feeds move with the instrument's underlying. */
export function commonMultiples(market: Market, snapshot: Snapshot, move: CommonMove): Multiples {
  const multiples = new Map<string, Ratio>();
  for (const { feed, factor } of snapshot.feeds.values()) {
    if (factor.ok) multiples.set(feed, larger(LEAST, move.multipleOf(factor.value)));
  }
  for (const [feed, underlying] of followers(market)) {
    const multiple = multiples.get(underlying);
    if (multiple !== undefined) multiples.set(feed, multiple);
  }
  return multiples;
}

/** Mark and forward feeds follow their underlying, unless they are factors themselves. */
export function factorMultiples(market: Market, moves: ReadonlyMap<string, Ratio>): Multiples {
  const multiples = new Map<string, Ratio>();
  for (const [factor, move] of moves) multiples.set(factor, larger(LEAST, add(ONE, move)));
  const factors = factorsOf(market);
  for (const [feed, underlying] of followers(market)) {
    const multiple = multiples.get(underlying);
    if (multiple !== undefined && !factors.has(feed)) multiples.set(feed, multiple);
  }
  return multiples;
}

/** The prices that move by themselves: of underlyings, of assets, and of stablecoins watched. */
export function factorsOf(market: Market): ReadonlySet<string> {
  const factors = new Set<string>();
  const put = (feed: string | undefined) => {
    if (feed !== undefined) factors.add(feed);
  };
  for (const { underlying } of readable(market)) put(underlying);
  for (const asset of market.assets.values()) if (asset.ok) put(asset.value.feed);
  for (const each of market.riskClasses.values()) {
    if (each.ok) for (const feed of chargingFeeds(each.value)) put(feed);
  }
  return factors;
}

function* followers(market: Market): Generator<[feed: string, underlying: string]> {
  for (const { underlying, markFeed, forwardFeed } of readable(market)) {
    for (const feed of [markFeed, forwardFeed]) if (feed !== undefined) yield [feed, underlying];
  }
}
