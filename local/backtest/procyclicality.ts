/** How much the buffer itself moves: what it asks of accounts when prices move already. */
import { at } from '../history/price-history.ts';
import type { RunFrame } from './frame.ts';
import type { Side } from './windows.ts';

export interface Procyclicality {
  /** The largest Λ of the report ÷ the smallest. */
  readonly peakToTrough: number;
  /** The largest rise of Λ in 15 minutes, or from one check to the next: a fraction of the price. */
  readonly largestRise: number;
}

const RISE_SECONDS = 900;

export function procyclicalityOf({ checks, held, times }: RunFrame, side: Side): Procyclicality {
  let [peak, trough, largestRise] = [0, Number.POSITIVE_INFINITY, 0];
  const bufferAt = (check: number): number => held[check]?.buffer[side] as number;
  const isReported = (check: number): boolean => at(checks.time, check) >= times.reportFrom;
  for (let check = 0; check < held.length; check++) {
    if (!isReported(check)) continue;
    const now = bufferAt(check);
    peak = Math.max(peak, now);
    trough = Math.min(trough, now);
    for (let before = check - 1; before >= 0 && isReported(before); before--) {
      const seconds = at(checks.time, check) - at(checks.time, before);
      if (seconds > RISE_SECONDS && before < check - 1) break;
      largestRise = Math.max(largestRise, now - bufferAt(before));
    }
  }
  return { peakToTrough: peak / trough, largestRise };
}
