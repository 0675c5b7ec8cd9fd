/**
 * The fence: the item check/latest, which a check moves forward before it changes anything else. An old
 * or repeated event finds it further on, and changes nothing. It remembers the last complete check and
 * the prices that were believed last.
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type RememberedPrice, remember } from '../margin/market/oracle.ts';
import { price } from '../margin/number/decimal.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { CaseStore } from '../outbox/ports.ts';
import type { Key, PendingMessage, StoredCase } from '../outbox/stored-case.ts';
import { writeRemembered } from '../record/write-document.ts';

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
  runId: z.string(),
  completedAsOf: z.number().int().optional(),
  prices: z.record(z.string(), remembered),
});

export interface LatestCheck {
  /** The run that moved the fence; makes each write of it different. */
  readonly runId: string;
  /** The time of the last check that saw every account. */
  readonly completedAsOf?: number | undefined;
  /** By feed, the price that was believed last. */
  readonly prices: ReadonlyMap<string, RememberedPrice>;
}

export function readLatestCheck(stored: StoredCase | undefined): LatestCheck | undefined {
  if (stored === undefined) return undefined;
  const { runId, completedAsOf, prices } = fenceState.parse(stored.state);
  return { runId, completedAsOf, prices: new Map(Object.entries(prices)) };
}

export function nextFenceState(
  { feeds }: Snapshot,
  { runId, latest }: { readonly runId: string; readonly latest: LatestCheck | undefined },
) {
  const prices = [...feeds.values()].flatMap(({ feed, price: now }) => {
    const kept = remember(now, latest?.prices.get(feed));
    return kept === undefined ? [] : [[feed, writeRemembered(kept)]];
  });
  const completedAsOf = latest?.completedAsOf;
  return {
    runId,
    ...(completedAsOf === undefined ? {} : { completedAsOf }),
    prices: Object.fromEntries(prices),
  };
}

/** Whether this check, or a later one, has begun before. */
export const isOldOrRepeated = (fence: StoredCase | undefined, checkId: string): boolean =>
  fence !== undefined && fence.checkId >= checkId;

export interface AcquireFence {
  /** As read when the check began. */
  readonly fence: StoredCase | undefined;
  readonly latest: LatestCheck | undefined;
  readonly snapshot: Snapshot;
  /** Goes out with the fence, such as an alert that the check is late. */
  readonly messages: readonly PendingMessage[];
  readonly margin: CaseStore;
  readonly outbox: Outbox;
}

/** @returns the fence as written; undefined when another run has moved it since it was read */
export async function acquireFence(input: AcquireFence): Promise<StoredCase | undefined> {
  const { fence, latest, snapshot, messages, margin, outbox } = input;
  const next = outbox.nextCase(FENCE_KEY, fence, {
    state: nextFenceState(snapshot, { runId: randomUUID(), latest }),
    isActive: false,
    keepsPlans: false,
    messages,
  });
  const decide = (stored: StoredCase | undefined) => (stored === fence ? next : undefined);
  const options = { stored: fence, over: 'earlier checks' } as const;
  const { isWritten, stored } = await margin.update(FENCE_KEY, decide, options);
  return isWritten ? stored : undefined;
}

/** Gaps are measured from here. A later check that has begun meanwhile keeps its fence. */
export async function completeCheck(
  margin: CaseStore,
  { checkId, asOf }: { readonly checkId: string; readonly asOf: number },
): Promise<void> {
  const decide = (stored: StoredCase | undefined) =>
    stored?.checkId === checkId
      ? { ...stored, state: { ...(stored.state as object), completedAsOf: asOf } }
      : undefined;
  await margin.update(FENCE_KEY, decide, { over: 'any check' });
}
