/**
 * The rule of the requirement (shock.ts) against the exact convolution, over every ratio L/Δ that
 * Δ 5 … 3600 s and L 0 … 600 s can make, and with the skew of the overshoot added:
 *
 *     Λ = s_Δ·max( z√(1+r), β + z√(¼+r) + (z² − 1)/6·κ₃/(¼ + max(r, ⅓)) ),   r = L/Δ.
 *
 * The last term is Cornish and Fisher's for a sum of variance ¼ + r and third cumulant κ₃. At small r
 * the sum is far from normal and the expansion fails (20 % too much at z = 5), but there the first
 * branch is larger; not letting r below ⅓ in the skew keeps the rule growing with L up to z = 8.
 */
import { describe, expect, it } from 'vitest';
import { approximately, ratio } from '../../../lambda/margin/decimal.ts';
import { latencyMoveQuantile } from '../../../lambda/margin/overshoot/latency-move.ts';
import { normalBelow } from '../../../lambda/margin/overshoot/normal.ts';
import { deviationOver } from '../../../lambda/margin/overshoot/scale.ts';
import {
  OVERSHOOT_MEAN,
  OVERSHOOT_THIRD_CUMULANT,
} from '../../../lambda/margin/overshoot/stationary.ts';
import { latencyShock } from '../../../lambda/margin/shock.ts';

const GAP = 3600;
const STEP = deviationOver(0.8, GAP);
/** L/Δ: 0, then 0.001 to 120, and where the two branches meet at each of the quantiles below. */
const MEETINGS = [0.54, 1.617, 2.13, 2.28, 3.33, 10.01];
const RATIOS = [0, ...MEETINGS, ...Array.from({ length: 40 }, (_, i) => 120 / 1.35 ** i)];

type Rule = (quantile: number, executionOverGap: number) => number;

const presentRule: Rule = (quantile, executionOverGap) =>
  approximately(
    latencyShock({
      volatility: ratio('0.8'),
      quantile: ratio(`${quantile}`),
      gapSeconds: GAP,
      executionSeconds: executionOverGap * GAP,
      slippage: ratio('0'),
      jumpFloor: ratio('0'),
    }),
  ) / STEP;

const skewedRule: Rule = (quantile, executionOverGap) => {
  const spread = 0.25 + Math.max(executionOverGap, 1 / 3);
  const skew = (((quantile ** 2 - 1) / 6) * OVERSHOOT_THIRD_CUMULANT) / spread;
  const found = OVERSHOOT_MEAN + quantile * Math.sqrt(0.25 + executionOverGap) + skew;
  return Math.max(quantile * Math.sqrt(1 + executionOverGap), found);
};

/** Least and greatest of rule ÷ exact − 1, in percent. */
function bandOf(rule: Rule, quantile: number): readonly [number, number] {
  const excess = RATIOS.map((executionOverGap) => {
    const exact = latencyMoveQuantile(normalBelow(quantile), {
      volatility: 0.8,
      gapSeconds: GAP,
      executionSeconds: executionOverGap * GAP,
    });
    return 100 * ((rule(quantile, executionOverGap) * STEP) / exact - 1);
  });
  return [Math.min(...excess), Math.max(...excess)];
}

describe('the rule against the exact move', () => {
  it.each([
    [1.64485, -2.6, 4.1],
    [2.32635, -1.9, 6.6],
    [2.57583, -1.7, 6.7],
    [2.64949, -1.6, 6.7],
    [3.09023, -1.2, 6.5],
    [5.07221, -0.5, 4.5],
  ])('at z = %d lies %d to %d per cent above it', (quantile, least, most) => {
    const [low, high] = bandOf(presentRule, quantile);
    expect(low).toBeCloseTo(least, 1);
    expect(high).toBeCloseTo(most, 1);
  });

  it.each([1.64485, 2.32635, 2.57583, 2.64949, 3.09023, 3.25559, 5.07221])(
    'with the skew of the overshoot lies −0.5 to +8 per cent above it at z = %d',
    (quantile) => {
      const [low, high] = bandOf(skewedRule, quantile);
      expect(low).toBeGreaterThanOrEqual(-0.5);
      expect(high).toBeLessThanOrEqual(8);
    },
  );
});
