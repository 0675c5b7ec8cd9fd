/** Requirements round up, values down, far below the smallest unit of money. */

import type { AccountGreeks } from '../margin/assess/greeks.ts';
import type { Bound, Range } from '../margin/curve/figure.ts';
import type { Doubt, MovingPrice } from '../margin/curve/risk-factor.ts';
import {
  type Amount,
  asRatio,
  compare,
  isAbove,
  type Price,
  roundDown,
  roundUp,
  textOf,
  times,
} from '../margin/number/decimal.ts';

/** Enough digits to compare with a venue's own figures. */
const PLACES = 18;

export const up = (amount: Amount): string => textOf(roundUp(amount, PLACES));
export const down = (amount: Amount): string => textOf(roundDown(amount, PLACES));

export const range = (figure: Range): RangeText => rangeText(figure, down);

export interface RangeText {
  readonly low: string;
  /** `least` and `most` are absent where no price is in doubt. */
  readonly least?: string;
  readonly point: string;
  readonly most?: string;
  readonly high: string;
}

/** @param text of an amount; a bound that nothing limits is "unbounded" */
export function rangeText(
  { low, least, point, most, high }: Range,
  text: (amount: Amount) => string,
): RangeText {
  const at = (bound: Bound) => (bound === 'unbounded' ? bound : text(bound));
  const isInDoubt = [least, most].some(
    (bound) => bound === 'unbounded' || compare(bound, point) !== 0,
  );
  return {
    low: at(low),
    ...(isInDoubt ? { least: at(least) } : {}),
    point: text(point),
    ...(isInDoubt ? { most: at(most) } : {}),
    high: at(high),
  };
}

export const nearest = (figure: number): string => textOf(asRatio(Number(figure.toFixed(PLACES))));

export const renderGreeks = ({ delta, gamma, vega, theta }: AccountGreeks) => ({
  delta: nearest(delta),
  gamma: nearest(gamma),
  vega: nearest(vega),
  theta: nearest(theta),
});

/** Prices and shocks keep all their digits. */
export const renderPrice = (price: MovingPrice) => ({
  feed: price.feed,
  price: textOf(price.price),
  ageSeconds: price.ageSeconds,
  uncertainty: textOf(price.uncertainty),
  ...(price.standing === 'fresh' ? {} : { standing: price.standing }),
  ...(price.doubt && { doubt: doubtText(price.price, price.doubt) }),
  sources: price.sources,
  volatility: textOf(price.volatility),
  shock: textOf(price.shock),
  shockDown: textOf(price.shockDown),
  shockUp: textOf(price.shockUp),
  ...(isAbove(price.forecastDown, price.shockDown) && {
    forecastDown: textOf(price.forecastDown),
  }),
  ...(isAbove(price.forecastUp, price.shockUp) && { forecastUp: textOf(price.forecastUp) }),
});

const doubtText = (at: Price, { from, to }: Doubt) => ({
  low: textOf(times(at, from)),
  high: textOf(times(at, to)),
});
