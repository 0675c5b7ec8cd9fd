import pMap from 'p-map';

/** The SDK's client has 50 sockets; scans and other calls need some. */
const CALLS_AT_ONCE = 16;

/** Keeps the order. Rejects with the first error. */
export const inParallel = <T, R>(items: Iterable<T>, work: (item: T) => Promise<R>): Promise<R[]> =>
  pMap(items, work, { concurrency: CALLS_AT_ONCE });
