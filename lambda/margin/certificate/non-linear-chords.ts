/**
 * A surplus on a curve with options, in float64. It is known at the prices of a grid, and between two
 * of them by the range of its slope, so it lies above two lines that meet: from the left end with the
 * lowest slope, and from the right end with the highest.
 */
import type { SurplusFormula } from '../curve/figure.ts';
import type { Segment } from '../curve/segment.ts';
import type { SegmentBounds } from '../curve/segment-bounds.ts';
import type { PriceWindows } from './price-windows.ts';

export interface Chords {
  /** Taken off the surplus at the reference, so that lines on both sides lie below the curve. */
  readonly sag: number;
  /** Numeraire lost per fall and per rise, at most, from the reference to the ends. */
  readonly down: number;
  readonly up: number;
}

/** @param bounds of the curve on the grid of the priceWindows */
export function nonLinearChords(
  bounds: SegmentBounds,
  formula: SurplusFormula,
  { grid: { multiples, now } }: PriceWindows,
): Chords {
  const segments = multiples.slice(1).map((_, at) => bounds.segmentOf(formula, at));
  const over = (at: number) => ({
    segment: segments[at] as Segment,
    left: multiples[at] as number,
    right: multiples[at + 1] as number,
  });
  const sag = Math.max(sagOf(over(now - 1)), sagOf(over(now)));
  const start = (segments[now] as Segment).left - sag;
  let [down, up] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const at of segments.keys()) {
    for (const { price, value } of lowestIn(over(at))) {
      const loss = (start - value) / Math.abs(price - 1);
      if (price < 1) down = Math.max(down, loss);
      if (price > 1) up = Math.max(up, loss);
    }
  }
  return { sag, down, up };
}

interface Over {
  readonly segment: Segment;
  readonly left: number;
  readonly right: number;
}

/** How far the curve may lie below its chord. */
function sagOf({ segment: { left, right, low, high }, ...ends }: Over): number {
  const width = ends.right - ends.left;
  const chord = (right - left) / width;
  if (chord <= low || chord >= high) return 0;
  return (width * (high - chord) * (chord - low)) / (high - low);
}

/** The ends, and where the two lines meet. A line that lies below these lies below the curve. */
function lowestIn({ segment: { left, right, low, high }, ...ends }: Over) {
  const width = ends.right - ends.left;
  const both = [
    { price: ends.left, value: left },
    { price: ends.right, value: right },
  ];
  const along = (high * width - (right - left)) / (high - low);
  if (!(along > 0 && along < width)) return both;
  return [...both, { price: ends.left + along, value: left + low * along }];
}
