import { GAP_INTERVALS_MAX } from '../margin/number/limits.ts';
import { composeLate, type Lateness } from '../messages/compose-alert.ts';
import { type PendingMessage, pendingMessage } from '../outbox/stored-case.ts';
import type { LatestCheck } from './fence.ts';
import type { ScheduledCheck } from './scheduled-check.ts';

export interface Timing extends Lateness {
  readonly asOf: number;
}

export function timingOf(input: {
  readonly check: ScheduledCheck;
  readonly asOf: number;
  readonly latest: LatestCheck | undefined;
  readonly intervalSeconds: number;
}): Timing {
  const { check, asOf, latest, intervalSeconds } = input;
  const lateSeconds = Math.max(0, asOf - check.scheduledAt) / 1000;
  const before = latest?.completedAsOf;
  const gapSeconds = before === undefined ? undefined : Math.max(0, asOf - before) / 1000;
  return { asOf, lateSeconds, gapSeconds, intervalSeconds };
}

/**
 * Δ of the latency buffer: the measured gap, between one interval and GAP_INTERVALS_MAX. A longer
 * gap was an outage, which says nothing about the next gap.
 */
export function bufferGapSeconds({ gapSeconds, intervalSeconds }: Timing): number {
  const measured = Math.max(gapSeconds ?? intervalSeconds, intervalSeconds);
  return Math.min(measured, intervalSeconds * GAP_INTERVALS_MAX);
}

/** A new environment of the function needs some seconds to start, and nobody can do anything. */
const TOLD_SECONDS_MIN = 60;

/**
 * A gap is told by the first check after it, and while checks stay incomplete once an hour.
 * @param previous the check that began before this one, complete or not
 */
export function lateMessages(
  timing: Timing,
  checkId: string,
  previous: string | undefined,
): PendingMessage[] {
  const { asOf, lateSeconds, gapSeconds = 0, intervalSeconds } = timing;
  const gapMax = Math.max(intervalSeconds * GAP_INTERVALS_MAX, TOLD_SECONDS_MIN);
  const lateMax = Math.max(intervalSeconds, TOLD_SECONDS_MIN);
  const gapBefore = gapSeconds - sinceSeconds(previous, asOf);
  const isTold = gapBefore > gapMax && hoursIn(gapBefore) === hoursIn(gapSeconds);
  const isLate = lateSeconds > lateMax || (gapSeconds > gapMax && !isTold);
  return isLate ? [pendingMessage(composeLate(timing, { checkId, asOf }), ['alerts'])] : [];
}

const hoursIn = (seconds: number): number => Math.floor(seconds / 3600);

const sinceSeconds = (previous: string | undefined, asOf: number): number =>
  previous === undefined ? Number.POSITIVE_INFINITY : (asOf - Date.parse(previous)) / 1000;
