/**
 * The market of docs/examples/prices.csv, kept as it was when that file was made, so that figures
 * read from it stay. Per step of dt seconds, with v the variance per second, ε Student-t with
 * variance 1:
 *
 *     log return = √(v·dt)·ε + jumps,
 *     v ← v + κ·(v̄ − v) + α·v·(ε²·(1 + γ·[ε < 0])/(1 + γ/2) − 1)
 *
 * [Glosten, Jagannathan and Runkle 1993]. Jumps do not feed v: `simulate` has a better model.
 */
import student from '@stdlib/random-base-t';
import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';
import { type Draw, type Jumps, jumpDraws, uniformStream } from '../simulate/path-random.ts';

const VOLATILITY = 0.6;
const DEGREES = 4;
const ASYMMETRY = 0.3;
const SHOCK_HALF_LIFE_SECONDS = 900;
const REVERSION_HALF_LIFE_SECONDS = 21_600;
const JUMPS: Jumps = { jumpsPerYear: 50, jumpMean: -0.01, jumpDeviation: 0.04 };

export interface SampleRequest {
  readonly seed: number;
  readonly stepSeconds: number;
  readonly steps: number;
}

/** Multiples of the first price, which is 1; one more than steps. */
export function samplePath({ seed, stepSeconds, steps }: SampleRequest): Float64Array {
  const stream = (of: 'shocks' | 'jumps') => uniformStream({ seed, factor: 'sample', path: 0, of });
  const nextReturn = diffusion(stream('shocks'), stepSeconds);
  const jumpBefore = jumpDraws(stream('jumps'), JUMPS);
  const prices = new Float64Array(steps + 1);
  prices[0] = 1;
  let logPrice = 0;
  for (let step = 1; step <= steps; step++) {
    logPrice += nextReturn() + jumpBefore(step * stepSeconds);
    prices[step] = Math.exp(logPrice);
  }
  return prices;
}

function diffusion(uniform: Draw, stepSeconds: number): Draw {
  const shocks = student.factory(DEGREES, { prng: uniform });
  const scale = Math.sqrt((DEGREES - 2) / DEGREES);
  const taken = (halfLife: number) => -Math.expm1((-Math.LN2 * stepSeconds) / halfLife);
  const [reversion, uptake] = [taken(REVERSION_HALF_LIFE_SECONDS), taken(SHOCK_HALF_LIFE_SECONDS)];
  const rise = 1 / (1 + ASYMMETRY / 2);
  const fall = (1 + ASYMMETRY) * rise;
  const mean = VOLATILITY ** 2 / YEAR_SECONDS;
  let variance = mean;
  return () => {
    const shock = scale * shocks();
    const move = Math.sqrt(variance * stepSeconds) * shock;
    const news = shock * shock * (shock < 0 ? fall : rise) - 1;
    variance += reversion * (mean - variance) + uptake * variance * news;
    return move;
  };
}
