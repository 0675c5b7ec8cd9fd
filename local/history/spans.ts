import { InputError } from '../cli/input.ts';
import type { Gap, PriceHistory, Segment } from './price-history.ts';
import type { HistoryOptions, Row } from './read-history.ts';

const REGULAR_SHARE = 0.9;
/** In spacings: a longer time is a gap. */
const REGULAR_GAP = 1.5;
/** Longer, as irregular prices often pause. */
const IRREGULAR_GAP = 10;

interface SpanOptions extends HistoryOptions {
  readonly file: string;
  readonly kind: PriceHistory['kind'];
}

/** @throws InputError when no two rows are within the gap limit. */
export function spansOf(rows: readonly Row[], options: SpanOptions): PriceHistory {
  const { file, kind } = options;
  const { samplingSeconds, usualShare } = samplingOf(rows);
  const isRegular = kind === 'bars' || usualShare >= REGULAR_SHARE;
  const limit = options.gapSeconds ?? samplingSeconds * (isRegular ? REGULAR_GAP : IRREGULAR_GAP);
  const draft: Row[] = [];
  const ends: number[] = [];
  const segments: Segment[] = [];
  const gaps: Gap[] = [];
  let from = 0;
  rows.forEach((row, index) => {
    const next = rows[index + 1];
    const follows = next !== undefined && next.time - row.time <= limit;
    const span = spanOf(row, { next: follows ? next : undefined, kind });
    if (span !== undefined) {
      draft.push(span);
      ends.push(follows ? next.time : row.time + samplingSeconds);
    }
    if (follows) return;
    if (next !== undefined) gaps.push({ after: row.time, seconds: next.time - row.time });
    if (draft.length > from) segments.push({ from, until: draft.length });
    from = draft.length;
  });
  if (segments.length === 0) {
    throw new InputError(
      `${file}: no two rows are within ${limit} s of each other, so there are only gaps`,
    );
  }
  const column = (of: (row: Row) => number) => Float64Array.from(draft, of);
  const spans = {
    start: column(({ time }) => time),
    end: Float64Array.from(ends),
    open: column(({ open }) => open),
    high: column(({ high }) => high),
    low: column(({ low }) => low),
    close: column(({ close }) => close),
  };
  return { file, kind, samplingSeconds, isRegular, segments, gaps, spans };
}

/** A bar is one span; two neighbouring prices make one, and the last price none. */
function spanOf(
  row: Row,
  { next, kind }: { readonly next: Row | undefined; readonly kind: PriceHistory['kind'] },
): Row | undefined {
  if (kind === 'bars') return row;
  if (next === undefined) return undefined;
  const [high, low] = [Math.max(row.open, next.open), Math.min(row.open, next.open)];
  return { ...row, high, low, close: next.open };
}

function samplingOf(rows: readonly Row[]) {
  const spacings = Float64Array.from(rows.slice(1), (row, index) => {
    return row.time - (rows[index] as Row).time;
  }).sort();
  const samplingSeconds = spacings[Math.floor(spacings.length / 2)] as number;
  const usual = spacings.filter((spacing) => Math.abs(spacing - samplingSeconds) < 1e-6).length;
  return { samplingSeconds, usualShare: usual / spacings.length };
}
