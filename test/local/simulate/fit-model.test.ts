import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { fitModel } from '../../../local/simulate/fit-model.ts';
import { logGamma } from '../../../local/simulate/likelihood.ts';
import { BITCOIN } from '../../../local/simulate/price-model.ts';
import { pricePath } from '../../../local/simulate/price-path.ts';
import { readPrices } from '../../../local/simulate/read-prices.ts';

const request = { seed: 11, factor: 'BTC-USD', path: 0, stepSeconds: 60, steps: 30_000 };

it('a model fitted to a simulated history is close to the true one', () => {
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

it('a history that is too short or never moves is refused', () => {
  const flat = Array.from({ length: 300 }, () => 100);
  const times = flat.map((_, index) => index * 60_000);
  expect(() => fitModel({ times, prices: flat })).toThrow('never moves');
  expect(() => fitModel({ times: times.slice(0, 200), prices: flat.slice(0, 200) })).toThrow('201');
});

/** One row a minute, with a gap of an hour after the second row. */
const GAPPED = 'time,price\n60,5\n120,6\n3720,7\n3780,8\n3840,9\n';

it('ln Γ has its known values', () => {
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 10);
  expect(logGamma(5)).toBeCloseTo(Math.log(24), 10);
  expect(logGamma(25.5)).toBeCloseTo(56.389, 2);
});

it.each([
  ['prices', 'time,price\n2026-01-01T00:00:00Z,5\n2026-01-01T00:01:00Z,6\n', [5, 6]],
  ['the longest segment without a gap', GAPPED, [7, 8, 9]],
])('a model is fitted to %s', async (_, text, prices) => {
  const folder = await mkdtemp(join(tmpdir(), 'margin-prices-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'prices.csv'), text);
  const history = await readPrices(join(folder, 'prices.csv'));
  expect(history.prices).toEqual(prices);
  expect(history.times).toEqual(
    prices.map((__, index) => (history.times[0] as number) + index * 60_000),
  );
});
