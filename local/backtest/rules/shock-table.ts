/**
 * Λ by the core's rule. A decimal evaluation takes a tenth of a millisecond, so Λ is interpolated
 * on a grid of volatilities and quantiles 2 % apart. Λ is linear in both, so this is exact except
 * at the kink between its two branches.
 */

import { latencyShock } from '../../../lambda/margin/market/shock.ts';
import { approximately, ratio } from '../../../lambda/margin/number/decimal.ts';

export interface ShockTerms {
  readonly intervalSeconds: number;
  readonly executionSeconds: number;
  readonly slippage: number;
  readonly jumpFloor: number;
}

export type ShockOf = (volatility: number, quantile: number) => number;

const LOG_STEP = Math.log(1.02);
/** Nothing moves below a millionth of a percent. */
const ZERO_SHOCK = 1e-8;

export function shockTable(terms: ShockTerms): ShockOf {
  const known = new Map<string, number>();
  const node = (volatility: number, quantile: number): number => {
    const key = `${volatility} ${quantile}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const shock = exactShock(Math.exp(volatility * LOG_STEP), {
      ...terms,
      quantile: Math.exp(quantile * LOG_STEP),
    });
    known.set(key, shock);
    return shock;
  };
  return (volatility, quantile) => {
    const [v, z] = [placeOf(Math.max(ZERO_SHOCK, volatility)), placeOf(quantile)];
    const along = (place: Place, of: (index: number) => number): number =>
      of(place.index) * (1 - place.share) + of(place.index + 1) * place.share;
    return along(v, (vIndex) => along(z, (zIndex) => node(vIndex, zIndex)));
  };
}

interface Place {
  readonly index: number;
  readonly share: number;
}

function placeOf(value: number): Place {
  const index = Math.floor(Math.log(value) / LOG_STEP);
  const [low, high] = [Math.exp(index * LOG_STEP), Math.exp((index + 1) * LOG_STEP)];
  return { index, share: (value - low) / (high - low) };
}

const exactShock = (
  volatility: number,
  terms: ShockTerms & { readonly quantile: number },
): number =>
  approximately(
    latencyShock({
      volatility: ratio(String(volatility)),
      quantile: ratio(String(terms.quantile)),
      gapSeconds: terms.intervalSeconds,
      executionSeconds: terms.executionSeconds,
      slippage: ratio(String(terms.slippage)),
      jumpFloor: ratio(String(terms.jumpFloor)),
    }),
  );
