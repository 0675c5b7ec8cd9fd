/** The checks of a history: one every Δ seconds from the first price of each segment. */
import type { Gap } from '../../lambda/margin/statistics/gap-variance.ts';
import { at, type PriceHistory, type Segment, spanAt } from '../history/price-history.ts';

export interface Checks {
  readonly segments: readonly CheckSegment[];
  readonly time: Float64Array;
  /** The span that has begun by the check, which sees its open. */
  readonly span: Float64Array;
}

export interface CheckSegment {
  /** `until` is exclusive. */
  readonly from: number;
  readonly until: number;
  readonly spans: Segment;
}

export function checksOf(history: PriceHistory, intervalSeconds: number): Checks {
  const { spans } = history;
  const draft = { time: [] as number[], span: [] as number[] };
  const segments: CheckSegment[] = [];
  for (const segment of history.segments) {
    const from = draft.time.length;
    const end = at(spans.end, segment.until - 1);
    for (let time = at(spans.start, segment.from); time < end; time += intervalSeconds) {
      draft.time.push(time);
      draft.span.push(spanAt(spans, segment, time));
    }
    segments.push({ from, until: draft.time.length, spans: segment });
  }
  return { segments, time: Float64Array.from(draft.time), span: Float64Array.from(draft.span) };
}

export interface GapEnds {
  /** Spans whose opens were seen. */
  readonly from: number;
  readonly to: number;
  /** Whether quotes carry the high and the low since the one before. */
  readonly isRanged: boolean;
}

/** What a check sees of the time since an earlier one; undefined if no price is newer. */
export function gapBetween(
  { spans }: PriceHistory,
  { from, to, isRanged }: GapEnds,
): Gap | undefined {
  const seconds = at(spans.start, to) - at(spans.start, from);
  if (seconds <= 0) return undefined;
  const [before, now] = [at(spans.open, from), at(spans.open, to)];
  let [high, low] = [Math.max(before, now), Math.min(before, now)];
  if (isRanged) {
    for (let span = from; span < to; span++) {
      high = Math.max(high, at(spans.high, span));
      low = Math.min(low, at(spans.low, span));
    }
  }
  return {
    seconds,
    moved: Math.log(now / before),
    fall: Math.log(before / low),
    rise: Math.log(high / before),
    isRanged,
  };
}

/** The gap that a check closes; undefined for the first check of a segment. */
export function gapBefore(
  history: PriceHistory,
  { checks, isRanged }: { readonly checks: Checks; readonly isRanged: boolean },
) {
  return (check: number, { from }: CheckSegment): Gap | undefined =>
    check === from
      ? undefined
      : gapBetween(history, {
          from: at(checks.span, check - 1),
          to: at(checks.span, check),
          isRanged,
        });
}

/** The gaps that have closed by a time. */
export function gapsUntil(
  history: PriceHistory,
  of: { readonly checks: Checks; readonly isRanged: boolean; readonly until: number },
): Gap[] {
  const { checks, until } = of;
  const gapAt = gapBefore(history, of);
  const gaps: Gap[] = [];
  for (const segment of checks.segments) {
    for (let check = segment.from; check < segment.until; check++) {
      if (at(checks.time, check) > until) return gaps;
      const gap = gapAt(check, segment);
      if (gap !== undefined) gaps.push(gap);
    }
  }
  return gaps;
}
