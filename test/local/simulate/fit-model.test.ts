import { expect, it } from 'vitest';
import { parseHistory } from '../../../local/history/read-history.ts';
import { fitModel } from '../../../local/simulate/fit-model.ts';
import { logGamma } from '../../../local/simulate/likelihood.ts';
import { BITCOIN, type PriceModel } from '../../../local/simulate/price-model.ts';
import { pricePath } from '../../../local/simulate/price-path.ts';
import { type PriceRows, priceRows } from '../../../local/simulate/price-rows.ts';
import { joinedSizes, sizesOf } from '../../../local/simulate/sizes.ts';
import { rowsOf } from './documents.ts';

const MINUTES = 20_000;

function movesOf(model: PriceModel, path = 0, minutes = MINUTES): Float64Array {
  const { logs, start } = pricePath(model, {
    ...{ seed: 11, factor: 'X', path, stepSeconds: 60, runIn: 5000, steps: minutes },
  });
  return Float64Array.from(
    { length: minutes },
    (_, at) => (logs.closes[start + at + 1] ?? 0) - (logs.closes[start + at] ?? 0),
  );
}

const closesOf = (moves: Float64Array): Float64Array => {
  let log = 0;
  return Float64Array.from([0, ...moves], (move) => {
    log += move;
    return log;
  });
};

/** Simulated ÷ historical, at 50, 90 and 99 %, of moves over so many minutes. */
function sizeRatios(model: PriceModel, history: Float64Array, minutes: number): number[] {
  const real = sizesOf([joinedSizes(closesOf(history), minutes)]);
  const paths = Array.from({ length: 10 }, (_, path) => {
    const { logs, start } = pricePath(model, {
      ...{ seed: 1, factor: 'Y', path, stepSeconds: 60, runIn: 5000, steps: MINUTES },
    });
    return joinedSizes(logs.closes.subarray(start), minutes);
  });
  return sizesOf(paths).map((size, index) => size / (real[index] ?? Number.NaN));
}

it('simulated moves are as large as those fitted to, over a minute, five and an hour', () => {
  const history = movesOf(BITCOIN);
  const { model, leftOut, returns, sizes } = fitModel(rowsOf(history));
  expect(sizes.map(({ seconds }) => seconds)).toEqual([60, 300, 3600]);
  for (const { real, simulated } of sizes) {
    simulated.forEach((size, index) => {
      expect(Math.abs(Math.log(size / (real[index] ?? 0)))).toBeLessThan(0.35);
    });
  }
  expect(returns).toBe(MINUTES);
  expect(leftOut).toEqual([]);
  expect(model.jumpsPerYear).toBe(0);
  for (const minutes of [1, 5, 60]) {
    for (const ratio of sizeRatios(model, history, minutes)) {
      expect(ratio).toBeGreaterThan(0.7);
      expect(ratio).toBeLessThan(1.4);
    }
  }
});

it('moves twice as large have the same model at twice the volatility', () => {
  const history = movesOf(BITCOIN, 1, 3000);
  const [once, twice] = [1, 2].map((factor) => fitModel(rowsOf(history.map((m) => m * factor))));
  expect(twice?.model.volatility).toBeCloseTo(2 * (once?.model.volatility ?? 0), 6);
  expect({ ...twice?.model, volatility: 0 }).toEqual({ ...once?.model, volatility: 0 });
});

/** Keeps the price as it was in this share of the minutes; the next that moves makes up for it. */
function thinned(moves: Float64Array, share: number): Float64Array {
  let kept = 0;
  let state = 1;
  return moves.map((move) => {
    kept += move;
    state = (state * 48_271) % 2_147_483_647;
    if (state / 2_147_483_647 < share) return 0;
    const moved = kept;
    kept = 0;
    return moved;
  });
}

it('a price that stands still in 44 % of minutes is fitted by longer returns, without jumps', () => {
  const history = thinned(movesOf(BITCOIN), 0.44);
  const { model, rowsAReturn, unmovedRows, unmovedReturns } = fitModel(rowsOf(history));
  expect(unmovedRows).toBeGreaterThan(0.4);
  expect(rowsAReturn).toBeGreaterThan(1);
  expect(unmovedReturns).toBeLessThan(0.2);
  expect(model.tickSeconds).toBe(60 * rowsAReturn);
  expect(model.jumpsPerYear).toBe(0);
  const real = sizesOf([joinedSizes(closesOf(history), 60)]);
  const ticks = 60 / rowsAReturn;
  const paths = Array.from({ length: 10 }, (_, path) => {
    const request = { seed: 1, factor: 'Y', path, stepSeconds: model.tickSeconds };
    const { logs, start } = pricePath(model, { ...request, runIn: 3000, steps: 6000 });
    return joinedSizes(logs.closes.subarray(start), ticks);
  });
  sizesOf(paths).forEach((size, index) => {
    expect(size / (real[index] ?? 0)).toBeGreaterThan(0.65);
    expect(size / (real[index] ?? 0)).toBeLessThan(1.5);
  });
});

it('a history that is too short or never moves is refused', () => {
  const flat = new Float64Array(300);
  expect(() => fitModel(rowsOf(flat))).toThrow('never moves');
  expect(() => fitModel(rowsOf(flat.subarray(0, 199)))).toThrow('201');
});

it('rows that the fit leaves out are counted, with the reason', () => {
  const moves = thinned(movesOf(BITCOIN, 2, 1004), 0.44);
  const segments = [
    { from: 0, until: 1 },
    { from: 1, until: 1004 },
  ];
  const { returns, rowsAReturn, leftOut } = fitModel({ ...rowsOf(moves), segments });
  const lost = leftOut.reduce((sum, { rows }) => sum + rows, 0);
  expect(returns * rowsAReturn + lost).toBe(1004);
  expect(leftOut.map(({ why }) => why)).toContain('they stand alone between two gaps');
});

it('ln Γ has its known values', () => {
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 10);
  expect(logGamma(5)).toBeCloseTo(Math.log(24), 10);
  expect(logGamma(25.5)).toBeCloseTo(56.389, 2);
});

const read = (text: string): PriceRows => priceRows(parseHistory(text, { file: 'prices.csv' }));

it('rows of bars have the furthest prices, from the close before', () => {
  const rows = read('time,open,high,low,close\n60,100,110,90,105\n120,105,105,84,84\n');
  expect(rows.spacingSeconds).toBe(60);
  expect([...rows.moves]).toEqual([Math.log(1.05), Math.log(84 / 105)]);
  expect([...rows.falls]).toEqual([Math.log(100 / 90), Math.log(105 / 84)]);
  expect([...rows.rises]).toEqual([Math.log(1.1), 0]);
});

it('a gap ends a segment, and all segments are kept', () => {
  const { segments, moves } = read('time,price\n60,5\n120,6\n3720,7\n3780,8\n3840,9\n');
  expect(segments).toEqual([
    { from: 0, until: 1 },
    { from: 1, until: 3 },
  ]);
  expect(moves[1]).toBeCloseTo(Math.log(8 / 7), 12);
});

it('irregular prices become rows of their median spacing, in some of which nothing moves', () => {
  const times = [0, 60, 120, 180, 240, 420, 480, 500, 540, 600];
  const text = times.map((time, index) => `${1_600_000_000 + time},${100 + index}`).join('\n');
  const { spacingSeconds, moves } = read(`time,price\n${text}\n`);
  expect(spacingSeconds).toBe(60);
  expect(moves).toHaveLength(10);
  expect([...moves].filter((move) => move === 0)).toHaveLength(2);
  expect(moves.reduce((sum, move) => sum + move, 0)).toBeCloseTo(Math.log(1.09), 12);
});
