/** How many calls to DynamoDB a run makes at the same time. */
import pMap from 'p-map';

/** The SDK's client has 50 sockets; a scan and other calls need some of them. */
const CALLS_AT_ONCE = 16;

/** Results in the order of the items. Rejects with the first error. */
export const inParallel = <T, R>(items: Iterable<T>, work: (item: T) => Promise<R>): Promise<R[]> =>
  pMap(items, work, { concurrency: CALLS_AT_ONCE });
