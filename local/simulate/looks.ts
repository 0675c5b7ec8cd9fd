/** What the checks of one interval see of a path. */
import type { PricePath } from './price-path.ts';

export interface Watch {
  readonly intervalSeconds: number;
  readonly stepSeconds: number;
  readonly horizonSeconds: number;
}

export interface Looks {
  readonly intervalSeconds: number;
  /** Steps per check. */
  readonly every: number;
  /** Checks; the first comes one interval after the start. */
  readonly count: number;
  /** Multiples of the price at the start. */
  readonly prices: Float64Array;
  /** From one check to the next, those before the start first: `count` of them come after it. */
  readonly gaps: Gaps;
}

/** Logs, as in the forecast: of the ends, and 0 or more of the furthest prices. */
export interface Gaps {
  readonly moved: Float64Array;
  readonly falls: Float64Array;
  readonly rises: Float64Array;
}

/** As many as the longest interval has: no interval is to know more than another. */
const GAPS_BEFORE_MAX = 300;

export function looksAt(path: PricePath, watch: Watch): Looks {
  const { intervalSeconds, stepSeconds, horizonSeconds } = watch;
  const every = Math.round(intervalSeconds / stepSeconds);
  const count = Math.floor(horizonSeconds / intervalSeconds);
  const before = Math.min(GAPS_BEFORE_MAX, Math.floor(path.start / every));
  const first = path.start - before * every;
  return {
    ...{ intervalSeconds, every, count },
    prices: Float64Array.from({ length: count }, (_, look) => path.prices[(look + 1) * every] ?? 0),
    gaps: gapsOf(path, { first, every, count: before + count }),
  };
}

interface Spacing {
  readonly first: number;
  readonly every: number;
  readonly count: number;
}

function gapsOf({ logs }: PricePath, { first, every, count }: Spacing): Gaps {
  const { closes, lows, highs } = logs;
  const [moved, falls, rises] = [0, 0, 0].map(() => new Float64Array(count));
  for (let gap = 0; gap < count; gap++) {
    const begin = first + gap * every;
    const from = closes[begin] as number;
    let [low, high] = [from, from];
    for (let step = begin + 1; step <= begin + every; step++) {
      low = Math.min(low, lows[step] as number);
      high = Math.max(high, highs[step] as number);
    }
    (moved as Float64Array)[gap] = (closes[begin + every] as number) - from;
    (falls as Float64Array)[gap] = from - low;
    (rises as Float64Array)[gap] = high - from;
  }
  return { moved, falls, rises } as Gaps;
}
