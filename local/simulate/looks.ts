import { YEAR_SECONDS } from '../../lambda/margin/statistics/scale.ts';
import {
  annualVolatility,
  nextVariance,
  usedVolatility,
  type VolatilityPolicy,
} from '../../lambda/margin/statistics/variance.ts';

export interface LiveVolatility extends VolatilityPolicy {
  readonly halfLifeSeconds: number;
  /** Measured σ at the start. */
  readonly initial: number;
}

export interface Looks {
  readonly count: number;
  readonly intervalSeconds: number;
  /** Path steps per check. */
  readonly every: number;
  /** The first check comes one interval after the start. */
  readonly prices: Float64Array;
  /** σ used: annual. */
  readonly volatilities: Float64Array;
}

export interface Watch {
  readonly intervalSeconds: number;
  readonly stepSeconds: number;
  readonly horizonSeconds: number;
  readonly live: LiveVolatility;
}

/** Measures σ from the prices at these checks alone, so longer intervals are rougher. */
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
