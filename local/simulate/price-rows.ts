/** A price history as rows of log moves, one a spacing: what a model is fitted to, and replayed. */
import { at, type PriceHistory, type Segment } from '../history/price-history.ts';

/** All are logs, and refer to the end of the row before. */
export interface PriceRows {
  readonly spacingSeconds: number;
  readonly moves: Float64Array;
  /** 0 or more, and at least the move itself. */
  readonly falls: Float64Array;
  readonly rises: Float64Array;
  /** Rows without a gap between them. */
  readonly segments: readonly Segment[];
  /** Rows of the file. */
  readonly read: number;
}

/** Half a millisecond, for sums of seconds. */
const SAME_TIME = 5e-4;

/** Irregular prices become rows of their median spacing: in some nothing moves. */
export function priceRows(history: PriceHistory): PriceRows {
  const columns = { moves: [], falls: [], rises: [] } satisfies Record<string, number[]>;
  const segments = history.segments.flatMap((segment) => {
    const from = columns.moves.length;
    addRows(columns, history, segment);
    const until = columns.moves.length;
    return until > from ? [{ from, until }] : [];
  });
  return {
    spacingSeconds: history.samplingSeconds,
    moves: Float64Array.from(columns.moves),
    falls: Float64Array.from(columns.falls),
    rises: Float64Array.from(columns.rises),
    segments,
    read: history.spans.start.length,
  };
}

type Columns = Record<'moves' | 'falls' | 'rises', number[]>;

function addRows(
  { moves, falls, rises }: Columns,
  { spans, samplingSeconds }: PriceHistory,
  { from, until }: Segment,
): void {
  const start = at(spans.start, from);
  const count = Math.floor((at(spans.end, until - 1) - start + SAME_TIME) / samplingSeconds);
  let next = from;
  let before = at(spans.open, from);
  for (let row = 1; row <= count; row++) {
    const end = start + row * samplingSeconds + SAME_TIME;
    let [low, high, close] = [before, before, before];
    for (; next < until && at(spans.end, next) <= end; next++) {
      low = Math.min(low, at(spans.low, next));
      high = Math.max(high, at(spans.high, next));
      close = at(spans.close, next);
    }
    moves.push(Math.log(close / before));
    falls.push(Math.log(before / low));
    rises.push(Math.log(high / before));
    before = close;
  }
}
