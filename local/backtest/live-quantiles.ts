/**
 * Both quantiles as a check tracks them, from the prices at checks alone, as
 * lambda/margin/market/measure.ts does with quotes. A case is a return ÷ the deviation used for it.
 * A fall counts for the long side, a rise for the short side.
 */
import { deviationOver } from '../../lambda/margin/statistics/scale.ts';
import {
  nextQuantiles,
  type SideQuantiles,
  TRACKED_MOST,
  TRACKED_SHARE,
} from '../../lambda/margin/statistics/tracked-quantile.ts';
import { annualVolatility } from '../../lambda/margin/statistics/variance.ts';
import { at, type PriceHistory } from '../history/price-history.ts';
import { type Checks, lastAtOrBefore } from './checks.ts';
import type { Frame } from './held.ts';
import { allowedBy } from './parameters.ts';
import { type Quantiles, startQuantile } from './quantile.ts';

/** Half a microsecond, for sums of seconds. */
const SAME_TIME = 5e-7;

export function liveQuantiles(
  { spans }: PriceHistory,
  { checks, frame }: { readonly checks: Checks; readonly frame: Frame },
): Quantiles {
  const { parameters, times, usedOf } = frame;
  const start = startQuantile(parameters);
  const tracking = {
    allowed: allowedBy(parameters.confidence) * TRACKED_SHARE,
    step: parameters.trackingStep,
    least: start,
    most: start * TRACKED_MOST,
  };
  const { length } = checks.time;
  const held = { long: new Float64Array(length), short: new Float64Array(length) };
  let quantiles: SideQuantiles = { down: start, up: start };
  for (const segment of checks.segments) {
    for (let check = segment.from; check < segment.until; check++) {
      if (check > segment.from) {
        const used = usedOf(annualVolatility(at(checks.variance, check - 1)));
        const moved = Math.log(priceAt(check) / priceAt(check - 1));
        const residual = residualOf(moved, deviationOver(used, times.intervalSeconds));
        quantiles = nextQuantiles(quantiles, { residual, tracking });
      }
      held.long[check] = quantiles.down;
      held.short[check] = quantiles.up;
    }
  }
  const of = (values: Float64Array) => ({
    at: (time: number) => values[lastAtOrBefore(checks.time, time + SAME_TIME)] ?? start,
    learn: () => {},
  });
  return { long: of(held.long), short: of(held.short) };

  function priceAt(check: number): number {
    return at(spans.open, at(checks.span, check));
  }
}

/** Avoids 0 ÷ 0. */
const residualOf = (moved: number, deviation: number): number =>
  moved === 0 ? 0 : moved / deviation;
