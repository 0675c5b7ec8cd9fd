import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OptionTerms, optionValue } from '../../../../lambda/margin/option/black76.ts';
import { impliedVolatility } from '../../../../lambda/margin/option/implied-volatility.ts';
import { ArgumentRangeError } from '../../../../lambda/margin/statistics/argument-range.ts';

const EPSILON = Number.EPSILON;
const call: OptionTerms = { type: 'call', strike: 110, yearsToExpiry: 0.25 };
const put: OptionTerms = { ...call, type: 'put' };
const market = { forward: 100, discount: 0.97 };

describe('the implied volatility', () => {
  /** Haug, The Complete Guide to Option Pricing Formulas: at σ = .28 the option is worth 1.7011. */
  it.each(['call', 'put'] as const)('is 28 % for the published %s on futures', (type) => {
    const terms: OptionTerms = { type, strike: 19, yearsToExpiry: 0.75 };
    const quoted = { price: 1.7011, forward: 19, discount: Math.exp(-0.075) };
    expect(impliedVolatility(terms, quoted)).toBeCloseTo(0.28, 4);
  });

  /** At the money the value is F·(2Φ(σ√τ/2) − 1). At σ√τ = 2, 2Φ(1) − 1 = .6826894921370859. */
  it('agrees with the closed form at the money', () => {
    const terms: OptionTerms = { type: 'call', strike: 100, yearsToExpiry: 4 };
    const quoted = { price: 68.26894921370859, forward: 100, discount: 1 };
    expect(impliedVolatility(terms, quoted)).toBeCloseTo(1, 14);
  });

  it('reproduces the premium out of the money, down to 1e-100 of the forward', () => {
    const apart = fc.double({ min: 0, max: 2.3, noNaN: true });
    const exponent = fc.double({ min: -4, max: 1, noNaN: true });
    fc.assert(
      fc.property(apart, exponent, fc.boolean(), (distance, power, up) => {
        const strike = market.forward * Math.exp(up ? distance : -distance);
        const terms: OptionTerms = { type: up ? 'call' : 'put', strike, yearsToExpiry: 0.25 };
        const price = optionValue(terms, { ...market, volatility: 2 * 10 ** power });
        fc.pre(price > 1e-98 && price < market.discount * Math.min(100, strike) * (1 - 1e-14));
        const volatility = impliedVolatility(terms, { ...market, price }) ?? Number.NaN;
        const units = Math.abs(optionValue(terms, { ...market, volatility }) / price - 1) / EPSILON;
        const far = Math.log(strike / market.forward) / (volatility / 2);
        expect(units).toBeLessThan(40 + 4 * far ** 2);
      }),
      { numRuns: 2000 },
    );
  });

  it('is found again wherever the premium depends on it', () => {
    const number = fc.double({ min: 0.2, max: 3, noNaN: true });
    fc.assert(
      fc.property(number, number, fc.constantFrom(call, put), (volatility, ratio, terms) => {
        const option = { ...terms, strike: 100 * ratio, yearsToExpiry: 0.5 };
        const state = { ...market, volatility };
        const price = optionValue(option, state);
        const moved = optionValue(option, { ...state, volatility: volatility * 1.001 });
        fc.pre(moved - price > 1e-6 * price);
        const found = impliedVolatility(option, { ...market, price });
        expect((found ?? Number.NaN) / volatility).toBeCloseTo(1, 10);
      }),
    );
  });

  /** The smallest and the largest premiums that float64 distinguishes from 0 and from the bound. */
  it.each([
    [100, 1e-300],
    [100.00000000000001, 1e-200],
    [101, 1e-300],
    [1e6, 1e-310],
    [100, 99.99999999999999],
    [101, 99.99999999999999],
    [1e300, 99.99999999999999],
    [5, 95.00000000000003],
  ])('at strike %d reproduces the premium of a call at %d', (strike, price) => {
    const terms: OptionTerms = { type: 'call', strike, yearsToExpiry: 1 };
    const volatility = impliedVolatility(terms, { price, forward: 100, discount: 1 });
    const back = optionValue(terms, { forward: 100, volatility: volatility ?? 0, discount: 1 });
    expect(Math.abs(back / price - 1)).toBeLessThan(1e-11);
  });
});

describe('an implied volatility', () => {
  it.each([
    ['a call at a price of 0', call, 0],
    ['a call at a negative price', call, -1],
    ['a call at the discounted forward', call, 97],
    ['a call above the discounted forward', call, 98],
    ['a put at its discounted payoff', put, 0.97 * 10],
    ['a put below its discounted payoff', put, 9],
    ['a put at its discounted strike', put, 0.97 * 110],
    ['an expired call', { ...call, yearsToExpiry: 0 }, 1],
  ])('does not exist for %s', (_, terms, price) => {
    expect(impliedVolatility(terms, { ...market, price })).toBeUndefined();
  });

  it('exists just within these bounds', () => {
    for (const price of [1e-12, 97 - 1e-12]) {
      expect(impliedVolatility(call, { ...market, price })).toBeGreaterThan(0);
    }
    for (const price of [9.7 + 1e-12, 106.7 - 1e-12]) {
      expect(impliedVolatility(put, { ...market, price })).toBeGreaterThan(0);
    }
  });
});

it.each([
  [{}, { price: Number.NaN }, 'price must be a finite number, not NaN'],
  [{}, { forward: 0 }, 'forward must be finite and above zero, not 0'],
  [{}, { discount: -1 }, 'discount must be finite and above zero, not -1'],
  [{ strike: 0 }, {}, 'strike must be finite and above zero, not 0'],
  [{ yearsToExpiry: -1 }, {}, 'yearsToExpiry must be finite and not below zero, not -1'],
])('invalid arguments are refused: %j %j', (terms, quoted, told) => {
  const run = () => impliedVolatility({ ...call, ...terms }, { ...market, price: 5, ...quoted });
  expect(run).toThrow(new ArgumentRangeError(told));
});
