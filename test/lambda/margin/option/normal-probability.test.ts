import { describe, expect, it } from 'vitest';
import { millsRatio } from '../../../../lambda/margin/option/mills-ratio.ts';
import { normalProbability } from '../../../../lambda/margin/option/normal-probability.ts';
import { PricedOption } from '../../../../lambda/margin/option/priced-option.ts';
import { RoughOption } from '../../../../lambda/margin/option/rough-option.ts';
import { normalDensity } from '../../../../lambda/margin/statistics/normal-density.ts';
import { randomStream } from '../../../../local/analysis/random.ts';

describe('the normal distribution function from its table', () => {
  it('is that of the density and its tail to 1e-15, between points and beyond them', () => {
    for (let z = -10; z <= 10; z += 0.000_73) {
      const tail = normalDensity(z) * millsRatio(Math.abs(z));
      expect(Math.abs(normalProbability(z) - (z < 0 ? tail : 1 - tail))).toBeLessThan(1e-15);
    }
  });

  it('is a step where an option has no volatility', () => {
    const at = [Number.NEGATIVE_INFINITY, Number.NaN, Number.POSITIVE_INFINITY];
    expect(at.map(normalProbability)).toEqual([0, 0.5, 1]);
  });
});

describe('an option priced for a sum', () => {
  it('has the value and slope of the option priced alone, to 1e-14 of price and strike', () => {
    const random = randomStream(1, 'rough');
    for (let run = 0; run < 2_000; run++) {
      const option = new PricedOption({
        type: run % 2 === 0 ? 'call' : 'put',
        strike: random.between(100, 100_000),
        forward: random.between(100, 100_000),
        expiresAt: 0,
        years: run % 7 === 0 ? 0 : random.between(0.0001, 2),
        volatility: run % 11 === 0 ? 0 : random.between(0.05, 3),
        rate: random.between(-0.1, 0.2),
      });
      const { years, volatility, forward, strike } = option.input;
      const shock = { multiple: random.between(0.5, 1.5), volatility, years };
      const multiple = run % 13 === 0 ? 0 : random.between(0.01, 11);
      const sums = new Float64Array(2);
      const target = { sums, cells: 1, slopesAt: 1, multiple, logMultiple: Math.log(multiple) };
      new RoughOption(option, [shock]).addTo({ ...target, units: -2 });
      const { value, slope } = option.at(multiple, shock);
      const size = 2 * (forward * shock.multiple * Math.max(1, multiple) + strike);
      expect(Math.abs((sums[0] as number) + 2 * value)).toBeLessThan(1e-14 * size);
      expect(Math.abs((sums[1] as number) + 2 * slope)).toBeLessThan(1e-11 * size);
    }
  });
});
