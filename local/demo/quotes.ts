/**
 * Each source is slightly off the price and a few seconds old. Its high and low are those since its
 * quote before: prices are straight between two minutes.
 */

import { type RandomStream, randomStream } from '../analysis/random.ts';
import type { MarketRow } from '../aws/rows.ts';
import { minuteTime } from './black-thursday.ts';
import type { Feed, Prices } from './feeds.ts';

const SOURCES: Readonly<Record<Feed, readonly string[]>> = {
  'BTC-USD': ['north', 'south', 'west'],
  'ETH-USD': ['north', 'south'],
  'LINK-USD': ['north'],
  'USDC-USD': ['north'],
  'BTC-27MAR20': ['exchange'],
};

/** From 10:30 to 11:00, in the worst hour of the day. */
export const SILENCE = { feed: 'LINK-USD', fromMinute: 630, untilMinute: 660 } as const;

/** Shares of the price: a source's deviation and stated half-width. */
const SOURCE_NOISE = 0.0002;
const STATED_HALF_WIDTH = 0.0003;

export function quoteWriter(seed: number): (minute: number, prices: Prices) => MarketRow[] {
  const random = randomStream(seed, 'quotes');
  /** By source, since its quote before. */
  const seen = new Map<string, string[]>();
  return (minute, prices) =>
    Object.entries(SOURCES).flatMap(([feed, sources]) => {
      const rows = sources.map((source) => {
        const quoted = { minute, id: `${feed}#${source}`, price: prices[feed as Feed] };
        const row = quoteRow(quoted, random);
        const path = [...(seen.get(quoted.id) ?? []), String(row.price)];
        seen.set(quoted.id, isSilent(feed, minute) ? path : path.slice(-1));
        return { ...row, ...extremesOf(path) };
      });
      return isSilent(feed, minute) ? [] : rows;
    });
}

function extremesOf(path: readonly string[]): { readonly high: string; readonly low: string } {
  const sorted = path.toSorted((left, right) => Number(left) - Number(right));
  return { high: sorted.at(-1) as string, low: sorted[0] as string };
}

const isSilent = (feed: string, minute: number): boolean =>
  feed === SILENCE.feed && minute >= SILENCE.fromMinute && minute < SILENCE.untilMinute;

interface Quoted {
  readonly minute: number;
  readonly id: string;
  readonly price: string;
}

function quoteRow({ minute, id, price }: Quoted, random: RandomStream): MarketRow {
  const exact = Number(price);
  const places = price.length - price.indexOf('.') - 1;
  return {
    kind: 'quote',
    id,
    price: (exact * (1 + SOURCE_NOISE * random.normal())).toFixed(places),
    confidence: (exact * STATED_HALF_WIDTH).toFixed(places + 2),
    publishedAt: minuteTime(minute) - random.wholeBetween(1_000, 8_000),
  };
}
