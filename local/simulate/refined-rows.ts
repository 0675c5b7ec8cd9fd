/**
 * What lies between the rows of a file of minutes, for checks more often than once a minute: Brownian
 * bridges at the volatility of the rows around, reflected at the row's low and high. Rows keep their
 * ends, lows and highs. A real minute can hold a jump, which a bridge spreads over its parts.
 */
import type { Draw } from './path-random.ts';
import type { PathLogs } from './price-path.ts';
import type { PriceRows } from './price-rows.ts';

const MINUTE_SECONDS = 60;

/** Longer rows leave too much to be drawn. */
export const isRefinable = (spacingSeconds: number, seconds: number): boolean =>
  spacingSeconds <= MINUTE_SECONDS && seconds < spacingSeconds && spacingSeconds % seconds === 0;

/** Rows before and after whose moves make up a row's volatility. */
const AROUND = 2;

export interface Refining {
  readonly nextRow: () => number;
  readonly normal: Draw;
  /** Steps a row. */
  readonly parts: number;
}

/** Fills all steps after the first. */
export function addRefined(logs: PathLogs, rows: PriceRows, refining: Refining): void {
  const { closes } = logs;
  const { nextRow, parts } = refining;
  for (let step = 1; step < closes.length; step += parts) {
    const row = nextRow();
    const path = betweenEnds(rows, row, refining);
    addRow(logs, path, { from: step, fall: at(rows.falls, row), rise: at(rows.rises, row) });
  }
}

/** Logs at the end of each part, from 0 to the row's move. */
function betweenEnds(rows: PriceRows, row: number, { parts, normal }: Refining): Float64Array {
  const deviation = deviationAround(rows, row) / Math.sqrt(parts);
  const walk = new Float64Array(parts);
  let walked = 0;
  for (let part = 0; part < parts; part++) {
    walked += deviation * normal();
    walk[part] = walked;
  }
  const [move, fall, rise] = [at(rows.moves, row), at(rows.falls, row), at(rows.rises, row)];
  return walk.map((free, part) => {
    const share = (part + 1) / parts;
    return share === 1 ? move : reflected(move * share + free - share * walked, { fall, rise });
  });
}

function deviationAround({ moves, segments }: PriceRows, row: number): number {
  const segment = segments.find(({ from, until }) => row >= from && row < until);
  const [first, end] = [segment?.from ?? 0, segment?.until ?? moves.length];
  const near = moves.subarray(Math.max(first, row - AROUND), Math.min(end, row + AROUND + 1));
  return Math.sqrt(near.reduce((sum, move) => sum + move * move, 0) / near.length);
}

interface Range {
  readonly fall: number;
  readonly rise: number;
}

/** Into [−fall, rise]. */
function reflected(log: number, { fall, rise }: Range): number {
  const range = fall + rise;
  if (range === 0) return 0;
  const beyond = (((log + fall) % (2 * range)) + 2 * range) % (2 * range);
  return (beyond <= range ? beyond : 2 * range - beyond) - fall;
}

/** The part that ends lowest has the row's low, and the one that ends highest its high. */
function addRow(
  { closes, lows, highs }: PathLogs,
  path: Float64Array,
  { from, fall, rise }: Range & { readonly from: number },
): void {
  const before = closes[from - 1] as number;
  const [lowest, highest] = [Math.min(...path), Math.max(...path)];
  const [lowPart, highPart] = [path.indexOf(lowest), path.indexOf(highest)];
  for (let part = 0; part < path.length && from + part < closes.length; part++) {
    const step = from + part;
    const [begin, end] = [closes[step - 1] as number, before + at(path, part)];
    closes[step] = end;
    lows[step] = part === lowPart ? before - fall : Math.min(begin, end);
    highs[step] = part === highPart ? before + rise : Math.max(begin, end);
  }
}

const at = (values: Float64Array, index: number): number => values[index] as number;
