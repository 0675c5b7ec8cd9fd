/**
 * Where a history crashes, so that a replay takes each crash whole: a row is part of one while the
 * variance around it, of the rows before or of those after, is 16 times the usual.
 */
import type { PriceRows } from './price-rows.ts';

export interface Block {
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
}

/** Four times the usual volatility. */
const VARIANCE_TIMES = 16;
/** Half-life of the variance around a row. */
const LOCAL_ROWS = 15;

/** In order; none crosses a gap. */
export function crashBlocks(rows: PriceRows): Block[] {
  const crashes = rows.segments.map(() => [] as Block[]);
  const around = rows.segments.map((segment) => varianceAround(rows.moves, segment));
  const usual = medianOf(around.flatMap((each) => [...each]));
  rows.segments.forEach(({ from }, index) => {
    const variances = around[index] as Float64Array;
    let began: number | undefined;
    for (let row = 0; row <= variances.length; row++) {
      const isCrash = (variances[row] ?? 0) > VARIANCE_TIMES * usual;
      if (isCrash) began ??= row;
      else if (began !== undefined) {
        crashes[index]?.push({ from: from + began, until: from + row });
        began = undefined;
      }
    }
  });
  return crashes.flat();
}

/** The larger of a running mean of squares from the past and one from the future. */
function varianceAround(moves: Float64Array, { from, until }: Block): Float64Array {
  const own = moves.subarray(from, until);
  const before = runningSquares(own);
  const after = runningSquares(own.toReversed()).reverse();
  return before.map((each, row) => Math.max(each, after[row] as number));
}

function runningSquares(moves: Float64Array): Float64Array {
  const weight = -Math.expm1(-Math.LN2 / LOCAL_ROWS);
  const first = moves.subarray(0, 4 * LOCAL_ROWS);
  let mean = first.reduce((sum, move) => sum + move * move, 0) / first.length;
  return moves.map((move) => {
    mean += weight * (move * move - mean);
    return mean;
  });
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] as number;
}
