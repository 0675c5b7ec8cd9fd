import { expect, it } from 'vitest';
import { chance, dollars, whole } from '../../../local/report/figures.ts';

it.each([
  ['0', '0'],
  ['-0.2', '0'],
  ['999.49', '999'],
  ['999.5', '1,000'],
  ['1234567.8', '1,234,568'],
  ['-1234.6', '−1,235'],
])('an amount of %s is %s in terminal and page', (exact, shown) => {
  expect(whole(exact)).toBe(shown);
  expect(dollars(Number(exact))).toBe(`${shown} USD`);
});

it.each([
  [undefined, '–'],
  [0, '< 0.001'],
  [0.00099, '< 0.001'],
  [0.001, '0.001'],
  [0.0444, '0.044'],
])('a p-value of %s is %s', (pValue, shown) => {
  expect(chance(pValue)).toBe(shown);
});
