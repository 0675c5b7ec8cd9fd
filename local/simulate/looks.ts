/** What a checker sees of a path: the price at every check, and the volatility it makes of them. */

import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';
import {
  annualVolatility,
  nextVariance,
  usedVolatility,
  type VolatilityPolicy,
} from '../../lambda/margin/statistics/variance.ts';

export interface LiveVolatility extends VolatilityPolicy {
  /** Of the weight that a squared return has. */
  readonly halfLifeSeconds: number;
  /** σ that is measured when the path begins. */
  readonly initial: number;
}

export interface Looks {
  readonly count: number;
  readonly intervalSeconds: number;
  /** Steps of the path between two checks. */
  readonly every: number;
  /** At each check; the first comes one interval after the start. */
  readonly prices: Float64Array;
  /** σ used at each check: annual. */
  readonly volatilities: Float64Array;
}

export interface Watch {
  readonly intervalSeconds: number;
  readonly stepSeconds: number;
  /** After which nobody looks. */
  readonly horizonSeconds: number;
  readonly live: LiveVolatility;
}

/** The measured σ rests on what this checker saw: at longer intervals it is a rougher one. */
export function looksAt(path: Float64Array, watch: Watch): Looks {
  const { intervalSeconds, stepSeconds, horizonSeconds, live } = watch;
  const { halfLifeSeconds } = live;
  const every = Math.round(intervalSeconds / stepSeconds);
  const count = Math.floor(horizonSeconds / intervalSeconds);
  const prices = new Float64Array(count);
  const volatilities = new Float64Array(count);
  let variance = live.initial ** 2 / YEAR_SECONDS;
  let before = 1;
  for (let look = 0; look < count; look++) {
    const price = path[(look + 1) * every] as number;
    const step = { logReturn: Math.log(price / before), seconds: intervalSeconds, halfLifeSeconds };
    variance = nextVariance(variance, step);
    prices[look] = price;
    volatilities[look] = usedVolatility(annualVolatility(variance), live);
    before = price;
  }
  return { count, intervalSeconds, every, prices, volatilities };
}
