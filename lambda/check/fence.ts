/**
 * The fence is the item check/latest. A check moves it forward before it changes anything else, so
 * an old or repeated event finds it ahead and changes nothing. It also keeps the last complete
 * check and the last believed prices.
 */
import { randomUUID } from 'node:crypto';
import { type RememberedPrice, remember } from '../margin/market/oracle.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { CaseStore } from '../outbox/ports.ts';
import type { Key, PendingMessage, StoredCase } from '../outbox/stored-case.ts';
import { recordedPrice } from '../record/recorded.ts';
import { writeRemembered } from '../record/write-document.ts';
import { readStored } from '../rows/fault.ts';
import * as z from '../rows/zod.ts';

export const FENCE_KEY: Key = { pk: 'check', sk: 'latest' };

const remembered = z.pipe(
  z.strictObject({
    price: recordedPrice,
    suspect: z.optional(z.strictObject({ price: recordedPrice, publishedAt: z.int() })),
  }),
  z.transform((stored): RememberedPrice => stored),
);

const fenceState = z.strictObject({
  runId: z.string(),
  completedAsOf: z.optional(z.int()),
  prices: z.record(z.string(), remembered),
});

export interface LatestCheck {
  /** Makes each write different. */
  readonly runId: string;
  /** Time of the last check that saw every account. */
  readonly completedAsOf?: number | undefined;
  /** By feed. */
  readonly prices: ReadonlyMap<string, RememberedPrice>;
}

export function readLatestCheck(stored: StoredCase | undefined): LatestCheck | undefined {
  if (stored === undefined) return undefined;
  const what = 'the item check/latest';
  const { runId, completedAsOf, prices } = readStored(fenceState, stored.state, what);
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

export const isOldOrRepeated = (fence: StoredCase | undefined, checkId: string): boolean =>
  fence !== undefined && fence.checkId >= checkId;

export interface AcquireFence {
  /** As read when the check began. */
  readonly fence: StoredCase | undefined;
  readonly latest: LatestCheck | undefined;
  readonly snapshot: Snapshot;
  /** Published with the fence. */
  readonly messages: readonly PendingMessage[];
  readonly margin: CaseStore;
  readonly outbox: Outbox;
}

/** @returns undefined if another run has moved the fence */
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

/** Gaps are measured from here. A later check's fence stays. */
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
