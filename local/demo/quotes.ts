/** Each source is slightly off the price and a few seconds old. */

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
  return (minute, prices) =>
    Object.entries(SOURCES).flatMap(([feed, sources]) => {
      const rows = sources.map((source) => {
        const quoted = { minute, id: `${feed}#${source}`, price: prices[feed as Feed] };
        return quoteRow(quoted, random);
      });
      return isSilent(feed, minute) ? [] : rows;
    });
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
