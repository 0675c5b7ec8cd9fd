/**
 * Windows of Δ + L, end to end, so that no move counts twice and the tests may take them as
 * independent. Each begins with a check of its own, whose variance is that of the regular checks so
 * far plus the move since. A window that would cross a gap or the end is dropped.
 */
import { annualVolatility, nextVariance } from '../../lambda/margin/statistics/variance.ts';
import { at, type PriceHistory, type Segment, spanAt } from '../history/price-history.ts';
import { type Checks, lastAtOrBefore } from './checks.ts';

export interface Window {
  readonly time: number;
  readonly price: number;
  /** σ measured at the check, annual. */
  readonly measured: number;
  /** Furthest adverse move within the window, as a fraction of the price. */
  readonly loss: Readonly<Record<Side, number>>;
}

export const SIDES = ['long', 'short'] as const;
export type Side = (typeof SIDES)[number];

export interface WindowTimes {
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  readonly halfLifeSeconds: number;
}

/** Half a microsecond, for sums of seconds. */
const SAME_TIME = 5e-7;

export function windowsOf(
  { spans, segments }: PriceHistory,
  { checks, times }: { readonly checks: Checks; readonly times: WindowTimes },
): Window[] {
  const length = times.intervalSeconds + times.executionSeconds;
  const windows: Window[] = [];
  segments.forEach((segment, index) => {
    const checked = checks.segments[index];
    if (checked === undefined) return;
    const start = at(spans.start, segment.from);
    const end = at(spans.end, segment.until - 1);
    const count = Math.floor((end - start + SAME_TIME) / length);
    for (let number = 0; number < count; number++) {
      const time = start + number * length;
      const first = spanAt(spans, segment, time + SAME_TIME);
      const price = at(spans.open, first);
      const { high, low } = extremesOf(first, { until: time + length });
      const variance = varianceAt(
        time,
        price,
        lastAtOrBefore(checks.time, time + SAME_TIME, checked),
      );
      windows.push({
        time,
        price,
        measured: annualVolatility(variance),
        loss: { long: Math.max(0, 1 - low / price), short: Math.max(0, high / price - 1) },
      });
    }

    function extremesOf(from: number, { until }: { readonly until: number }) {
      let [high, low] = [0, Number.POSITIVE_INFINITY];
      for (let span = from; span < (segment as Segment).until; span++) {
        if (at(spans.start, span) > until - SAME_TIME) break;
        high = Math.max(high, at(spans.high, span));
        low = Math.min(low, at(spans.low, span));
      }
      return { high, low };
    }
  });
  return windows;

  function varianceAt(time: number, price: number, check: number): number {
    const seconds = time - at(checks.time, check);
    const variance = at(checks.variance, check);
    if (seconds < SAME_TIME) return variance;
    const logReturn = Math.log(price / at(spans.open, at(checks.span, check)));
    return nextVariance(variance, { logReturn, seconds, halfLifeSeconds: times.halfLifeSeconds });
  }
}
