import { describe, expect, it } from 'vitest';
import type { Gap } from '../../../../lambda/margin/statistics/gap-variance.ts';
import { DEFAULTS, type Method } from '../../../../local/backtest/parameters.ts';
import { RULES } from '../../../../local/backtest/rules/rules.ts';

/** Moves of 1, 2 … 100 parts of a thousand, falls and rises in turn. */
const GAPS = Array.from({ length: 100 }, (_, index): Gap => {
  const size = (index + 1) / 1000;
  const isFall = index % 2 === 0;
  const moved = isFall ? -size : size;
  return {
    seconds: 60,
    moved,
    fall: isFall ? size : 0,
    rise: isFall ? 0 : size,
    isRanged: true,
  };
});

function held(method: Method, gaps: readonly Gap[], confidence = 0.9) {
  const parameters = { ...DEFAULTS, method, confidence, executionSeconds: 0 };
  const terms = {
    parameters,
    intervalSeconds: 60,
    executionSeconds: 0,
    training: gaps.slice(0, 100),
  };
  const rule = RULES[method](terms);
  for (const gap of gaps) rule.close(gap);
  const { buffer } = rule.hold({ secondsSince: 0 });
  return { down: -Math.log1p(-buffer.long), up: Math.log1p(buffer.short) };
}

describe('what the peers hold, as log moves', () => {
  it('historical simulation: the move of rank ⌈c·(m + 1)⌉, per side', () => {
    // ⌈.9·101⌉ = 91st of 100, so the tenth largest: falls of 99, 97 … 81; rises of 100, 98 … 82.
    const { down, up } = held('historical', GAPS);
    expect(down / 0.081).toBeCloseTo(1, 3);
    expect(up / 0.082).toBeCloseTo(1, 3);
  });

  it('EWMA normal: the deviation at λ = .94 times the quantile of p/2', () => {
    const squares = GAPS.map(({ moved }) => moved ** 2);
    const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    const variance = squares.reduce((v, square) => 0.94 * v + 0.06 * square, mean);
    expect(held('ewma-normal', GAPS).down / (1.644853627 * Math.sqrt(variance))).toBeCloseTo(1, 8);
  });

  it('a fixed volatility: that of the training days times Student-t of p/2', () => {
    const mean = GAPS.reduce((sum, { moved }) => sum + moved ** 2, 0) / GAPS.length;
    const { down, up } = held('fixed-volatility', GAPS, 0.98);
    expect(down / (2.64949 * Math.sqrt(mean))).toBeCloseTo(1, 5);
    expect(up).toBeCloseTo(down, 12);
  });

  it('filtered historical simulation: past moves at the volatility of now', () => {
    const steady = GAPS.map((gap, index): Gap => {
      const moved = index % 2 === 0 ? -0.01 : 0.01;
      return { ...gap, moved, fall: Math.max(0, -moved), rise: Math.max(0, moved) };
    });
    const crash = { ...(steady[0] as Gap), moved: -0.1, fall: 0.1, rise: 0 };
    expect(held('filtered', steady).down / 0.01).toBeCloseTo(1, 3);
    const deviations = Math.sqrt(0.94 + 0.06 * 100);
    expect(held('filtered', [...steady, crash]).down / (0.01 * deviations)).toBeCloseTo(1, 3);
  });

  it('GARCH(1,1)-t: more after a crash than before it', () => {
    const crash = { ...(GAPS[0] as Gap), moved: -0.5, fall: 0.5 };
    expect(held('garch', [...GAPS, crash]).down).toBeGreaterThan(held('garch', GAPS).down);
  });

  it('no peer holds less at a higher confidence', () => {
    const peers = ['fixed-volatility', 'ewma-normal', 'historical', 'filtered', 'garch'] as const;
    for (const method of peers) {
      expect(held(method, GAPS, 0.99).down).toBeGreaterThanOrEqual(held(method, GAPS, 0.9).down);
    }
  });
});
