/**
 * A linear book: the same notional rests at every price, up to BOOK_REACH from the mid M. With k =
 * 1 % ÷ depth and half-spread h, an order of notional x at the mid moves the price to
 *
 *     M·(1 ± (h + k·x)),   and is filled at   M·(1 ± (h + k·x/2))   on average.
 *
 * Splitting an order or its place in the queue gains nothing. Only waiting for recovery does.
 */
import type { Side } from '../../../lambda/margin/liquidation/order-plan.ts';
import { BOOK_REACH, HALF_SPREAD } from './figures.ts';

export interface Book {
  /** USD per unit. */
  readonly mid: number;
  /** Notional within DEPTH_DISTANCE of the mid, on each side. */
  readonly depthUsd: number;
}

export interface Matched {
  /** USD per unit. */
  readonly averagePrice: number;
  /** Fraction of the mid; negative for a sale. */
  readonly moved: number;
}

const DEPTH_DISTANCE = 0.01;

const signOf = (side: Side): number => (side === 'sell' ? -1 : 1);

/** Units that trade at no price worse than the limit. */
export function unitsWithin(
  { mid, depthUsd }: Book,
  { side, limit }: { readonly side: Side; readonly limit?: number | undefined },
): number {
  const allowed = limit === undefined ? Infinity : signOf(side) * (limit / mid - 1) - HALF_SPREAD;
  const reach = Math.min(BOOK_REACH, allowed);
  return reach <= 0 ? 0 : ((reach / DEPTH_DISTANCE) * depthUsd) / mid;
}

export function matchAgainst(
  { mid, depthUsd }: Book,
  { side, units }: { readonly side: Side; readonly units: number },
): Matched {
  const walked = (DEPTH_DISTANCE * units * mid) / depthUsd;
  const sign = signOf(side);
  return { averagePrice: mid * (1 + sign * (HALF_SPREAD + walked / 2)), moved: sign * walked };
}
