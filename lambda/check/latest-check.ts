/**
 * The item check/latest, the fence: a check moves it forward before it changes anything else, so that
 * an old or repeated event changes nothing. It remembers the last complete check and its prices.
 */
import * as z from 'zod';
import { type RememberedPrice, remember } from '../margin/market/oracle.ts';
import { price } from '../margin/number/decimal.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { CaseStore } from '../outbox/ports.ts';
import type { Key, StoredCase } from '../outbox/stored-case.ts';
import { writeRemembered } from '../record/write-document.ts';
import { readStored } from '../rows/fault.ts';

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
