/**
 * One gap between two counted prices of a feed, as the forecast of its shock learns from it
 * (../statistics/shock-forecast.ts).
 *
 * A quoted high or low further than `maxJump` beyond both ends of its gap counts only as far as a
 * second source, or the range of a later quote, has it too: one bad print must not raise the
 * volatility, and with it the buffer of half the book.
 */
import {
  add,
  divide,
  isAbove,
  isBelow,
  larger,
  logReturn,
  ONE,
  type Price,
  type Ratio,
  smaller,
  times,
} from '../number/decimal.ts';
import type { Gap } from '../statistics/gap-variance.ts';
import type { PricePrint, QuotedRange } from './oracle.ts';

export interface CountedQuote extends PricePrint {
  readonly range?: QuotedRange | undefined;
  /** The feed's own limit. */
  readonly maxJump: Ratio;
}

/** Quoted extremes that nothing has confirmed yet. */
export interface Unconfirmed {
  readonly low?: Price | undefined;
  readonly high?: Price | undefined;
}

export interface CountedGap {
  readonly gap: Gap;
  /** For the next gap. */
  readonly unconfirmed?: Unconfirmed | undefined;
}

const SECONDS_MIN = 1;

/** @param before the last counted price, with what its gap left unconfirmed */
export function countedGap(
  before: PricePrint & { readonly unconfirmed?: Unconfirmed | undefined },
  quote: CountedQuote,
): CountedGap {
  const ends = {
    low: smaller(before.price, quote.price),
    high: larger(before.price, quote.price),
  };
  const found = furthest(ends, quote, before.unconfirmed);
  const gap = {
    seconds: Math.max(SECONDS_MIN, (quote.publishedAt - before.publishedAt) / 1000),
    moved: logReturn(before.price, quote.price),
    fall: Math.max(0, logReturn(found.low, before.price)),
    rise: Math.max(0, logReturn(before.price, found.high)),
    isRanged: quote.range !== undefined,
  };
  const { unconfirmed } = found;
  const isNone = unconfirmed.low === undefined && unconfirmed.high === undefined;
  return { gap, ...(isNone ? {} : { unconfirmed }) };
}

interface Ends {
  readonly low: Price;
  readonly high: Price;
}

function furthest(ends: Ends, { range, maxJump }: CountedQuote, earlier: Unconfirmed = {}) {
  if (range === undefined) return { ...ends, unconfirmed: {} };
  const reach = add(ONE, maxJump);
  const isHigh = isAbove(range.high, times(ends.high, reach));
  const isLow = isBelow(range.low, divide(ends.low, reach));
  const highs = [range.second?.high, earlier.high].filter((price) => price !== undefined);
  const lows = [range.second?.low, earlier.low].filter((price) => price !== undefined);
  const high = isHigh ? highs.map((price) => smaller(price, range.high)) : [range.high];
  const low = isLow ? lows.map((price) => larger(price, range.low)) : [range.low];
  return {
    high: high.reduce(larger, ends.high),
    low: low.reduce(smaller, ends.low),
    unconfirmed: {
      ...(isHigh && highs.length === 0 ? { high: range.high } : {}),
      ...(isLow && lows.length === 0 ? { low: range.low } : {}),
    },
  };
}
