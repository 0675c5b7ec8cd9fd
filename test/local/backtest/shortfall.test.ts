import { expect, it } from 'vitest';
import { shortfallOf } from '../../../local/backtest/shortfall.ts';

const coverage = { allowed: 0.01, accepted: { fewest: 0, most: 2 } };

it('the shortfall is the sum beyond the buffer, in basis points of the notional', () => {
  const { shortfall } = shortfallOf({ buffers: [0.02, 0.04], losses: [0.03, 0.01], coverage });
  expect(shortfall.basisPoints).toBeCloseTo(100, 9);
});

it('it is too large beyond as many mean buffers as exceedances are accepted', () => {
  const verdict = (loss: number) =>
    shortfallOf({ buffers: [0.02, 0.04], losses: [0, loss], coverage }).shortfall;
  // Twice 0.03, beyond 0.04.
  expect(verdict(0.0999)).toMatchObject({ verdict: 'inside', mostBasisPoints: 600 });
  expect(verdict(0.1001)).toMatchObject({ verdict: 'too large', mostBasisPoints: 600 });
});

it('the quantile loss weighs what lies beyond the buffer by the confidence, and what is left by p', () => {
  const { quantileLossBasisPoints } = shortfallOf({
    buffers: [0.02, 0.04],
    losses: [0.03, 0.01],
    coverage,
  });
  expect(quantileLossBasisPoints).toBeCloseTo((100 * 0.99 + 300 * 0.01) / 2, 9);
});
