/**
 * What a price did, as a row of spans: from `start` to `end` it went from open to close, and no
 * further than low and high. Spans of one segment follow each other without a hole; between two
 * segments lies a gap, across which nothing is known and nothing may be counted.
 */
export interface PriceHistory {
  readonly file: string;
  /** Bars have extremes of their own; between two prices the extremes are the prices. */
  readonly kind: 'bars' | 'prices';
  /** Seconds between most rows. */
  readonly samplingSeconds: number;
  /** Bars, or prices of which nine spacings in ten are the same. */
  readonly isRegular: boolean;
  readonly segments: readonly Segment[];
  readonly gaps: readonly Gap[];
  readonly spans: Spans;
}

/** Columns, all of one length. Times in seconds since 1970. */
export interface Spans {
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** Indices of its first span and of the one after its last. */
export interface Segment {
  readonly from: number;
  readonly until: number;
}

export interface Gap {
  /** Seconds since 1970, of the row before it. */
  readonly after: number;
  readonly seconds: number;
}

export const at = (column: Float64Array, index: number): number => column[index] as number;

/** The last span of a segment that has begun at a time; the segment must have begun by then. */
export function spanAt({ start }: Spans, { from, until }: Segment, time: number): number {
  let [low, high] = [from, until - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (at(start, middle) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}
