/**
 * Checks that a price starts: at once when it has moved by more than half of the shock that is held,
 * since the last check of either kind, and at most one a step of the path, which is a second.
 */
import type { Shock } from './compiled-book.ts';

export const EVENT_STEP_SECONDS = 1;
/** Of Λ. */
const SHARE = 0.5;

/** Where no buffer is held, its forecast at the default confidence is what starts a check. */
export const EVENT_CONFIDENCE = 0.99;

export interface EventSearch {
  /** Multiples of the price at the start, by step. */
  readonly prices: Float64Array;
  /** Exclusive, both. */
  readonly after: number;
  readonly before: number;
  /** Seen by the last check. */
  readonly seen: number;
  readonly shock: Shock;
}

/** @returns the step of the next such check; undefined if the scheduled one comes first */
export function nextEvent({ prices, after, before, seen, shock }: EventSearch): number | undefined {
  const low = seen * (1 - SHARE * shock.down);
  const high = seen * (1 + SHARE * shock.up);
  for (let step = after + 1; step < before; step++) {
    const price = prices[step] as number;
    if (price < low || price > high) return step;
  }
  return undefined;
}
