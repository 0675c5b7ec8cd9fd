import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gaussLegendre, nodesOn } from '../../../../local/analysis/overshoot/gauss-legendre.ts';
import { iteratedTail } from '../../../../local/analysis/overshoot/normal.ts';
import { fallingRoot } from '../../../../local/analysis/overshoot/root.ts';

it('the root of a falling function is found, however flat or steep it is', () => {
  const place = fc.double({ min: -0.99, max: 1.99, noNaN: true });
  fc.assert(
    fc.property(place, fc.constantFrom(1, 3, 9), (at, power) => {
      const root = fallingRoot((x) => -((x - at) ** power) * 1e-100, { low: -1, high: 2 });
      expect(Math.abs(root - at)).toBeLessThan(power === 1 ? 1e-13 : 1e-3);
    }),
  );
});

it('a root is found at either end, and a bracket without one is refused', () => {
  const f = (x: number) => 1 - x;
  expect(fallingRoot(f, { low: 1, high: 3 })).toBe(1);
  expect(fallingRoot(f, { low: 0, high: 1 })).toBe(1);
  expect(() => fallingRoot(f, { low: 2, high: 3 })).toThrow(
    new RangeError('no root between 2 and 3'),
  );
  expect(() => fallingRoot(() => Number.NaN, { low: 2, high: 3 })).toThrow(RangeError);
});

it.each([1, 2, 5, 40])('%i Gauss–Legendre nodes are exact up to the degree 2n − 1', (size) => {
  const nodes = nodesOn(gaussLegendre(size), { from: 0, to: 2 });
  const degree = 2 * size - 1;
  const sum = nodes.reduce((all, { at, weight }) => all + weight * at ** degree, 0);
  expect(sum / (2 ** (degree + 1) / (degree + 1))).toBeCloseTo(1, 12);
});

it.each([-3, -0.5, 0, 1, 4])(
  'each iterated integral of the normal tail at %d is the integral of the one before',
  (x) => {
    const nodes = nodesOn(gaussLegendre(60), { from: x, to: 12 });
    for (const times of [0, 1, 2, 3]) {
      const sum = nodes.reduce((all, { at, weight }) => all + weight * iteratedTail(times, at), 0);
      expect(sum / iteratedTail(times + 1, x)).toBeCloseTo(1, 9);
    }
  },
);
