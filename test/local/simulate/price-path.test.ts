import { expect, it } from 'vitest';
import {
  BITCOIN,
  checkedModel,
  gaussianModel,
  type PriceModel,
  totalVolatility,
} from '../../../local/simulate/price-model.ts';
import { pricePath } from '../../../local/simulate/price-path.ts';
import { joinedSizes, sizesOf } from '../../../local/simulate/sizes.ts';

const REQUEST = { seed: 5, factor: 'BTC-USD', path: 3, stepSeconds: 10, runIn: 60, steps: 8640 };

it('a path does not depend on other paths, and a longer one begins with it', () => {
  const once = pricePath(BITCOIN, REQUEST);
  pricePath(BITCOIN, { ...REQUEST, path: 2 });
  expect(pricePath(BITCOIN, REQUEST)).toEqual(once);
  const longer = pricePath(BITCOIN, { ...REQUEST, steps: 9000 });
  expect(longer.prices.subarray(0, 8641)).toEqual(once.prices);
  expect(once.prices[0]).toBe(1);
});

it('another seed, path or risk factor gives another path', () => {
  const last = (request: Partial<typeof REQUEST>) =>
    pricePath(BITCOIN, { ...REQUEST, ...request }).prices[8640];
  const ends = [{}, { seed: 6 }, { path: 4 }, { factor: 'ETH-USD' }].map(last);
  expect(new Set(ends).size).toBe(4);
});

/** Minutes of many paths, after the run-in. */
function minutes(model: PriceModel, paths = 20): Float64Array[] {
  return Array.from({ length: paths }, (_, path) => {
    const { logs, start } = pricePath(model, {
      ...{ seed: 3, factor: 'X', path, stepSeconds: 60, runIn: 2000, steps: 4000 },
    });
    return Float64Array.from({ length: 4000 }, (__, minute) =>
      Math.abs((logs.closes[start + minute + 1] ?? 0) - (logs.closes[start + minute] ?? 0)),
    );
  });
}

/** Lag-1 autocorrelation within each of the wildest windows of two hours, on average. */
function burstAutocorrelation(paths: readonly Float64Array[]): number {
  const windows = paths.flatMap((moves) =>
    Array.from({ length: 33 }, (_, index) => moves.subarray(120 * index, 120 * index + 120)),
  );
  const energy = (moves: Float64Array) => moves.reduce((sum, move) => sum + move ** 2, 0);
  const wildest = windows.toSorted((left, right) => energy(right) - energy(left)).slice(0, 10);
  const of = wildest.map((moves) => {
    const mean = moves.reduce((sum, move) => sum + move, 0) / moves.length;
    const apart = moves.map((move) => move - mean);
    const lagged = apart.subarray(1).reduce((sum, each, at) => sum + each * (apart[at] ?? 0), 0);
    return lagged / energy(apart);
  });
  return of.reduce((sum, each) => sum + each, 0) / of.length;
}

/** As fitted to the crash of an altcoin: minutes feed minutes. */
const CRASH: PriceModel = {
  ...BITCOIN,
  degrees: 20,
  fastWeight: 0.9,
  fastHalfLifeSeconds: 120,
  slowWeight: 0,
};

it('a crash is a burst: within it, absolute returns of a minute are correlated by .4 to .8', () => {
  const bursts = burstAutocorrelation(minutes(CRASH));
  expect(bursts).toBeGreaterThan(0.4);
  expect(bursts).toBeLessThan(0.8);
  const unfed = burstAutocorrelation(minutes({ ...CRASH, fastWeight: 0 }));
  expect(Math.abs(unfed)).toBeLessThan(0.1);
});

it('a jump feeds the volatility, and what it fed decays', () => {
  const model = { ...gaussianModel(0.6), fastWeight: 0.7 };
  const jumpy = { ...model, jumpsPerYear: 400, jumpDeviation: 0.05 };
  let [near, far, count] = [0, 0, 0];
  for (const moves of minutes(jumpy, 40)) {
    for (let at = 0; at < 3880; at++) {
      if ((moves[at] ?? 0) < 0.04) continue;
      count++;
      for (let after = 1; after <= 3; after++) near += (moves[at + after] ?? 0) / 3;
      for (let after = 100; after <= 119; after++) far += (moves[at + after] ?? 0) / 20;
    }
  }
  expect(count).toBeGreaterThan(20);
  const [, usual = 0] = sizesOf(minutes(model, 5));
  expect(near / count).toBeGreaterThan(3 * usual);
  expect(far).toBeLessThan(near / 3);
});

it('a minute has the same law however short the step', () => {
  const sizes = [60, 10].map((stepSeconds) => {
    const paths = Array.from({ length: 80 }, (_, path) => {
      const steps = 86_400 / stepSeconds;
      const request = { seed: 8, factor: 'X', path, stepSeconds, runIn: steps, steps };
      const { logs, start } = pricePath(BITCOIN, request);
      return joinedSizes(logs.closes.subarray(start), 60 / stepSeconds);
    });
    return sizesOf(paths);
  });
  const [coarse = [], fine = []] = sizes;
  coarse.forEach((size, index) => {
    expect(Math.abs((fine[index] ?? 0) / size - 1)).toBeLessThan(0.1);
  });
});

it.each([
  ['gaussian', gaussianModel(0.8), 0.8],
  ['bursts', { ...BITCOIN, degrees: 20, fastWeight: 0.3 }, BITCOIN.volatility],
  ['jumps', { ...gaussianModel(0.4), jumpsPerYear: 3000, jumpDeviation: 0.01 }, 0.678],
])('the volatility is the one asked for: %s', (_, model, expected) => {
  expect(totalVolatility(model)).toBeCloseTo(expected, 3);
  const paths = minutes(model, 60);
  const squares = paths.flatMap((moves) => [...moves]).reduce((sum, move) => sum + move ** 2, 0);
  const volatility = Math.sqrt((squares / (60 * 4000)) * 525_600);
  expect(Math.abs(volatility / expected - 1)).toBeLessThan(0.06);
});

it('the furthest prices within a step enclose it, as far as a normal walk goes', () => {
  const request = { ...REQUEST, stepSeconds: 60, steps: 20_000 };
  const { closes, lows, highs } = pricePath(gaussianModel(0.8), request).logs;
  let sum = 0;
  for (let step = 1; step < closes.length; step++) {
    const [from, to] = [closes[step - 1] ?? 0, closes[step] ?? 0];
    expect(lows[step]).toBeLessThanOrEqual(Math.min(from, to));
    expect(highs[step]).toBeGreaterThanOrEqual(Math.max(from, to));
    sum += (highs[step] ?? 0) - (lows[step] ?? 0);
  }
  const deviation = 0.8 * Math.sqrt(60 / 31_536_000);
  // E(high − low) = √(8/π) deviations [Feller 1951].
  const mean = sum / (closes.length - 1) / deviation;
  expect(Math.abs(mean / Math.sqrt(8 / Math.PI) - 1)).toBeLessThan(0.01);
});

it.each([
  [{ degrees: 2 }, 'degrees must be above 2'],
  [{ volatility: 0 }, 'volatility must be finite and above zero'],
  [{ jumpDeviation: -0.1 }, 'jump deviation must be finite and not below zero'],
  [{ fastWeight: 0.9 }, 'the weights must be at most 0.98 together'],
])('an invalid model is refused: %j', (fault, why) => {
  expect(() => checkedModel({ ...BITCOIN, ...fault })).toThrow(why);
});
