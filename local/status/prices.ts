/** Prices as a check would judge them now. */

import type { FeedReadings, ReadFeeds } from '../../lambda/check/feed-memory.ts';
import type { FeedState, ResolvedPrice } from '../../lambda/margin/curve/risk-factor.ts';
import type { Market } from '../../lambda/margin/market/market.ts';
import { textOf } from '../../lambda/margin/number/decimal.ts';
import { takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { PolicyError, readMarket } from '../../lambda/rows/read-market.ts';
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
}

export interface Prices {
  /** Oldest first, after feeds without a quote. */
  readonly feeds: readonly PriceRow[];
  readonly moves: readonly MoveRow[];
  readonly faults: readonly string[];
  readonly policyFault?: string;
}

export interface PricesInput {
  readonly rows: readonly RawRow[];
  readonly now: number;
  readonly intervalSeconds: number;
  /** Combines what is remembered with current quotes. */
  readonly recall: (of: Omit<ReadFeeds, 'fencePrices'>) => Promise<Recalled>;
}

type Recalled = Pick<FeedReadings, 'previousPrices' | 'volatilities' | 'faults'>;

export async function readPrices(input: PricesInput): Promise<Prices> {
  const { rows, now, intervalSeconds: gapSeconds } = input;
  try {
    const { market, faults } = readMarket(rows);
    const known = { market, asOf: now, gapSeconds };
    const { previousPrices, volatilities, faults: ofFeeds } = await input.recall(known);
    const { feeds } = takeSnapshot({ ...known, previousPrices, volatilities });
    const states = [...feeds.values()];
    return {
      feeds: states.map((feed) => priceRow(feed, market, now)).toSorted(byAge),
      moves: moveRows(states, { market, measured: volatilities }).toSorted(byFeed),
      faults: [...faults, ...ofFeeds].map(({ detail }) => detail),
    };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { feeds: [], moves: [], faults: [], policyFault: error.message };
  }
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

function useOf({ standing, why }: ResolvedPrice): Pick<PriceRow, 'use' | 'reason'> {
  if (standing === 'fresh') return { use: 'anything' };
  const use = standing === 'aged' ? 'calls only' : 'as a range';
  return { use, ...(why === undefined ? {} : { reason: why }) };
}

const byAge = (left: PriceRow, right: PriceRow): number =>
  ageOf(right) - ageOf(left) || left.feed.localeCompare(right.feed);

const ageOf = ({ ageSeconds }: PriceRow): number => ageSeconds ?? Number.MAX_VALUE;
