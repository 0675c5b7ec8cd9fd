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

export function lateMessages(timing: Timing, checkId: string): PendingMessage[] {
  const { asOf, lateSeconds, gapSeconds = 0, intervalSeconds } = timing;
  const isLate = lateSeconds > intervalSeconds || gapSeconds > intervalSeconds * GAP_INTERVALS_MAX;
  return isLate ? [pendingMessage(composeLate(timing, { checkId, asOf }), ['alerts'])] : [];
}
