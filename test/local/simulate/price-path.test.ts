import { expect, it } from 'vitest';
import {
  BITCOIN,
  checkedModel,
  gaussianModel,
  totalVolatility,
} from '../../../local/simulate/price-model.ts';
import { pricePath } from '../../../local/simulate/price-path.ts';

const REQUEST = { seed: 5, factor: 'BTC-USD', path: 3, stepSeconds: 10, steps: 8640 };
const returnsOf = (prices: Float64Array) =>
  Array.from(prices.subarray(1), (price, index) => Math.log(price / (prices[index] ?? 0)));

it('a path does not depend on other paths, and a longer one begins with it', () => {
  const once = pricePath(BITCOIN, REQUEST);
  pricePath(BITCOIN, { ...REQUEST, path: 2 });
  expect(pricePath(BITCOIN, REQUEST)).toEqual(once);
  expect(pricePath(BITCOIN, { ...REQUEST, steps: 9000 }).subarray(0, 8641)).toEqual(once);
});

it('another seed, path or risk factor gives another path', () => {
  const last = (request: Partial<typeof REQUEST>) =>
    pricePath(BITCOIN, { ...REQUEST, ...request })[8640];
  const ends = [{}, { seed: 6 }, { path: 4 }, { factor: 'ETH-USD' }].map(last);
  expect(new Set(ends).size).toBe(4);
});

it('jumps are added to shocks that stay the same', () => {
  const calm = returnsOf(pricePath({ ...BITCOIN, jumpsPerYear: 0 }, REQUEST));
  const jumpy = returnsOf(pricePath({ ...BITCOIN, jumpsPerYear: 5000 }, REQUEST));
  const moved = jumpy.map((move, index) => move - (calm[index] ?? 0));
  const jumped = moved.filter((move) => Math.abs(move) > 1e-12).length;
  // 5,000 a year are 13.7 a day.
  expect(jumped).toBeGreaterThan(4);
  expect(jumped).toBeLessThan(30);
});

it.each([
  ['gaussian', gaussianModel(0.8), 0.8],
  ['with shocks, leverage and jumps', { ...BITCOIN, degrees: 8 }, totalVolatility(BITCOIN)],
])('the volatility is the one asked for: %s', (_, model, expected) => {
  let squares = 0;
  for (let path = 0; path < 300; path++) {
    for (const move of returnsOf(pricePath(model, { ...REQUEST, path }))) squares += move ** 2;
  }
  const volatility = Math.sqrt((squares / 300) * 365);
  expect(Math.abs(volatility / expected - 1)).toBeLessThan(0.05);
});

it('a step far longer than the half-lives leaves the variance above zero', () => {
  const model = { ...BITCOIN, shockHalfLifeSeconds: 1, reversionHalfLifeSeconds: 2 };
  const prices = pricePath(model, { ...REQUEST, stepSeconds: 3600, steps: 500 });
  expect(prices.every((price) => price > 0 && Number.isFinite(price))).toBe(true);
});

it.each([
  [{ degrees: 2 }, 'degrees must be above 2'],
  [{ volatility: 0 }, 'volatility must be finite and above zero'],
  [{ jumpDeviation: -0.1 }, 'jump deviation must be finite and not below zero'],
])('an invalid model is refused: %j', (fault, why) => {
  expect(() => checkedModel({ ...BITCOIN, ...fault })).toThrow(why);
});
