/** Which slots have to be put into the queue. A slot is a multiple of the interval, since 1970. */
import { CLOCK_SKEW_MS_MAX } from '../margin/number/limits.ts';

/**
 * One lost start loses no slot: Scheduler is precise to a minute, so that with one missing between
 * them two starts can lie three minutes apart, and the function needs time to start and to send.
 */
export const HORIZON_SECONDS = 210;

export interface SlotsInput {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly intervalSeconds: number;
  /** The last slot that was put; absent if that is not known. */
  readonly last: number | undefined;
}

/** Ascending, in milliseconds since 1970: after now and the last one, up to the horizon. */
export function slotsAhead({ now, intervalSeconds, last }: SlotsInput): number[] {
  const intervalMs = intervalSeconds * 1000;
  const after = last === undefined || isUnexplained(last, now) ? now : Math.max(last, now);
  const first = (Math.floor(after / intervalMs) + 1) * intervalMs;
  const count = Math.floor((now + HORIZON_SECONDS * 1000 - first) / intervalMs) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => first + index * intervalMs);
}

/** It is no time, or a clock that was ahead has put it, and until then no other would be put. */
const isUnexplained = (last: number, now: number): boolean =>
  !(last <= now + HORIZON_SECONDS * 1000 + CLOCK_SKEW_MS_MAX);
