import studentT from '@stdlib/random-base-t';
import { describe, expect, it } from 'vitest';
import { fitGarch, logLikelihood, nextGarch } from '../../../../local/backtest/peers/garch-fit.ts';

describe('a GARCH(1,1) with Student-t returns', () => {
  it('has its closed likelihood for one return', () => {
    // At ν = 4 and unit variance: f(1) = Γ(2½)/(Γ(2)·√(2π))·(1 + ½)^−2½, Γ(2½) = 1.3293403881791
    const density = (1.3293403881791 / Math.sqrt(2 * Math.PI)) * 1.5 ** -2.5;
    const garch = { persistence: 0.9, reaction: 0.1, heaviness: 1 / 4 };
    expect(logLikelihood([1], garch)).toBeCloseTo(Math.log(density), 12);
    // Both have the mean as variance at first; the second is then below it, by 90 % of 10 % of it.
    const second = 1 - 0.9 * 0.1;
    const twice = Math.log(1.3293403881791 / Math.sqrt(2 * Math.PI)) * 2;
    const told = twice - 2.5 * Math.log(1 + 0) - 2.5 * Math.log(1 + 2 / (2 * second));
    expect(logLikelihood([0, 2], garch)).toBeCloseTo(told - Math.log(second) / 2, 12);
  });

  it('finds the parameters that made a path', () => {
    const random = studentT.factory(5, { seed: 15 });
    const garch = { persistence: 0.95, reaction: 0.12, heaviness: 1 / 5 };
    let variance = 1;
    const squares = Array.from({ length: 20_000 }, () => {
      const square = variance * random() ** 2 * (3 / 5);
      variance = nextGarch(variance, { mean: 1, square, garch });
      return square;
    });
    const found = fitGarch(squares);
    expect(found.persistence).toBeCloseTo(0.95, 1);
    expect(Math.abs(found.reaction - 0.12)).toBeLessThan(0.03);
    expect(Math.abs(found.heaviness - 0.2)).toBeLessThan(0.03);
    expect(logLikelihood(squares, found)).toBeGreaterThanOrEqual(logLikelihood(squares, garch) - 5);
  });
});
