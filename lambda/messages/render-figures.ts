/** How figures are written: requirements rounded up, values down, far finer than any money. */

import type { AccountGreeks } from '../margin/assess/greeks.ts';
import type { Range } from '../margin/market/market.ts';
import { type Amount, asRatio, roundDown, roundUp, textOf } from '../margin/number/decimal.ts';

/** So that figures can be laid beside a venue's own. */
const PLACES = 18;

export const up = (amount: Amount): string => textOf(roundUp(amount, PLACES));
export const down = (amount: Amount): string => textOf(roundDown(amount, PLACES));

export const range = ({ low, point, high }: Range) => ({
  low: down(low),
  point: down(point),
  high: down(high),
});

export const timeText = (timeMs: number): string => new Date(timeMs).toISOString();

/** A figure of float64, to the nearest. */
export const nearest = (figure: number): string => textOf(asRatio(Number(figure.toFixed(PLACES))));

export const renderGreeks = ({ delta, gamma, vega, theta }: AccountGreeks) => ({
  delta: nearest(delta),
  gamma: nearest(gamma),
  vega: nearest(vega),
  theta: nearest(theta),
});
