import { describe, expect, it } from 'vitest';
import {
  closingNotional,
  closingNotionalWithImpact,
  isWithinRounding,
  mostRelief,
  mostUsefulNotional,
} from '../../../../lambda/margin/liquidation/closing-notional.ts';
import {
  amount,
  ratio,
  subtract,
  textOf,
  times,
} from '../../../../lambda/margin/number/decimal.ts';

describe('the notional to close at a linear cost', () => {
  it('is S ÷ (κ·m − c): 3809.5238', () => {
    const net = subtract(times(ratio('0.05'), ratio('1.2')), ratio('0.0075'));
    expect(textOf(closingNotional(amount('200'), net)).slice(0, 9)).toBe('3809.5238');
  });
});

describe('the notional to close with a square-root price impact', () => {
  const impact = { netRelief: 0.0595, impact: 4e-6 };

  it('is 350,058.108 for S = 20,000, b = 0.0595, a = 4e-6', () => {
    expect(closingNotionalWithImpact(20_000, impact)?.toFixed(3)).toBe('350058.108');
  });

  it('solves b·x − a·x^{3/2} = S by the smaller of its two roots', () => {
    for (const shortfall of [1, 1e3, 1e5, 1e6, 1.9e6]) {
      const notional = closingNotionalWithImpact(shortfall, impact) ?? Number.NaN;
      const relieved = 0.0595 * notional - 4e-6 * notional ** 1.5;
      expect(relieved / shortfall).toBeCloseTo(1, 9);
      expect(notional).toBeLessThan(mostUsefulNotional(impact));
    }
  });

  it('exists up to S = 4b³/(27a²), where it is (2b/3a)², and not beyond', () => {
    const most = mostRelief(impact);
    expect(most).toBeCloseTo((4 * 0.0595 ** 3) / (27 * 4e-6 ** 2), 6);
    const atMost = closingNotionalWithImpact(most, impact) ?? Number.NaN;
    expect(atMost / mostUsefulNotional(impact)).toBeCloseTo(1, 6);
    expect(closingNotionalWithImpact(most * (1 + 1e-12), impact)).toBeUndefined();
    expect(closingNotionalWithImpact(most * (1 - 1e-9), impact)).toBeDefined();
  });

  it('is S ÷ b if the impact is close to 0', () => {
    const notional = closingNotionalWithImpact(1_000, { netRelief: 0.05, impact: 1e-12 });
    expect((notional ?? 0) / 20_000).toBeCloseTo(1, 6);
  });

  /** A far out-of-the-money option on its last day: a² and b³ are 0 in float64, a ÷ b is not. */
  it.each([
    [0.05, 1e-180],
    [1e-100, 1e-170],
  ])('is S ÷ b if b is %s and a is only %s', (netRelief, impact) => {
    const notional = closingNotionalWithImpact(1, { netRelief, impact }) ?? Number.NaN;
    expect(notional * netRelief).toBeCloseTo(1, 9);
  });

  it('does not exist if b³ and a² are both 0 in float64 and b³/a² is too small', () => {
    expect(closingNotionalWithImpact(1, { netRelief: 1e-120, impact: 1e-180 })).toBeUndefined();
  });
});

describe('the rest of a shortfall', () => {
  it.each([
    ['0', true],
    ['-1', true],
    ['0.0000000000009', true],
    ['0.000000000001', false],
  ])('counts as closed if it is %s: %s', (left, isIt) =>
    expect(isWithinRounding(amount(left))).toBe(isIt),
  );
});
