/** Λ* at each check: the rule of the check itself, fed with the ranges that the checks see. */
import { forecastVolatility } from '../../lambda/margin/statistics/gap-variance.ts';
import {
  forecastMoves,
  forecastQuantiles,
  horizonGapsOf,
  nextForecast,
  startForecast,
} from '../../lambda/margin/statistics/shock-forecast.ts';
import type { Shock } from './compiled-book.ts';
import type { Looks } from './looks.ts';

/** Λ* = floor + move at max(σ̂, (1 − w)·σ̂ + w·stress). */
export interface ForecastPolicy {
  readonly floor: number;
  /** Annual: also what counts until a volatility is known. */
  readonly stress: number;
  readonly stressWeight: number;
}

export interface ForecastCell {
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  readonly confidence: number;
}

/** Λ* by check; at 0 that of the start. */
export interface Forecasts {
  readonly down: Float64Array;
  readonly up: Float64Array;
}

export function forecastsOf(looks: Looks, cell: ForecastCell, policy: ForecastPolicy): Forecasts {
  const { count, gaps } = looks;
  const { intervalSeconds, executionSeconds, confidence } = cell;
  const { stress, stressWeight, floor } = policy;
  const horizonGaps = horizonGapsOf(intervalSeconds, executionSeconds);
  const terms = { intervalSeconds, horizonGaps, allowed: 1 - confidence, stress };
  const seconds = intervalSeconds + executionSeconds;
  const [down, up] = [new Float64Array(count + 1), new Float64Array(count + 1)];
  const before = gaps.moved.length - count;
  let memory = startForecast(stress, terms.allowed);
  for (let gap = 0; gap <= gaps.moved.length; gap++) {
    if (gap >= before) {
      const measured = forecastVolatility(memory, 0, terms);
      const volatility = Math.max(measured, (1 - stressWeight) * measured + stressWeight * stress);
      const moves = forecastMoves({
        volatility,
        quantiles: forecastQuantiles(memory, terms),
        seconds,
      });
      down[gap - before] = floor + moves.down;
      up[gap - before] = floor + moves.up;
    }
    if (gap === gaps.moved.length) break;
    const seen = {
      seconds: intervalSeconds,
      moved: gaps.moved[gap] as number,
      fall: gaps.falls[gap] as number,
      rise: gaps.rises[gap] as number,
      isRanged: true,
    };
    memory = nextForecast(memory, seen, terms);
  }
  return { down, up };
}

export interface Holding {
  /** Of Λ*; 1 unless intervals are compared at equal capital. */
  readonly scale: number;
  readonly shockMax: number;
}

/** Λ = min(scale·Λ*, shockMax). */
export const heldOf = (
  { down, up }: Forecasts,
  look: number,
  { scale, shockMax }: Holding,
): Shock => ({
  down: Math.min(shockMax, scale * (down[look] as number)),
  up: Math.min(shockMax, scale * (up[look] as number)),
});
