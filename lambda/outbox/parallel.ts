import pMap from 'p-map';
import { lotsOf } from '../margin/number/lots-of.ts';

/** The SDK's client has 50 sockets; scans and other calls need some. */
const CALLS_AT_ONCE = 16;

/** Each waits for its own calls, so several keep the sockets busy. */
const BATCHES_AT_ONCE = 3;

/** Keeps the order. Rejects with the first error. */
export const inParallel = <T, R>(items: Iterable<T>, work: (item: T) => Promise<R>): Promise<R[]> =>
  pMap(items, work, { concurrency: CALLS_AT_ONCE });

/** Batches begin in order. Rejects with the first error. */
export async function inBatches<T>(
  items: readonly T[],
  size: number,
  work: (batch: readonly T[]) => Promise<void>,
): Promise<void> {
  await pMap(lotsOf(items, size), work, { concurrency: BATCHES_AT_ONCE });
}
