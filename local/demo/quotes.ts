/**
 * Each source is slightly off the price and a few seconds old. Its high and low are those since its
 * quote before, or over the last interval where quotes come more often: prices are straight between
 * two minutes, unless the path has their seconds.
 */

import { type RandomStream, randomStream } from '../analysis/random.ts';
import type { MarketRow } from '../aws/rows.ts';
import { MINUTE_SECONDS, minuteTime } from './black-thursday.ts';
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

export interface QuoteTimes {
  /** Between two checks. */
  readonly intervalSeconds: number;
  /** Between two quotes, where they come more often than checks. */
  readonly everySeconds?: number;
  /** Times that two intervals share have the same noise. */
  readonly isRefined: boolean;
}

export interface Moment {
  readonly timeMs: number;
  readonly prices: Prices;
  /** Since the quotes before. */
  readonly between?: readonly Prices[];
}

const EACH_MINUTE: QuoteTimes = { intervalSeconds: MINUTE_SECONDS, isRefined: false };

export function quoteWriter(seed: number, times = EACH_MINUTE): (moment: Moment) => MarketRow[] {
  const ofDay = randomStream(seed, 'quotes');
  /** By source, since its quote before. */
  const seen = new Map<string, string[]>();
  const spans = new Map<string, Span[]>();
  const keptMs = times.everySeconds === undefined ? 0 : times.intervalSeconds * 1000;
  return ({ timeMs, prices, between = [] }) => {
    const random = times.isRefined ? randomStream(seed, `quotes at ${timeMs}`) : ofDay;
    return Object.entries(SOURCES).flatMap(([feed, sources]) => {
      const isQuoted = !isSilent(feed, timeMs);
      const passed = between.map((each) => each[feed as Feed]);
      const rows = sources.map((source) => {
        const quoted = { timeMs, id: `${feed}#${source}`, price: prices[feed as Feed] };
        const row = quoteRow(quoted, times, random);
        const path = [...(seen.get(quoted.id) ?? []), ...passed, String(row.price)];
        seen.set(quoted.id, isQuoted ? path.slice(-1) : path);
        const kept = (spans.get(quoted.id) ?? []).filter((each) => each.timeMs > timeMs - keptMs);
        spans.set(quoted.id, [...kept, { timeMs, ...extremesOf(path) }]);
        return {
          ...row,
          ...extremesOf([...path, ...kept.flatMap(({ high, low }) => [high, low])]),
        };
      });
      return isQuoted ? rows : [];
    });
  };
}

interface Extremes {
  readonly high: string;
  readonly low: string;
}

/** The prices between two quotes. */
interface Span extends Extremes {
  /** When the second was published. */
  readonly timeMs: number;
}

function extremesOf(path: readonly string[]): Extremes {
  const sorted = path.toSorted((left, right) => Number(left) - Number(right));
  return { high: sorted.at(-1) as string, low: sorted[0] as string };
}

const isSilent = (feed: string, timeMs: number): boolean =>
  feed === SILENCE.feed &&
  timeMs >= minuteTime(SILENCE.fromMinute) &&
  timeMs < minuteTime(SILENCE.untilMinute);

interface Quoted {
  readonly timeMs: number;
  readonly id: string;
  readonly price: string;
}

const AGE_MS_MIN = 1_000;
const AGE_MS_MAX = 8_000;
/** A quote is never older than the one before. */
const AGE_OF_INTERVAL_MAX = 0.8;

function quoteRow(
  { timeMs, id, price }: Quoted,
  { intervalSeconds, everySeconds = intervalSeconds }: QuoteTimes,
  random: RandomStream,
): MarketRow {
  const exact = Number(price);
  const places = price.length - price.indexOf('.') - 1;
  const oldest = Math.min(AGE_MS_MAX, AGE_OF_INTERVAL_MAX * everySeconds * 1000);
  return {
    kind: 'quote',
    id,
    price: (exact * (1 + SOURCE_NOISE * random.normal())).toFixed(places),
    confidence: (exact * STATED_HALF_WIDTH).toFixed(places + 2),
    publishedAt: timeMs - random.wholeBetween(Math.min(AGE_MS_MIN, oldest / 8), oldest),
  };
}
