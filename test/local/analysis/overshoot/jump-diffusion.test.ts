import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviationOver, YEAR_SECONDS } from '../../../../lambda/margin/statistics/scale.ts';
import { gaussLegendre, nodesOn } from '../../../../local/analysis/overshoot/gauss-legendre.ts';
import { jumpDiffusionBelow } from '../../../../local/analysis/overshoot/jump-diffusion.ts';
import { normalBelow } from '../../../../local/analysis/overshoot/normal.ts';

const model = {
  volatility: 0.6,
  jumpsPerYear: 50,
  jumpMean: -0.01,
  jumpDeviation: 0.04,
  seconds: 60,
};

describe('the tail of a return with jumps', () => {
  it('has the probability 3.8175e-5 below −2 % in a minute', () => {
    expect(jumpDiffusionBelow(0.02, model) * 1e5).toBeCloseTo(3.8175, 4);
  });

  it('is far fatter than the 1e-105 of a normal return with the same variance', () => {
    const jumps = (50 * (0.01 ** 2 + 0.04 ** 2) * 60) / YEAR_SECONDS;
    const spread = Math.sqrt(deviationOver(0.6, 60) ** 2 + jumps);
    const normal = Math.log10(normalBelow(-0.02 / spread));
    expect(normal).toBeGreaterThan(-105.5);
    expect(normal).toBeLessThan(-104);
  });

  it('is nearly linear in time, not in its square root', () => {
    const half = jumpDiffusionBelow(0.02, { ...model, seconds: 30 });
    expect(jumpDiffusionBelow(0.02, model) / half).toBeCloseTo(2, 3);
  });

  /** Gil-Pelaez: P(X < −x) = ½ − ∫₀^∞ Im[e^{iux}·E e^{iuX}]/(πu) du. */
  it.each([-0.1, 0, 0.15, 0.4])(
    'agrees with its inverted characteristic function at %d',
    (loss) => {
      const year = { ...model, seconds: YEAR_SECONDS, drift: 0.1 };
      const integrand = (u: number): number => {
        const jump = Math.exp((-u * u * 0.04 ** 2) / 2);
        const size = -(u * u * 0.36) / 2 + 50 * (jump * Math.cos(-0.01 * u) - 1);
        const phase = u * (loss + 0.1) + 50 * jump * Math.sin(-0.01 * u);
        return (Math.exp(size) * Math.sin(phase)) / (Math.PI * u);
      };
      const sum = nodesOn(gaussLegendre(80), { from: 0, to: 16 })
        .map(({ at, weight }) => weight * integrand(at))
        .reduce((left, right) => left + right);
      expect(jumpDiffusionBelow(loss, year)).toBeCloseTo(0.5 - sum, 12);
    },
  );

  it('is normal without jumps', () => {
    const still = jumpDiffusionBelow(0.002, { ...model, jumpsPerYear: 0 });
    expect(still).toBeCloseTo(normalBelow(-0.002 / deviationOver(0.6, 60)), 15);
  });

  it('falls with the loss and grows with the frequency of jumps', () => {
    const loss = fc.double({ min: 0.01, max: 0.2, noNaN: true });
    fc.assert(
      fc.property(loss, fc.double({ min: 1.01, max: 3, noNaN: true }), (at, times) => {
        const chance = jumpDiffusionBelow(at, model);
        expect(jumpDiffusionBelow(at * times, model)).toBeLessThan(chance);
        const more = { ...model, jumpsPerYear: 50 * times };
        expect(jumpDiffusionBelow(at, more)).toBeGreaterThan(chance);
      }),
    );
  });

  it.each([
    [{ seconds: 0 }, 'seconds must be finite and above zero, not 0'],
    [{ volatility: 0 }, 'volatility must be finite and above zero, not 0'],
    [{ jumpsPerYear: -1 }, 'jumps a year must be finite and not below zero, not -1'],
    [{ jumpDeviation: -1 }, 'jump deviation must be finite and not below zero, not -1'],
    [{ jumpMean: Number.NaN }, 'jump mean must be a finite number, not NaN'],
  ])('refuses the model with %j', (bad, told) => {
    expect(() => jumpDiffusionBelow(0.02, { ...model, ...bad })).toThrow(new RangeError(told));
  });
});
