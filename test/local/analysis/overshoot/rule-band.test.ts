/**
 * The rule of the latency shock (shock.ts) compared with the exact convolution, over every ratio
 * L/Δ of Δ 5 … 3600 s and L 0 … 600 s:
 *
 *     Λ = s_Δ·max( z√(1+r), β + z√(¼+r) + max(0, z² − 1)/6·κ₃/(¼ + max(r, ⅓)) ),   r = L/Δ.
 *
 * Without its last term, the skew of the overshoot, the rule falls short by up to 2.6 % where its
 * two branches meet. Both error bands are measured here, to show that the term is needed.
 */
import { describe, expect, it } from 'vitest';
import { latencyShock } from '../../../../lambda/margin/market/shock.ts';
import { approximately, ratio } from '../../../../lambda/margin/number/decimal.ts';
import { deviationOver } from '../../../../lambda/margin/statistics/scale.ts';
import { latencyMoveQuantile } from '../../../../local/analysis/overshoot/latency-move.ts';
import { normalBelow } from '../../../../local/analysis/overshoot/normal.ts';
import { OVERSHOOT_MEAN } from '../../../../local/analysis/overshoot/stationary.ts';

const GAP = 3600;
const STEP = deviationOver(0.8, GAP);
/** L/Δ: 0, 0.001 to 120, and where the two branches meet for each quantile below. */
const MEETINGS = [0.54, 1.617, 2.13, 2.28, 3.33, 10.01];
const RATIOS = [0, ...MEETINGS, ...Array.from({ length: 40 }, (_, i) => 120 / 1.35 ** i)];

type Rule = (quantile: number, executionOverGap: number) => number;

const rule: Rule = (quantile, executionOverGap) =>
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

const withoutSkew: Rule = (quantile, executionOverGap) => {
  const found = OVERSHOOT_MEAN + quantile * Math.sqrt(0.25 + executionOverGap);
  return Math.max(quantile * Math.sqrt(1 + executionOverGap), found);
};

/** The lowest and the highest rule ÷ exact − 1, in percent. */
function bandOf(of: Rule, quantile: number): readonly [number, number] {
  const excess = RATIOS.map((executionOverGap) => {
    const exact = latencyMoveQuantile(normalBelow(quantile), {
      volatility: 0.8,
      gapSeconds: GAP,
      executionSeconds: executionOverGap * GAP,
    });
    return 100 * ((of(quantile, executionOverGap) * STEP) / exact - 1);
  });
  return [Math.min(...excess), Math.max(...excess)];
}

describe('the rule of the latency shock, compared with the exact move', () => {
  it.each([
    [1.64485, -0.01, 4.1],
    [2.32635, -0.32, 6.56],
    [2.57583, -0.39, 6.7],
    [2.64949, -0.43, 6.7],
    [3.09023, -0.39, 6.48],
    [3.25559, -0.28, 6.34],
    [5.07221, -0.18, 4.47],
  ])('is at z = %d from %d to %d per cent above it', (quantile, least, most) => {
    const [low, high] = bandOf(rule, quantile);
    expect(low).toBeGreaterThanOrEqual(-0.5);
    expect(high).toBeLessThanOrEqual(8);
    expect(low).toBeCloseTo(least, 2);
    expect(high).toBeCloseTo(most, 2);
  });

  it.each([
    [1.64485, -2.6, 4.1],
    [2.32635, -1.9, 6.6],
    [2.57583, -1.7, 6.7],
    [2.64949, -1.6, 6.7],
    [3.09023, -1.2, 6.5],
    [5.07221, -0.5, 4.5],
  ])(
    'would be at z = %d from %d to %d per cent above it without the skew of the overshoot',
    (quantile, least, most) => {
      const [low, high] = bandOf(withoutSkew, quantile);
      expect(low).toBeCloseTo(least, 1);
      expect(high).toBeCloseTo(most, 1);
    },
  );
});
