/**
 * A price as spans: from `start` to `end` it went from open to close, within low and high. The
 * spans of a segment are contiguous. Nothing is known in a gap between segments, so nothing may be
 * counted there.
 */
export interface PriceHistory {
  readonly file: string;
  /** Bars have their own extremes; between two prices the extremes are the prices. */
  readonly kind: 'bars' | 'prices';
  /** Median. */
  readonly samplingSeconds: number;
  /** Bars, or prices with nine in ten spacings equal. */
  readonly isRegular: boolean;
  readonly segments: readonly Segment[];
  readonly gaps: readonly Gap[];
  readonly spans: Spans;
}

/** Columns of equal length; seconds since 1970. */
export interface Spans {
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** Span indices; `until` is exclusive. */
export interface Segment {
  readonly from: number;
  readonly until: number;
}

export interface Gap {
  /** Time of the last row before it; seconds since 1970. */
  readonly after: number;
  readonly seconds: number;
}

export const at = (column: Float64Array, index: number): number => column[index] as number;

/** The last span that starts at or before `time`; the segment must start by then. */
export function spanAt({ start }: Spans, { from, until }: Segment, time: number): number {
  let [low, high] = [from, until - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (at(start, middle) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}
