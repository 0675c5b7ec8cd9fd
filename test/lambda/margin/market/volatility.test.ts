import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  EwmaVolatility,
  VolatilityRule,
} from '../../../../lambda/margin/market/risk-class.ts';
import { usedVolatility } from '../../../../lambda/margin/market/volatility.ts';
import { isAtLeast, type Ratio, ratio, textOf } from '../../../../lambda/margin/number/decimal.ts';

const RULE: EwmaVolatility = {
  type: 'ewma',
  halfLifeSeconds: 21_600,
  floor: ratio('0.6'),
  stress: ratio('2'),
  stressWeight: ratio('0.25'),
  cap: ratio('3'),
  quantile: 'tracked',
};

const used = (measured: string | undefined, rule: VolatilityRule = RULE): string =>
  textOf(usedVolatility(rule, measured === undefined ? undefined : ratio(measured)));

describe('the used volatility', () => {
  it('is the fixed volatility of a class that fixes it', () => {
    expect(used('5', { type: 'fixed', annual: ratio('0.9') })).toBe('0.9');
  });

  it('is stress until something has been measured', () => {
    expect(used(undefined)).toBe('2');
  });

  /** (1 − ¼)·σ + ¼·2. It reaches the floor of 0.6 at 0.1333… and the cap of 3 at 3.3333… */
  it.each([
    ['0.8', '1.1'],
    ['0', '0.6'],
    ['0.13333333', '0.6'],
    ['0.13333334', '0.600000005'],
    ['3.33333333', '2.9999999975'],
    ['3.33333334', '3'],
    ['1e12', '3'],
  ])('at a measured %s is %s', (measured, expected) => {
    expect(used(measured)).toBe(expected);
  });

  it('keeps every digit of the measured volatility', () => {
    const rule = { ...RULE, stressWeight: ratio('0.3'), stress: ratio('1.2345678901') };
    expect(used('0.73120001', rule)).toBe('0.88221037403');
  });

  it('is fully measured at a stress weight of 0, and fully stress at a weight of 1', () => {
    expect(used('0.7', { ...RULE, stressWeight: ratio('0') })).toBe('0.7');
    expect(used('0.5', { ...RULE, stressWeight: ratio('0') })).toBe('0.6');
    expect(used('0.7', { ...RULE, stressWeight: ratio('1') })).toBe('2');
  });

  it('lies between floor and cap, and never falls when the measured volatility rises', () => {
    const formula = fc.integer({ min: 1, max: 5_000_000 }).map((n) => ratio(`${n}e-6`));
    const weight = fc.integer({ min: 0, max: 1000 }).map((n) => ratio(`${n}e-3`));
    const sorted = fc
      .tuple(formula, formula, formula)
      .map((all) => all.toSorted((left, right) => Number(textOf(left)) - Number(textOf(right))));
    fc.assert(
      fc.property(sorted, weight, formula, formula, (limits, stressWeight, low, more) => {
        const [floor, stress, cap] = limits as [Ratio, Ratio, Ratio];
        const rule = { ...RULE, floor, stress, cap, stressWeight };
        const calm = usedVolatility(rule, low);
        expect(isAtLeast(calm, floor) && isAtLeast(cap, calm)).toBe(true);
        const high = ratio(`${Number(textOf(low)) + Number(textOf(more))}`);
        expect(isAtLeast(usedVolatility(rule, high), calm)).toBe(true);
      }),
    );
  });
});
