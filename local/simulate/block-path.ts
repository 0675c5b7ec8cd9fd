/**
 * Real rows in a new order: a stationary bootstrap [Politis and Romano 1994]. A block begins at a
 * random row and goes on for a random number of rows, six hours of minutes on average. A block that
 * reaches a crash has all of it, and none begins within one: so a crash is whole whenever it comes,
 * and comes as often as in the file.
 */
import type { Block } from './crash-blocks.ts';
import { type Draw, exponentialDraws, normalDraws, uniformStream } from './path-random.ts';
import { emptyLogs, type PathRequest, type PricePath, pathOf } from './price-path.ts';
import type { PriceRows } from './price-rows.ts';
import { addRefined } from './refined-rows.ts';

export interface Replay {
  readonly rows: PriceRows;
  readonly crashes: readonly Block[];
}

export const BLOCK_ROWS_MEAN = 360;

/** `stepSeconds` is a multiple of the spacing of the rows, or a part of it, which is drawn. */
export function blockPath({ rows, crashes }: Replay, request: PathRequest): PricePath {
  const { stepSeconds, runIn, steps } = request;
  const partsARow = Math.round(rows.spacingSeconds / stepSeconds);
  const uniform = uniformStream({ ...request, of: 'blocks' });
  const lengthOf = exponentialDraws(uniform);
  const logs = emptyLogs(runIn + steps + 1);
  const rowsAStep = Math.round(stepSeconds / rows.spacingSeconds);
  let block: Block = { from: 0, until: 0 };
  let row = 0;
  const nextRow = (): number => {
    if (row >= block.until) {
      block = nextBlock({ rows, crashes }, uniform, BLOCK_ROWS_MEAN * lengthOf());
      row = block.from;
    }
    return row++;
  };
  if (partsARow > 1) {
    const normal = normalDraws(uniformStream({ ...request, of: 'between' }));
    addRefined(logs, rows, { nextRow, normal, parts: partsARow });
    return pathOf(logs, runIn);
  }
  let last = 0;
  for (let step = 1; step <= runIn + steps; step++) {
    let [low, high] = [last, last];
    for (let part = 0; part < rowsAStep; part++) {
      const next = nextRow();
      low = Math.min(low, last - (rows.falls[next] as number));
      high = Math.max(high, last + (rows.rises[next] as number));
      last += rows.moves[next] as number;
    }
    logs.lows[step] = low;
    logs.highs[step] = high;
    logs.closes[step] = last;
  }
  return pathOf(logs, runIn);
}

const isIn =
  (row: number) =>
  ({ from, until }: Block): boolean =>
    row >= from && row < until;

function nextBlock({ rows, crashes }: Replay, uniform: Draw, length: number): Block {
  for (;;) {
    const from = Math.floor(uniform() * rows.moves.length);
    const crash = crashes.find(isIn(from));
    if (crash !== undefined && crash.from < from) continue;
    const segment = rows.segments.find(isIn(from)) as Block;
    const until = Math.min(from + Math.max(1, Math.round(length)), segment.until);
    return { from, until: crashes.find(isIn(until - 1))?.until ?? until };
  }
}
