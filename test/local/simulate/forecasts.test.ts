import { expect, it } from 'vitest';
import { forecastsOf, heldOf } from '../../../local/simulate/forecasts.ts';
import { looksAt } from '../../../local/simulate/looks.ts';
import { BITCOIN } from '../../../local/simulate/price-model.ts';
import { type PricePath, pricePath } from '../../../local/simulate/price-path.ts';

const REQUEST = { seed: 1, factor: 'X', path: 0, stepSeconds: 60, runIn: 1500, steps: 1441 };
const PATH = pricePath(BITCOIN, REQUEST);
const WATCH = { stepSeconds: 60, horizonSeconds: 86_400 };
const POLICY = { floor: 0.006, stress: 1, stressWeight: 0 };
const CELL = { intervalSeconds: 300, executionSeconds: 60, confidence: 0.99 };

const forecast = (path: PricePath, cell = CELL, policy = POLICY) =>
  forecastsOf(looksAt(path, { ...WATCH, intervalSeconds: cell.intervalSeconds }), cell, policy);

const meanOf = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

it('the checks see the ends and the furthest prices of each gap, those before the start too', () => {
  const { gaps, prices, count } = looksAt(PATH, { ...WATCH, intervalSeconds: 300 });
  expect(count).toBe(288);
  expect(gaps.moved).toHaveLength(300 + 288);
  expect(Math.log(prices[287] ?? 0)).toBeCloseTo(
    gaps.moved.subarray(300).reduce((sum, move) => sum + move, 0),
    10,
  );
  gaps.moved.forEach((moved, gap) => {
    expect(gaps.falls[gap]).toBeGreaterThanOrEqual(Math.max(0, -moved) - 1e-15);
    expect(gaps.rises[gap]).toBeGreaterThanOrEqual(Math.max(0, moved) - 1e-15);
  });
});

it('a forecast knows nothing of what comes after its check', () => {
  const { closes, lows, highs } = PATH.logs;
  const cut = REQUEST.runIn + 600;
  const fallen = (logs: Float64Array) => logs.map((log, step) => (step > cut ? log - 0.5 : log));
  const logs = { closes: fallen(closes), lows: fallen(lows), highs: fallen(highs) };
  const [before, after] = [forecast(PATH), forecast({ ...PATH, logs })];
  expect(after.down.subarray(0, 121)).toEqual(before.down.subarray(0, 121));
  expect(after.down[121]).toBeGreaterThan(3 * (before.down[121] ?? 0));
});

it('a higher confidence, a longer interval, a later fill and more stress forecast more', () => {
  const usual = meanOf(forecast(PATH).down);
  expect(meanOf(forecast(PATH, { ...CELL, confidence: 0.999 }).down)).toBeGreaterThan(usual);
  expect(meanOf(forecast(PATH, { ...CELL, intervalSeconds: 900 }).down)).toBeGreaterThan(usual);
  expect(meanOf(forecast(PATH, { ...CELL, executionSeconds: 600 }).down)).toBeGreaterThan(usual);
  const stressed = { ...POLICY, stress: 5, stressWeight: 0.25 };
  expect(meanOf(forecast(PATH, CELL, stressed).down)).toBeGreaterThan(usual);
});

it('a forecast at 95 % is exceeded by some, and one at 99.9 % by few', () => {
  const looks = looksAt(PATH, { ...WATCH, intervalSeconds: 60 });
  const share = (confidence: number) => {
    const cell = { intervalSeconds: 60, executionSeconds: 0, confidence };
    const { down } = forecastsOf(looks, cell, { ...POLICY, floor: 0 });
    const falls = looks.gaps.falls.subarray(300);
    return falls.filter((fall, gap) => -Math.expm1(-fall) > (down[gap] ?? 0)).length / falls.length;
  };
  expect(share(0.95)).toBeGreaterThan(0.02);
  expect(share(0.95)).toBeLessThan(0.09);
  expect(share(0.999)).toBeLessThan(0.006);
});

it('what is held is the scaled forecast, up to the bound, on each side', () => {
  const forecasts = { down: Float64Array.of(0.02), up: Float64Array.of(0.004) };
  expect(heldOf(forecasts, 0, { scale: 1, shockMax: 0.01 })).toEqual({ down: 0.01, up: 0.004 });
  expect(heldOf(forecasts, 0, { scale: 0.25, shockMax: 0.01 })).toEqual({ down: 0.005, up: 0.001 });
});
