import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Amount,
  add,
  amount,
  NO_AMOUNT,
  type Ratio,
  ratio,
  textOf,
  times,
  weightedSum,
} from '../../../../lambda/margin/number/decimal.ts';

const sumOf = (pairs: readonly (readonly [string, string])[]): string => {
  const weights = pairs.map(([weight]) => ratio(weight));
  return textOf(
    weightedSum(
      weights,
      pairs.map(([, value]) => amount(value)),
    ),
  );
};

const oneByOne = (weights: readonly Ratio[], values: readonly Amount[]): Amount =>
  values
    .map((value, index) => times(value, weights[index] as Ratio))
    .reduce((left, right) => add(left, right), NO_AMOUNT);

describe('a weighted sum', () => {
  it('is 0 without any values', () => {
    expect(sumOf([])).toBe('0');
  });

  it('has every digit of its products', () => {
    expect(sumOf([['-0.0000001', '12345678.9']])).toBe('-1.23456789');
    expect(
      sumOf([
        ['3', '0.1'],
        ['-1', '0.3'],
        ['0.5', '1e-20'],
      ]),
    ).toBe('0.000000000000000000005');
  });

  it('is 0 if its products cancel out', () => {
    expect(
      sumOf([
        ['2', '60000.5'],
        ['-2', '60000.5'],
      ]),
    ).toBe('0');
  });

  it('holds values that are too large for its words', () => {
    expect(sumOf([['1e24', '1e24']])).toBe(`1${'0'.repeat(48)}`);
    const large = ratio('1e24');
    const product = times(times(times(amount('1e24'), large), large), large);
    const weights = [ratio('1e24'), ratio('1')];
    expect(textOf(weightedSum(weights, [product, amount('7')]))).toBe(`1${'0'.repeat(120)}`);
  });

  it('needs a value for each weight', () => {
    expect(() => weightedSum([ratio('1')], [])).toThrow('needs a value for each weight');
  });

  it('equals the sum of one product after the other, for any number of products', () => {
    const decimal = fc
      .tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: -8, max: 3 }))
      .map(([digits, exponent]) => `${digits}e${exponent}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(decimal, decimal), { maxLength: 100 }), (pairs) => {
        const weights = pairs.map(([weight]) => ratio(weight));
        const values = pairs.map(([, value]) => amount(value));
        expect(textOf(weightedSum(weights, values))).toBe(textOf(oneByOne(weights, values)));
      }),
    );
  });
});
