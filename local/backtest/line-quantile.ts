/**
 * Learns from crossings of a near line, training days included. Lines are crossed when the price
 * moves most, so it is higher than one learned from as many windows.
 */
import { annualVolatility } from '../../lambda/margin/statistics/variance.ts';
import { at, type PriceHistory } from '../history/price-history.ts';
import { type Checks, lastAtOrBefore } from './checks.ts';
import { crossingsOf } from './crossings.ts';
import type { Frame } from './held.ts';
import { learntQuantile, type Quantile } from './quantile.ts';
import type { Side } from './windows.ts';

export interface LineTraining {
  readonly history: PriceHistory;
  readonly checks: Checks;
  readonly frame: Frame;
  /** Log distance. */
  readonly margin: number;
}

export function lineQuantile(
  { history, checks, frame, margin }: LineTraining,
  side: Side,
): Quantile {
  const { parameters, times, usedOf, shockOf } = frame;
  const quantile = learntQuantile(parameters);
  const start = quantile.at(0);
  const changes = { time: [] as number[], value: [] as number[] };
  const bufferAt = (check: number) =>
    shockOf(usedOf(annualVolatility(at(checks.variance, check))), quantile.at(0));
  const terms = { side, margin, ...times, reportFrom: 0, bufferAt };
  crossingsOf(history, { checks, terms }, ({ time, loss, buffer }) => {
    quantile.learn(loss + parameters.slippage > buffer);
    changes.time.push(time + times.executionSeconds);
    changes.value.push(quantile.at(0));
  });
  const changed = Float64Array.from(changes.time);
  return {
    at: (time) => {
      const last = lastAtOrBefore(changed, time);
      return changes.value[last] ?? start;
    },
    learn: () => {},
  };
}
