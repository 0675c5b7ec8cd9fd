import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fitModel } from '../../../local/simulate/fit-model.ts';
import { logGamma } from '../../../local/simulate/likelihood.ts';
import { BITCOIN } from '../../../local/simulate/price-model.ts';
import { pricePath } from '../../../local/simulate/price-path.ts';
import { readPrices } from '../../../local/simulate/read-prices.ts';

const request = { seed: 11, factor: 'BTC-USD', path: 0, stepSeconds: 60, steps: 30_000 };

it('a fit to a simulated history finds the model again, roughly', () => {
  const truth = {
    ...BITCOIN,
    degrees: 5,
    jumpsPerYear: 1000,
    jumpMean: -0.02,
    jumpDeviation: 0.03,
  };
  const prices = [...pricePath(truth, request)];
  const fitted = fitModel({ times: prices.map((_, index) => index * 60_000), prices });
  const calm = pricePath({ ...truth, jumpsPerYear: 0 }, request);
  const squares = calm.slice(1).reduce((sum, price, index) => {
    return sum + Math.log(price / (calm[index] ?? 0)) ** 2;
  }, 0);
  const realised = Math.sqrt((squares / request.steps) * 525_600);
  expect(Math.abs(fitted.volatility / realised - 1)).toBeLessThan(0.05);
  expect(fitted.degrees).toBeGreaterThanOrEqual(4);
  expect(fitted.degrees).toBeLessThanOrEqual(6);
  expect(fitted.shockHalfLifeSeconds).toBeGreaterThanOrEqual(300);
  expect(fitted.shockHalfLifeSeconds).toBeLessThanOrEqual(3600);
  expect(fitted.jumpsPerYear).toBeGreaterThan(500);
  expect(fitted.jumpsPerYear).toBeLessThan(1500);
  expect(fitted.jumpMean).toBeLessThan(-0.01);
  expect(fitted.jumpDeviation).toBeGreaterThan(0.02);
});

it('a history that is too short, or never moves, is refused', () => {
  const flat = Array.from({ length: 300 }, () => 100);
  const times = flat.map((_, index) => index * 60_000);
  expect(() => fitModel({ times, prices: flat })).toThrow('never moves');
  expect(() => fitModel({ times: times.slice(0, 200), prices: flat.slice(0, 200) })).toThrow('201');
});

it('ln Γ is what it is known to be', () => {
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 10);
  expect(logGamma(5)).toBeCloseTo(Math.log(24), 10);
  expect(logGamma(25.5)).toBeCloseTo(56.389, 2);
});

it.each([
  ['time,close\n2026-01-01T00:00:00Z,5\n2026-01-01T00:01:00Z,6\n', undefined],
  ['time,price\n1,5\n1,6\n', 'row 2: time must be later'],
  ['time,price\n1,5\n2,0\n', 'row 2: price must be above zero, not "0"'],
  ['time,price\nsoon,5\n', 'row 1: time must be ISO 8601 or milliseconds, not "soon"'],
])('prices are read, or refused by the row: %j', async (text, fault) => {
  const file = join(await mkdtemp(join(tmpdir(), 'margin-prices-')), 'prices.csv');
  await writeFile(file, text);
  const reading = readPrices(file);
  if (fault !== undefined) return expect(reading).rejects.toThrow(fault);
  const times = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 1)];
  return expect(await reading).toEqual({ times, prices: [5, 6] });
});
