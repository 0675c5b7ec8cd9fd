/**
 * The fence: the item check/latest, which every check has to move forward before it does anything
 * else. It remembers when the last check looked and at which prices.
 */
import * as z from 'zod';
import { type RememberedPrice, remember } from '../margin/market/oracle.ts';
import { price } from '../margin/number/decimal.ts';
import { GAP_INTERVALS_MAX } from '../margin/number/limits.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { isoTime } from '../messages/compose.ts';
import { MESSAGE_VERSION } from '../messages/message-version.ts';
import { type Message, SEVERITIES } from '../messages/messages.ts';
import { deliveryOf } from '../outbox/pending-messages.ts';
import type { Delivery, Key, StoredCase } from '../outbox/stored-case.ts';
import { writeRemembered } from '../record/write-document.ts';
import type { ScheduledCheck } from './scheduled-check.ts';

export const FENCE_KEY: Key = { pk: 'check', sk: 'latest' };

const remembered = z
  .strictObject({
    price: z.string().transform(price),
    suspect: z
      .strictObject({ price: z.string().transform(price), publishedAt: z.number().int() })
      .optional(),
  })
  .transform((stored): RememberedPrice => stored);

const fenceState = z.strictObject({
  /** Of the run that moved the fence: tells its own write from another's when an answer is lost. */
  runId: z.string(),
  completedAsOf: z.number().int().optional(),
  prices: z.record(z.string(), remembered),
});

/** What the checks before left behind. */
export interface LastCheck {
  readonly runId: string;
  /** Of the last check that met every account. */
  readonly completedAsOf?: number | undefined;
  readonly prices: ReadonlyMap<string, RememberedPrice>;
}

export function readFence(stored: StoredCase | undefined): LastCheck | undefined {
  if (stored === undefined) return undefined;
  const { runId, completedAsOf, prices } = fenceState.parse(stored.state);
  return { runId, completedAsOf, prices: new Map(Object.entries(prices)) };
}

export function fenceStateOf(
  { feeds }: Snapshot,
  { runId, last }: { readonly runId: string; readonly last: LastCheck | undefined },
) {
  const prices = [...feeds.values()].flatMap(({ feed, price: now }) => {
    const kept = remember(now, last?.prices.get(feed));
    return kept === undefined ? [] : [[feed, writeRemembered(kept)]];
  });
  const completedAsOf = last?.completedAsOf;
  return {
    runId,
    ...(completedAsOf === undefined ? {} : { completedAsOf }),
    prices: Object.fromEntries(prices),
  };
}

/** The fence of a check that has met every account: gaps are measured from here. */
export const completedFence = (stored: StoredCase, asOf: number): StoredCase => ({
  ...stored,
  state: { ...(stored.state as object), completedAsOf: asOf },
});

/** How this check lies in time: behind its schedule, and after the check before. */
export interface Timing {
  readonly asOf: number;
  readonly lateSeconds: number;
  /** Since the last check that met every account; absent before the first. */
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
  const before = last?.completedAsOf;
  const gapSeconds = before === undefined ? undefined : Math.max(0, asOf - before) / 1000;
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
  return [deliveryOf(message, ['alerts'])];
}
