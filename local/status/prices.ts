/** Prices as a check would judge them now. */

import type { FeedState, ResolvedPrice } from '../../lambda/margin/curve/risk-factor.ts';
import type { Market } from '../../lambda/margin/market/market.ts';
import { textOf } from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { MarketNow, NoMarket } from './market-now.ts';
import { type MoveRow, moveRows } from './moves.ts';

export interface PriceRow {
  readonly feed: string;
  readonly price?: string;
  /** Without a price, the newest quote's age; absent without a quote. */
  readonly ageSeconds?: number;
  /** Quotes behind the price. */
  readonly sources?: number;
  /** as a range: it is in doubt. nothing: the feed never had a price. */
  readonly use: 'anything' | 'calls only' | 'as a range' | 'nothing';
  readonly reason?: string;
  /** Quotes of options alone. */
  readonly isOption?: true;
}

export interface Prices {
  /**
   * Oldest first, after feeds without a quote. Of options, those whose quote is in doubt and those
   * that an account with an open case depends on.
   */
  readonly feeds: readonly PriceRow[];
  readonly moves: readonly MoveRow[];
  readonly faults: readonly string[];
  readonly policyFault?: string;
}

/** @param needed by accounts with an open case */
export function pricesOf(
  now: MarketNow | NoMarket,
  needed: ReadonlySet<string> = new Set(),
): Prices {
  if ('policyFault' in now) return { feeds: [], moves: [], faults: [], ...now };
  const { market, snapshot, volatilities: measured, faults } = now;
  const states = [...snapshot.feeds.values()];
  const feeds = states.map((feed) => priceRow(feed, market, snapshot.asOf));
  return {
    feeds: [...feeds, ...optionRows(snapshot, needed)].toSorted(byAge),
    moves: moveRows(states, { market, measured }).toSorted(byFeed),
    faults,
  };
}

const byFeed = (left: MoveRow, right: MoveRow): number => left.feed.localeCompare(right.feed);

function priceRow({ feed, price }: FeedState, market: Market, now: number): PriceRow {
  if (price.ok) {
    const { price: value, ageSeconds, sources } = price.value;
    return { feed, price: textOf(value), ageSeconds, sources, ...useOf(price.value) };
  }
  const times = (market.quotes.get(feed) ?? []).map(({ publishedAt }) => publishedAt);
  const ageSeconds = Math.max(0, now - Math.max(...times)) / 1000;
  const age = times.length === 0 ? {} : { ageSeconds };
  return { feed, ...age, use: 'nothing', reason: price.reason.detail };
}

function optionRows({ instruments, feeds }: Snapshot, needed: ReadonlySet<string>): PriceRow[] {
  const rows = new Map<string, PriceRow>();
  for (const terms of instruments.values()) {
    if (!terms.ok || terms.value.kind !== 'option') continue;
    const { price } = terms.value.quoted;
    const { feed, ageSeconds, sources, standing } = price;
    if (feeds.has(feed) || (standing === 'fresh' && !needed.has(feed))) continue;
    const isQuoted = sources > 0 || price.publishedAt > 0;
    rows.set(feed, {
      feed,
      ...(isQuoted ? { price: textOf(price.price), ageSeconds, sources } : {}),
      ...useOf(price),
      isOption: true,
    });
  }
  return [...rows.values()];
}

function useOf({ standing, why }: ResolvedPrice): Pick<PriceRow, 'use' | 'reason'> {
  if (standing === 'fresh') return { use: 'anything' };
  const use = standing === 'aged' ? 'calls only' : 'as a range';
  return { use, ...(why === undefined ? {} : { reason: why }) };
}

const byAge = (left: PriceRow, right: PriceRow): number =>
  ageOf(right) - ageOf(left) || left.feed.localeCompare(right.feed);

const ageOf = ({ ageSeconds }: PriceRow): number => ageSeconds ?? Number.MAX_VALUE;
