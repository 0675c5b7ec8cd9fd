/**
 * The checks of a history: one every Δ seconds from the first price of each segment, with the
 * variance measured from the prices at checks alone.
 */
import { nextVariance } from '../../lambda/margin/statistics/variance.ts';
import { at, type PriceHistory, type Segment, spanAt } from '../history/price-history.ts';

export interface Checks {
  readonly segments: readonly CheckSegment[];
  readonly time: Float64Array;
  /** The span that has begun by the check, which sees its open. */
  readonly span: Float64Array;
  /** Per second, including the return that ends at the check. */
  readonly variance: Float64Array;
}

export interface CheckSegment {
  /** `until` is exclusive. */
  readonly from: number;
  readonly until: number;
  readonly spans: Segment;
}

export interface CheckTimes {
  readonly intervalSeconds: number;
  readonly halfLifeSeconds: number;
}

/** No return is taken across a gap, so the variance stays the same over it. */
export function checksOf(history: PriceHistory, times: CheckTimes): Checks {
  const { spans } = history;
  const draft = { time: [] as number[], span: [] as number[], variance: [] as number[] };
  const segments: CheckSegment[] = [];
  let variance = startVariance(history, times.intervalSeconds);
  for (const segment of history.segments) {
    const from = draft.time.length;
    let before: number | undefined;
    const end = at(spans.end, segment.until - 1);
    for (let time = at(spans.start, segment.from); time < end; time += times.intervalSeconds) {
      const span = spanAt(spans, segment, time);
      const seen = at(spans.open, span);
      if (before !== undefined) variance = stepped(variance, { from: before, to: seen, times });
      draft.time.push(time);
      draft.span.push(span);
      draft.variance.push(variance);
      before = seen;
    }
    segments.push({ from, until: draft.time.length, spans: segment });
  }
  const { time, span } = draft;
  return {
    segments,
    time: Float64Array.from(time),
    span: Float64Array.from(span),
    variance: Float64Array.from(draft.variance),
  };
}

const stepped = (
  variance: number,
  { from, to, times }: { readonly from: number; readonly to: number; readonly times: CheckTimes },
): number =>
  nextVariance(variance, {
    logReturn: Math.log(to / from),
    seconds: times.intervalSeconds,
    halfLifeSeconds: times.halfLifeSeconds,
  });

/** Returns whose mean gives the first variance; in the training days. */
const START_RETURNS = 24;

function startVariance({ spans, segments }: PriceHistory, intervalSeconds: number): number {
  const [first] = segments;
  if (first === undefined) return 0;
  const start = at(spans.start, first.from);
  const end = at(spans.end, first.until - 1);
  let [sum, count] = [0, 0];
  let before = at(spans.open, first.from);
  for (let step = 1; step <= START_RETURNS && start + step * intervalSeconds < end; step++) {
    const price = at(spans.open, spanAt(spans, first, start + step * intervalSeconds));
    sum += Math.log(price / before) ** 2;
    count += 1;
    before = price;
  }
  return count === 0 ? 0 : sum / (count * intervalSeconds);
}

/** Binary search in an ascending column; returns `from` − 1 if there is none. */
export function lastAtOrBefore(
  column: Float64Array,
  value: number,
  { from, until } = { from: 0, until: column.length },
): number {
  let [low, high] = [from - 1, until - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (at(column, middle) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
