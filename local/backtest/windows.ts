/**
 * Windows of Δ + L, end to end, so that no move counts twice and the tests may take them as
 * independent. A window that would cross a gap or the end is dropped.
 */
import { at, type PriceHistory, type Segment, spanAt } from '../history/price-history.ts';

export interface Window {
  readonly time: number;
  /** The span that has begun; its open is the price. */
  readonly span: number;
  readonly price: number;
  /** Furthest adverse move within the window, as a fraction of the price. */
  readonly loss: BySide;
}

export const SIDES = ['long', 'short'] as const;
export type Side = (typeof SIDES)[number];
export type BySide<T = number> = Readonly<Record<Side, T>>;

export const bySide = <T>(of: (side: Side) => T): BySide<T> => ({
  long: of('long'),
  short: of('short'),
});

export interface RunTimes {
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  /** Seconds since 1970: the training days end here. */
  readonly reportFrom: number;
}

/** Half a microsecond, for sums of seconds. */
export const SAME_TIME = 5e-7;

/** The windows of the report. */
export function windowsOf(
  history: PriceHistory,
  { intervalSeconds, executionSeconds, reportFrom }: RunTimes,
): Window[] {
  const { spans, segments } = history;
  const length = intervalSeconds + executionSeconds;
  return segments.flatMap((segment) => {
    const start = at(spans.start, segment.from);
    const end = at(spans.end, segment.until - 1);
    const count = Math.floor((end - start + SAME_TIME) / length);
    const skipped = Math.max(0, Math.ceil((reportFrom - start) / length));
    return Array.from({ length: Math.max(0, count - skipped) }, (_, index) =>
      windowAt(history, segment, { time: start + (skipped + index) * length, length }),
    );
  });
}

function windowAt(
  { spans }: PriceHistory,
  segment: Segment,
  { time, length }: { readonly time: number; readonly length: number },
): Window {
  const first = spanAt(spans, segment, time + SAME_TIME);
  const price = at(spans.open, first);
  let [high, low] = [price, price];
  for (let span = first; span < segment.until; span++) {
    if (at(spans.start, span) > time + length - SAME_TIME) break;
    high = Math.max(high, at(spans.high, span));
    low = Math.min(low, at(spans.low, span));
  }
  return { time, span: first, price, loss: { long: 1 - low / price, short: high / price - 1 } };
}
