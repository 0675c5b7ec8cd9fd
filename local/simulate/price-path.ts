import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';
import {
  type Draw,
  exponentialDraws,
  normalDraws,
  studentDraws,
  uniformStream,
} from './path-random.ts';
import { meanVariance, type PriceModel } from './price-model.ts';

export interface PathRequest {
  readonly seed: number;
  readonly factor: string;
  readonly path: number;
  readonly stepSeconds: number;
  readonly steps: number;
}

/**
 * Multiples of the first price, which is 1; one more than steps. The same request gives the same
 * path.
 */
export function pricePath(model: PriceModel, request: PathRequest): Float64Array {
  const { stepSeconds, steps } = request;
  const nextReturn = diffusion(model, request);
  const jumpBefore = jumps(model, request);
  const prices = new Float64Array(steps + 1);
  prices[0] = 1;
  let logPrice = 0;
  for (let step = 1; step <= steps; step++) {
    logPrice += nextReturn() + jumpBefore(step * stepSeconds);
    prices[step] = Math.exp(logPrice);
  }
  return prices;
}

function diffusion(model: PriceModel, request: PathRequest): Draw {
  const { degrees, shockHalfLifeSeconds } = model;
  const { stepSeconds } = request;
  const uniform = uniformStream({ ...request, of: 'shocks' });
  const draw = degrees === null ? normalDraws(uniform) : studentDraws(uniform, degrees);
  const mean = meanVariance(model);
  if (shockHalfLifeSeconds === null) {
    const deviation = Math.sqrt(mean * stepSeconds);
    return () => deviation * draw();
  }
  const taken = (halfLife: number) => -Math.expm1((-Math.LN2 * stepSeconds) / halfLife);
  const reversion = taken(model.reversionHalfLifeSeconds);
  // A step longer than both half-lives must not take up more than there is.
  const uptake = Math.min(taken(shockHalfLifeSeconds), 1 - reversion);
  const rise = 1 / (1 + model.asymmetry / 2);
  const fall = (1 + model.asymmetry) * rise;
  let variance = mean;
  return () => {
    const shock = draw();
    const move = Math.sqrt(variance * stepSeconds) * shock;
    const news = shock * shock * (shock < 0 ? fall : rise) - 1;
    variance += reversion * (mean - variance) + uptake * variance * news;
    return move;
  };
}

/** @returns the sum of the jumps since the previous time; times must ascend */
function jumps(model: PriceModel, request: PathRequest): (seconds: number) => number {
  const { jumpsPerYear, jumpMean, jumpDeviation } = model;
  if (jumpsPerYear === 0) return () => 0;
  const uniform = uniformStream({ ...request, of: 'jumps' });
  const wait = exponentialDraws(uniform);
  const normal = normalDraws(uniform);
  const between = YEAR_SECONDS / jumpsPerYear;
  let next = between * wait();
  return (seconds) => {
    let sum = 0;
    while (next <= seconds) {
      sum += jumpMean + jumpDeviation * normal();
      next += between * wait();
    }
    return sum;
  };
}
