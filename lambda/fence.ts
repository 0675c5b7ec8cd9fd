/**
 * The fence: the item check/latest, which every check has to move forward before it does anything
 * else. It remembers when the last check looked and at which prices.
 */
import { z } from 'zod';
import type { Delivery, Key, StoredCase } from './aws/margin-table.ts';
import { isoTime } from './contract/compose.ts';
import { MESSAGE_VERSION, type Message, SEVERITIES } from './contract/messages.ts';
import { type Price, price, textOf } from './margin/decimal.ts';
import { GAP_INTERVALS_MAX } from './margin/limits.ts';
import type { Snapshot } from './margin/snapshot.ts';
import type { ScheduledCheck } from './scheduled-check.ts';

export const FENCE_KEY: Key = { pk: 'check', sk: 'latest' };

const fenceState = z.strictObject({
  asOf: z.number().int(),
  prices: z.record(z.string(), z.string()),
});

/** What the check before left behind. */
export interface LastCheck {
  readonly asOf: number;
  readonly prices: ReadonlyMap<string, Price>;
}

export function readFence(stored: StoredCase | undefined): LastCheck | undefined {
  if (stored === undefined) return undefined;
  const { asOf, prices } = fenceState.parse(stored.state);
  const byFeed = Object.entries(prices).map(([feed, text]): [string, Price] => [feed, price(text)]);
  return { asOf, prices: new Map(byFeed) };
}

/** A feed that has no price now keeps the last one that it had, so that its return is compared. */
export function fenceStateOf(snapshot: Snapshot, last: LastCheck | undefined) {
  const prices: Record<string, string> = {};
  for (const { feed, price: now } of snapshot.feeds.values()) {
    const kept = now.ok ? now.value.price : last?.prices.get(feed);
    if (kept !== undefined) prices[feed] = textOf(kept);
  }
  return { asOf: snapshot.asOf, prices };
}

/** How this check lies in time: behind its schedule, and after the check before. */
export interface Timing {
  readonly asOf: number;
  readonly lateSeconds: number;
  /** Absent at the first check. */
  readonly gapSeconds?: number | undefined;
  readonly intervalSeconds: number;
}

export function timingOf(input: {
  readonly check: ScheduledCheck;
  readonly asOf: number;
  readonly last: LastCheck | undefined;
  readonly intervalSeconds: number;
}): Timing {
  const { check, asOf, last, intervalSeconds } = input;
  const lateSeconds = Math.max(0, asOf - check.scheduledAt) / 1000;
  const gapSeconds = last === undefined ? undefined : Math.max(0, asOf - last.asOf) / 1000;
  return { asOf, lateSeconds, gapSeconds, intervalSeconds };
}

/**
 * Δ of the latency buffer: the gap that was measured, at least the interval, and at most two of
 * them. A longer gap was an outage; it says nothing of how long the next one will be.
 */
export function bufferGapSeconds({ gapSeconds, intervalSeconds }: Timing): number {
  const measured = Math.max(gapSeconds ?? intervalSeconds, intervalSeconds);
  return Math.min(measured, intervalSeconds * GAP_INTERVALS_MAX);
}

/** Late: an interval behind its schedule, or more than two since the check before. */
export function lateDeliveries(timing: Timing, checkId: string): Delivery[] {
  const { lateSeconds, gapSeconds, intervalSeconds } = timing;
  const isLate =
    lateSeconds > intervalSeconds || (gapSeconds ?? 0) > intervalSeconds * GAP_INTERVALS_MAX;
  if (!isLate) return [];
  const message: Message = {
    type: 'check.late',
    id: `check/${checkId}/check.late`,
    version: MESSAGE_VERSION,
    severity: SEVERITIES['check.late'],
    checkId,
    asOf: isoTime(timing.asOf),
    lateSeconds,
    ...(gapSeconds === undefined ? {} : { gapSeconds }),
    intervalSeconds,
  };
  return [{ messageId: message.id, message: JSON.stringify(message), to: ['alerts'] }];
}
