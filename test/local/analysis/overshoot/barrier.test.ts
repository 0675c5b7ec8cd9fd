import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { YEAR_SECONDS } from '../../../../lambda/margin/statistics/scale.ts';
import {
  crossedBetween,
  firstPassage,
  passageAtLooks,
} from '../../../../local/analysis/overshoot/barrier.ts';
import { gaussLegendre, nodesOn } from '../../../../local/analysis/overshoot/gauss-legendre.ts';
import { normalAbove, normalDensity } from '../../../../local/analysis/overshoot/normal.ts';

const minute = { distance: 0.003, volatility: 0.8, seconds: 60 };

describe('the first passage of a line', () => {
  it('has the probability .006554192426 without drift at 30 bp in a minute at 80 %', () => {
    expect(firstPassage({ ...minute, drift: 0 })).toBeCloseTo(0.006554192426, 12);
    expect(firstPassage(minute)).toBe(firstPassage({ ...minute, drift: 0 }));
  });

  /** ∫₀^T b/(σ√(2πt³))·exp(−(b + μt)²/(2σ²t)) dt, the inverse Gaussian density, in u = 1/√t. */
  it.each([-5, -0.5, 0, 0.5, 5])('is the integral of its density with a drift of %d', (drift) => {
    const passage = { distance: 0.3, volatility: 0.5, seconds: YEAR_SECONDS, drift };
    const density = (u: number) => (2 * 0.3 * normalDensity((0.3 * u + drift / u) / 0.5)) / 0.5;
    const sum = nodesOn(gaussLegendre(120), { from: 1, to: 40 })
      .map(({ at, weight }) => weight * density(at))
      .reduce((left, right) => left + right);
    expect(firstPassage(passage) / sum).toBeCloseTo(1, 10);
  });

  it('is certain if the price surely falls, and a probability at any drift', () => {
    const falling = { distance: 0.1, volatility: 0.01, seconds: YEAR_SECONDS, drift: -50 };
    expect(firstPassage(falling)).toBeCloseTo(1, 15);
    const rising = firstPassage({ ...falling, drift: 50 });
    expect(rising).toBe(0);
  });

  it('grows with time and volatility, and falls with distance and drift', () => {
    const number = fc.double({ min: 0.01, max: 3, noNaN: true });
    fc.assert(
      fc.property(number, number, number, (distance, volatility, years) => {
        const at = { distance, volatility, seconds: years * YEAR_SECONDS, drift: 0 };
        const p = firstPassage(at);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(firstPassage({ ...at, seconds: at.seconds * 1.1 })).toBeGreaterThanOrEqual(p);
        expect(firstPassage({ ...at, volatility: volatility * 1.1 })).toBeGreaterThanOrEqual(p);
        expect(firstPassage({ ...at, distance: distance * 1.1 })).toBeLessThanOrEqual(p);
        expect(firstPassage({ ...at, drift: 0.1 })).toBeLessThanOrEqual(p);
        expect(firstPassage({ ...at, drift: -0.1 })).toBeGreaterThanOrEqual(p);
      }),
    );
  });

  it.each([
    [{ distance: 0 }, 'distance must be finite and above zero, not 0'],
    [{ volatility: Number.NaN }, 'volatility must be finite and above zero, not NaN'],
    [{ seconds: 0 }, 'seconds must be finite and above zero, not 0'],
    [{ drift: Number.NaN }, 'drift must be a finite number, not NaN'],
  ])('refuses the passage %j', (bad, told) => {
    expect(() => firstPassage({ ...minute, ...bad })).toThrow(new RangeError(told));
  });
});

describe('a crossing between two checks that both found the account safe', () => {
  const bridge = { before: Math.log(100 / 99.8), after: Math.log(100 / 99.8) };
  const market = { volatility: 0.8, seconds: 60 };

  it('has the probability .00138346 from 100 to 100 over a line at 99.8, a minute apart at 80 %', () => {
    expect(crossedBetween({ ...bridge, ...market })).toBeCloseTo(0.00138346, 8);
  });

  /** Integrated over the final price, plus the prices beyond the line, it is the first passage. */
  it.each([-2, 0, 1])(
    'adds up with final prices beyond the line to the first passage, with drift %d',
    (drift) => {
      const [before, volatility] = [0.25, 0.4];
      const time = { volatility, seconds: YEAR_SECONDS };
      const safe = nodesOn(gaussLegendre(100), { from: 0, to: 0.25 + Math.max(0, drift) + 3.5 })
        .map(({ at: after, weight }) => {
          const density = normalDensity((after - before - drift) / volatility) / volatility;
          return weight * density * crossedBetween({ before, after, ...time });
        })
        .reduce((left, right) => left + right);
      const beyond = normalAbove((before + drift) / volatility);
      expect(safe + beyond).toBeCloseTo(firstPassage({ distance: before, drift, ...time }), 11);
    },
  );

  it('is certain on the line and impossible far from it', () => {
    expect(crossedBetween({ before: 1e-300, after: 0.1, ...market })).toBe(1);
    expect(crossedBetween({ before: 1, after: 1, ...market })).toBe(0);
  });

  it.each([
    [{ before: 0 }, 'before must be finite and above zero, not 0'],
    [{ after: -1 }, 'after must be finite and above zero, not -1'],
    [{ seconds: 0 }, 'seconds must be finite and above zero, not 0'],
  ])('refuses the crossing %j', (bad, told) => {
    expect(() => crossedBetween({ ...bridge, ...market, ...bad })).toThrow(new RangeError(told));
  });
});

describe('a line that is only checked at intervals', () => {
  const year = { distance: 0.3, volatility: 0.3, seconds: YEAR_SECONDS };

  it('is found crossed with .279079 at 50 checks, and with .317311 continuously', () => {
    expect(firstPassage(year)).toBeCloseTo(0.317311, 6);
    expect(passageAtLooks(50, year)).toBeCloseTo(0.279079, 6);
  });

  /**
   * The distribution of the price that has not been found beyond the line, carried from check to
   * check.
   */
  it.each([12, 50])('is .06/checks below the exact probability for %i checks', (looks) => {
    const step = 0.3 / Math.sqrt(looks);
    const nodes = nodesOn(gaussLegendre(160), { from: 0, to: 1.8 });
    let alive = nodes.map(({ at }) => normalDensity((at - 0.3) / step) / step);
    for (let look = 1; look < looks; look++) {
      const masses = nodes.map(({ at, weight }, i) => ({ at, mass: weight * (alive[i] ?? 0) }));
      alive = nodes.map(({ at }) =>
        masses.reduce((sum, from) => {
          return sum + (from.mass * normalDensity((at - from.at) / step)) / step;
        }, 0),
      );
    }
    const survived = nodes.reduce((sum, { weight }, i) => sum + weight * (alive[i] ?? 0), 0);
    const short = 1 - survived - passageAtLooks(looks, year);
    expect(short * looks).toBeCloseTo(0.06, 2);
  });

  it('approaches the continuous line from below with more checks', () => {
    const always = firstPassage(year);
    expect(passageAtLooks(1e4, year)).toBeGreaterThan(passageAtLooks(100, year));
    expect(passageAtLooks(1e4, year)).toBeLessThan(always);
    expect(passageAtLooks(1e12, year)).toBeCloseTo(always, 6);
  });

  it('refuses a count of zero checks', () => {
    expect(() => passageAtLooks(0, year)).toThrow('looks must be finite and above zero, not 0');
  });
});
