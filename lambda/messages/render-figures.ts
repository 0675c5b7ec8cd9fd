/** Requirements round up, values down, far below the smallest unit of money. */

import type { AccountGreeks } from '../margin/assess/greeks.ts';
import type { Range } from '../margin/curve/figure.ts';
import type { MovingPrice } from '../margin/curve/risk-factor.ts';
import { type Amount, asRatio, roundDown, roundUp, textOf } from '../margin/number/decimal.ts';

/** Enough digits to compare with a venue's own figures. */
const PLACES = 18;

export const up = (amount: Amount): string => textOf(roundUp(amount, PLACES));
export const down = (amount: Amount): string => textOf(roundDown(amount, PLACES));

export const range = ({ low, point, high }: Range) => ({
  low: down(low),
  point: down(point),
  high: down(high),
});

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
  sources: price.sources,
  volatility: textOf(price.volatility),
  shock: textOf(price.shock),
  shockDown: textOf(price.shockDown),
  shockUp: textOf(price.shockUp),
});
