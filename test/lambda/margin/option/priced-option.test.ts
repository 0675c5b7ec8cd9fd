import { expect, it } from 'vitest';
import { PricedOption } from '../../../../lambda/margin/option/priced-option.ts';

const TERMS = { expiresAt: 0, years: 0.25, forward: 60_000, volatility: 0.65, rate: 0.04 };

it.each([
  ['call', 1e-6, 0],
  ['call', 66_000, 0],
  ['put', 66_000, 66_000 * Math.exp(-0.01)],
  ['put', 1e9, 1e9 * Math.exp(-0.01)],
] as const)(
  'a %s at strike %d has its limit value at an underlying price of 0',
  (type, strike, value) => {
    const option = new PricedOption({ ...TERMS, type, strike });
    const found = option.at(0, { ...TERMS, multiple: 1 });
    expect(found.value).toBeCloseTo(value, 6);
  },
);
