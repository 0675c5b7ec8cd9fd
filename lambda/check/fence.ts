/**
 * The fence is the item check/latest. A check moves it forward before it changes anything else, so
 * an old or repeated event finds it ahead and changes nothing. It also keeps the time of the last
 * complete check.
 */
import { randomUUID } from 'node:crypto';
import type { MarginTable } from '../aws/margin-table.ts';
import type { RememberedPrice } from '../margin/market/oracle.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { CaseStore } from '../outbox/ports.ts';
import type { Key, PendingMessage, StoredCase } from '../outbox/stored-case.ts';
import { readStored } from '../rows/fault.ts';
import * as z from '../rows/zod.ts';
import { fencePrices } from './carry-over.ts';

export const FENCE_KEY: Key = { pk: 'check', sk: 'latest' };

const fenceState = z.strictObject({
  runId: z.string(),
  completedAsOf: z.optional(z.int()),
  prices: fencePrices,
});

export interface LatestCheck {
  /** Makes each write different. */
  readonly runId: string;
  /** Time of the last check that saw every account. */
  readonly completedAsOf?: number | undefined;
  /** By feed, in a fence of an earlier version; empty once they are on pages (carry-over.ts). */
  readonly prices: ReadonlyMap<string, RememberedPrice>;
}

export function readLatestCheck(stored: StoredCase | undefined): LatestCheck | undefined {
  if (stored === undefined) return undefined;
  const what = 'the item check/latest';
  const { runId, completedAsOf, prices } = readStored(fenceState, stored.state, what);
  return { runId, completedAsOf, prices: new Map(Object.entries(prices)) };
}

/** Keeps the attribute `prices`, which earlier versions need. */
export function nextFenceState(fence: StoredCase | undefined, runId: string) {
  const { completedAsOf, prices = {} } = (fence?.state ?? {}) as Partial<StoredFence>;
  return { runId, ...(completedAsOf === undefined ? {} : { completedAsOf }), prices };
}

type StoredFence = z.input<typeof fenceState>;

export const isOldOrRepeated = (fence: StoredCase | undefined, checkId: string): boolean =>
  fence !== undefined && fence.checkId >= checkId;

/** After that Lambda has stopped it. */
const RUNNING_SECONDS_MAX = 60;

/**
 * Whether the check before may still be running: it moved the fence, and has put no record of its
 * own, or it has died. From a minute on the function is stopped before the next check begins. Below,
 * checks that take longer than the interval would overtake each other, and none would be complete.
 */
export async function isPreviousRunning(
  fence: StoredCase | undefined,
  { asOf, intervalSeconds }: { readonly asOf: number; readonly intervalSeconds: number },
  margin: Pick<MarginTable, 'readRow'>,
): Promise<boolean> {
  if (fence === undefined || intervalSeconds >= RUNNING_SECONDS_MAX) return false;
  const begunSeconds = (asOf - Date.parse(fence.checkId)) / 1000;
  if (begunSeconds >= RUNNING_SECONDS_MAX) return false;
  return (await margin.readRow(recordKey(fence.checkId))) === undefined;
}

/** A check puts its record here when it ends, even if a part of it failed. */
export const recordKey = (checkId: string): Key => ({ pk: 'check', sk: checkId });

export interface AcquireFence {
  /** As read when the check began. */
  readonly fence: StoredCase | undefined;
  /** Published with the fence. */
  readonly messages: readonly PendingMessage[];
  readonly margin: CaseStore;
  readonly outbox: Outbox;
}

/** @returns undefined if another run has moved the fence */
export async function acquireFence(input: AcquireFence): Promise<StoredCase | undefined> {
  const { fence, messages, margin, outbox } = input;
  const next = outbox.nextCase(FENCE_KEY, fence, {
    state: nextFenceState(fence, randomUUID()),
    isActive: false,
    keepsPlans: false,
    messages,
  });
  const decide = (stored: StoredCase | undefined) => (stored === fence ? next : undefined);
  const options = { stored: fence, over: 'earlier checks' } as const;
  const { isWritten, stored } = await margin.update(FENCE_KEY, decide, options);
  return isWritten ? stored : undefined;
}

export interface CompletedCheck {
  readonly checkId: string;
  readonly asOf: number;
  /** Whether all that is remembered of feeds is on pages, so that the fence keeps no prices. */
  readonly isCarriedOver: boolean;
}

/** Gaps are measured from here. A later check's fence stays. */
export async function completeCheck(margin: CaseStore, completed: CompletedCheck): Promise<void> {
  const { checkId, asOf: completedAsOf, isCarriedOver } = completed;
  const prices = isCarriedOver ? { prices: {} } : {};
  const decide = (stored: StoredCase | undefined) =>
    stored?.checkId === checkId
      ? { ...stored, state: { ...(stored.state as object), completedAsOf, ...prices } }
      : undefined;
  await margin.update(FENCE_KEY, decide, { over: 'any check' });
}
