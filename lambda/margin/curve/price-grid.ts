/**
 * Prices at which the non-linear part is revalued: the ends of the uncertainty and of the latency
 * shock, and points between. The grid belongs to the risk factor, so each instrument is revalued
 * once per check.
 */

import type { Shocks } from '../market/shock.ts';
import { approximately, type Ratio, ZERO } from '../number/decimal.ts';

export interface PriceGrid {
  /** Rising multiples of the current price. */
  readonly multiples: readonly number[];
  /** Indices in `multiples`. */
  readonly now: number;
  readonly uncertain: Interval;
  readonly shocked: Interval;
  /** U of the underlying's price. */
  readonly uncertainty: Ratio;
  /** Many accounts ask for it: an option keeps its values. */
  readonly isShared?: true | undefined;
  /** A search asks for it: values of options need the accuracy of their sum alone. */
  readonly isRough?: true | undefined;
}

export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Widens an interval, so that float64 never cuts it short. */
const OUTSIDE = 1e-15;

/** Segments of the shock per side. Bounds tighten with the square of it. */
const SEGMENTS = 2;

const below = (move: Ratio): number => Math.max(0, 1 - approximately(move) * (1 + OUTSIDE));
const above = (move: Ratio): number => 1 + approximately(move) * (1 + OUTSIDE);

export function priceGridFor(uncertainty: Ratio, { shockDown, shockUp }: Shocks): PriceGrid {
  const uncertain = { from: below(uncertainty), to: above(uncertainty) };
  const shocked = { from: below(shockDown), to: above(shockUp) };
  const cuts = Array.from({ length: SEGMENTS - 1 }, (_, index) => (index + 1) / SEGMENTS);
  const inside = cuts.flatMap((cut) => [1 - (1 - shocked.from) * cut, 1 + (shocked.to - 1) * cut]);
  const all = [1, uncertain.from, uncertain.to, shocked.from, shocked.to, ...inside];
  const multiples = [...new Set(all)].sort((left, right) => left - right);
  const intervalOf = ({ from, to }: Interval): Interval => ({
    from: multiples.indexOf(from),
    to: multiples.indexOf(to),
  });
  return {
    multiples,
    now: multiples.indexOf(1),
    uncertain: intervalOf(uncertain),
    shocked: intervalOf(shocked),
    uncertainty,
  };
}

/** Width of a segment of a wide grid, as a share of the price; wider where there would be too many. */
const WIDE_STEP = 0.02;
const WIDE_SEGMENTS_MAX = 256;

/** Spans a doubt, and the uncertainty and the shock at each of its prices. */
export function wideGridFor(
  { from, to }: { readonly from: Ratio; readonly to: Ratio },
  of: Shocks & { readonly uncertainty: Ratio },
): PriceGrid {
  const least = approximately(from) * below(of.uncertainty) * below(of.shockDown);
  const most = approximately(to) * above(of.uncertainty) * above(of.shockUp);
  const start = Math.max(least * (1 - OUTSIDE), LEAST_MULTIPLE);
  const end = most * (1 + OUTSIDE);
  const span = Math.log(end / start);
  const segments = Math.min(WIDE_SEGMENTS_MAX, Math.max(2, Math.ceil(span / WIDE_STEP)));
  const inside = Array.from({ length: segments + 1 }, (_, index) =>
    index === segments ? end : start * Math.exp((span * index) / segments),
  );
  const zero = least < LEAST_MULTIPLE ? [0] : [];
  const multiples = [...new Set([...zero, ...inside, 1])].sort((left, right) => left - right);
  const whole = { from: 0, to: multiples.length - 1 };
  const now = multiples.indexOf(1);
  return { multiples, now, uncertain: whole, shocked: whole, uncertainty: of.uncertainty };
}

/** A price below a thousandth of the believed one is 0 for this purpose. */
const LEAST_MULTIPLE = 1e-3;

const WHOLE = { from: 0, to: 4 };

/** Narrow segments that end 1 % below and above the current price. */
export const ONE_PERCENT_GRID: PriceGrid = {
  multiples: [0.99, 0.9901, 1, 1.0099, 1.01],
  now: 2,
  uncertain: WHOLE,
  shocked: WHOLE,
  uncertainty: ZERO,
  isShared: true,
};
