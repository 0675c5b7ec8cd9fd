import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slowVolatility } from '../../../../lambda/margin/market/slow-volatility.ts';
import { isAtLeast, type Ratio, ratio, textOf } from '../../../../lambda/margin/number/decimal.ts';

const HOUR_MS = 3_600_000;
const START = 1_700_000_000_000;

/** With a rise of 0.1 an hour by default. */
const risen = (before: string | Ratio, hours: number, used: string | Ratio, rise = '0.1'): Ratio =>
  slowVolatility(read(used), {
    before: { volatility: read(before), asOf: START },
    asOf: START + Math.round(hours * HOUR_MS),
    risePerHour: ratio(rise),
  });

const read = (formula: string | Ratio): Ratio =>
  typeof formula === 'string' ? ratio(formula) : formula;

describe('σ of the initial requirement', () => {
  it('equals σ if none is stored', () => {
    const first = { before: undefined, asOf: START, risePerHour: ratio('0.1') };
    expect(textOf(slowVolatility(ratio('1.123456789'), first))).toBe('1.123456789');
  });

  /** 0.6·1.1^hours: 0.6·1.1^(1/60) = 0.600953859… in a minute, 0.726 in two hours; rounded up. */
  it.each([
    ['stays at the same time', 0, '2', '0.6'],
    ['rises by the part of one minute', 1 / 60, '2', '0.60095386'],
    ['rises by its hourly fraction in an hour', 1, '2', '0.66'],
    ['compounds', 2, '2', '0.72600001'],
    ['reaches σ and goes no further', 2, '0.726', '0.726'],
    ['equals σ just below the limit of its rise', 2, '0.72599999', '0.72599999'],
    ['is limited just above the limit of its rise', 2, '0.72600002', '0.72600001'],
    ['equals σ after a long outage', 24, '2', '2'],
    ['falls at once', 0, '0.5', '0.5'],
    ['falls at once even after a minute', 1 / 60, '0.59999999', '0.59999999'],
    ['stays if the clock goes back', -1, '2', '0.6'],
  ])('the initial volatility %s', (_, hours, used, expected) => {
    expect(textOf(risen('0.6', hours, used))).toBe(expected);
  });

  it('is rounded up to eight decimal places if it is limited, and equals σ exactly otherwise', () => {
    expect(textOf(risen('0.6', 1 / 60, '2'))).toBe('0.60095386');
    expect(textOf(risen('0.6', 1 / 60, '0.60095385999'))).toBe('0.60095385999');
  });

  it('equals σ if the allowed rise overflows', () => {
    expect(textOf(risen('0.6', 24 * 365, '9', '1e24'))).toBe('9');
  });

  const sigma = fc.integer({ min: 1, max: 1_000_000_000 }).map((digits) => ratio(`${digits}e-8`));
  const hours = fc.double({ min: 0, max: 100, noNaN: true });

  it('is never above σ, and never below the smaller of σ and its last value', () => {
    fc.assert(
      fc.property(sigma, sigma, hours, (before, used, elapsed) => {
        const initial = risen(before, elapsed, used);
        expect(isAtLeast(used, initial)).toBe(true);
        expect(isAtLeast(initial, before) || isAtLeast(initial, used)).toBe(true);
      }),
    );
  });

  it('never falls when σ or the elapsed time grows', () => {
    fc.assert(
      fc.property(sigma, sigma, sigma, hours, hours, (before, one, other, first, second) => {
        const [low, high] = isAtLeast(other, one) ? [one, other] : [other, one];
        const [soon, late] = [Math.min(first, second), Math.max(first, second)];
        const lowest = risen(before, soon, low);
        expect(isAtLeast(risen(before, soon, high), lowest)).toBe(true);
        expect(isAtLeast(risen(before, late, low), lowest)).toBe(true);
      }),
    );
  });

  /** Each check rounds up by less than 1e-8, and the rounding compounds. */
  it('hardly depends on the number of checks in an hour', () => {
    const inSteps = (steps: number): number => {
      let [memory, asOf] = [{ volatility: ratio('0.6'), asOf: START }, START];
      for (let step = 1; step <= steps; step++) {
        asOf = START + Math.round((HOUR_MS / steps) * step);
        const since = { before: memory, asOf, risePerHour: ratio('0.1') };
        memory = { volatility: slowVolatility(ratio('9'), since), asOf };
      }
      return Number(textOf(memory.volatility));
    };
    for (const steps of [1, 2, 12, 60, 360]) {
      expect(inSteps(steps)).toBeGreaterThanOrEqual(0.66);
      expect(inSteps(steps)).toBeLessThan(0.66 + steps * 1.1e-8 + 1e-8);
    }
  });
});
