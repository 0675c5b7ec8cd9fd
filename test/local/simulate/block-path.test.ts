import { expect, it } from 'vitest';
import { blockPath } from '../../../local/simulate/block-path.ts';
import { crashBlocks } from '../../../local/simulate/crash-blocks.ts';
import { rowsOf } from './documents.ts';

const ROWS = 3000;
const CRASH = { from: 1000, until: 1050 };

/** Calm but for one crash; every row has a move of its own. */
const MOVES = Float64Array.from({ length: ROWS }, (_, row) => {
  const size = row >= CRASH.from && row < CRASH.until ? 0.02 : 0.0004;
  return (row % 2 === 0 ? 1 : -1) * size * (1 + row / ROWS / 10);
});
const ROWS_READ = rowsOf(MOVES);
const CRASHES = crashBlocks(ROWS_READ);
const REPLAY = { rows: ROWS_READ, crashes: CRASHES };
const REQUEST = { seed: 2, factor: 'X', path: 0, stepSeconds: 60, runIn: 0, steps: 200_000 };

/** The rows of the file that a path was made of. */
function rowsReplayed(): number[] {
  const rowOf = new Map([...MOVES].map((move, row) => [move.toFixed(12), row]));
  const { closes } = blockPath(REPLAY, REQUEST).logs;
  return Array.from(closes.subarray(1), (log, step) =>
    Number(rowOf.get((log - (closes[step] ?? 0)).toFixed(12)) ?? Number.NaN),
  );
}

it('a crash is found once, from its first minute to its calm', () => {
  expect(CRASHES).toHaveLength(1);
  const [{ from, until } = { from: 0, until: 0 }] = CRASHES;
  expect(from).toBeLessThanOrEqual(CRASH.from);
  expect(from).toBeGreaterThan(CRASH.from - 300);
  expect(until).toBeGreaterThanOrEqual(CRASH.until);
  expect(until).toBeLessThan(CRASH.until + 300);
});

it('a replay has the file’s own rows in blocks, each crash whole, as often as in the file', () => {
  const rows = rowsReplayed();
  expect(rows.some(Number.isNaN)).toBe(false);
  const breaks = rows.slice(1).filter((row, index) => row !== (rows[index] ?? 0) + 1).length;
  expect(breaks).toBeGreaterThan(300);
  expect(breaks).toBeLessThan(1000);
  const [crash = CRASH] = CRASHES;
  const inCrash = (row: number) => row >= crash.from && row < crash.until;
  let begun = 0;
  rows.forEach((row, step) => {
    if (!inCrash(row)) return;
    const before = rows[step - 1];
    if (row !== crash.from) expect(before).toBe(row - 1);
    else begun++;
    const next = rows[step + 1];
    if (row < crash.until - 1 && next !== undefined) expect(next).toBe(row + 1);
  });
  const expected = REQUEST.steps / ROWS;
  expect(begun / expected).toBeGreaterThan(0.75);
  expect(begun / expected).toBeLessThan(1.3);
});

it('the same seed gives the same path, and another path another', () => {
  const short = { ...REQUEST, steps: 500 };
  expect(blockPath(REPLAY, short)).toEqual(blockPath(REPLAY, short));
  const other = blockPath(REPLAY, { ...short, path: 1 });
  expect(other.prices[500]).not.toBe(blockPath(REPLAY, short).prices[500]);
});

it('several rows in a step keep their ends and their furthest prices', () => {
  const fine = blockPath(REPLAY, { ...REQUEST, steps: 600 }).logs;
  const coarse = blockPath(REPLAY, { ...REQUEST, steps: 120, stepSeconds: 300 }).logs;
  for (let step = 1; step <= 120; step++) {
    expect(coarse.closes[step]).toBe(fine.closes[5 * step]);
    const parts = [1, 2, 3, 4, 5].map((part) => 5 * (step - 1) + part);
    expect(coarse.lows[step]).toBe(Math.min(...parts.map((part) => fine.lows[part] ?? 0)));
    expect(coarse.highs[step]).toBe(Math.max(...parts.map((part) => fine.highs[part] ?? 0)));
  }
});

it('a part of a row is drawn, and the row keeps its end, its low and its high', () => {
  const rows = { ...ROWS_READ, falls: ROWS_READ.falls.map((fall) => fall * 1.5 + 1e-4) };
  const replay = { rows, crashes: CRASHES };
  const whole = blockPath(replay, { ...REQUEST, steps: 500 }).logs;
  for (const stepSeconds of [1, 10, 30]) {
    const parts = 60 / stepSeconds;
    const fine = blockPath(replay, { ...REQUEST, steps: 500 * parts, stepSeconds }).logs;
    for (let row = 1; row <= 500; row++) {
      const of = (logs: Float64Array) => logs.slice((row - 1) * parts + 1, row * parts + 1);
      expect(fine.closes[row * parts]).toBeCloseTo(whole.closes[row] ?? Number.NaN, 12);
      expect(Math.min(...of(fine.lows))).toBeCloseTo(whole.lows[row] ?? Number.NaN, 12);
      expect(Math.max(...of(fine.highs))).toBeCloseTo(whole.highs[row] ?? Number.NaN, 12);
      expect(Math.min(...of(fine.closes))).toBeGreaterThan((whole.lows[row] ?? 0) - 1e-12);
    }
  }
});

it('the parts of rows differ from row to row, and are the same for the same seed', () => {
  const request = { ...REQUEST, steps: 600, stepSeconds: 10 };
  const path = blockPath(REPLAY, request).logs.closes;
  expect(blockPath(REPLAY, request).logs.closes).toEqual(path);
  expect(new Set(path).size).toBeGreaterThan(500);
});
