/**
 * GARCH(1,1) with Student-t returns [Bollerslev 1987], by maximum likelihood:
 *
 *     v ← (1 − a − b)·v̄ + a·r² + b·v,   r/√v ~ t_ν at unit variance
 *
 * v̄ is the mean of r² (variance targeting [Engle and Mezrich 1996]), so three parameters are left.
 * They lie in a box, and a search that halves its steps [Hooke and Jeeves 1961] finds the best one:
 * npm has no maintained optimiser that keeps to bounds.
 */
import { studentLogPeak } from '../../analysis/overshoot/student.ts';

export interface Garch {
  /** a + b: how much of the excess over v̄ is left one gap later. */
  readonly persistence: number;
  /** a ÷ (a + b). */
  readonly reaction: number;
  /** 1/ν. */
  readonly heaviness: number;
}

const NAMES = ['persistence', 'reaction', 'heaviness'] as const;
const START: Garch = { persistence: 0.95, reaction: 0.1, heaviness: 0.2 };
const LEAST: Garch = { persistence: 0, reaction: 0.001, heaviness: 0.01 };
const MOST: Garch = { persistence: 0.999, reaction: 0.9, heaviness: 0.45 };
const STEP_FIRST = 0.1;
const STEP_LAST = 0.002;

export const nextGarch = (
  variance: number,
  {
    mean,
    square,
    garch,
  }: { readonly mean: number; readonly square: number; readonly garch: Garch },
): number => {
  const { persistence, reaction } = garch;
  const latest = reaction * square + (1 - reaction) * variance;
  return mean + persistence * (latest - mean);
};

/** @param from where the search begins: the fit before, which is close */
export function fitGarch(squares: readonly number[], from: Garch = START): Garch {
  let best = from;
  let most = logLikelihood(squares, best);
  for (let step = STEP_FIRST; step >= STEP_LAST; ) {
    const better = neighboursOf(best, step)
      .map((garch) => ({ garch, likelihood: logLikelihood(squares, garch) }))
      .reduce((left, right) => (right.likelihood > left.likelihood ? right : left));
    if (better.likelihood > most) {
      best = better.garch;
      most = better.likelihood;
    } else step /= 2;
  }
  return best;
}

const neighboursOf = (garch: Garch, step: number): Garch[] =>
  NAMES.flatMap((name) =>
    [step, -step].map((change) => ({
      ...garch,
      [name]: Math.min(MOST[name], Math.max(LEAST[name], garch[name] + change)),
    })),
  );

/** ln L = Σ [ ln f_ν(0) − ½·ln v − ½·(ν + 1)·ln(1 + r²/(v·(ν − 2))) ] */
export function logLikelihood(squares: readonly number[], garch: Garch): number {
  const degrees = 1 / garch.heaviness;
  const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  let variance = mean;
  let sum = squares.length * studentLogPeak(degrees);
  for (const square of squares) {
    sum -=
      (Math.log(variance) + (degrees + 1) * Math.log1p(square / (variance * (degrees - 2)))) / 2;
    variance = nextGarch(variance, { mean, square, garch });
  }
  return sum;
}
