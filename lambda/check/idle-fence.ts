import type { MarginTable } from '../aws/margin-table.ts';
import type { Stopwatch } from '../aws/stopwatch.ts';
import type { StoredCase } from '../outbox/stored-case.ts';
import { FENCE_KEY, readLatestCheck, recordKey } from './fence.ts';

const WAITS_MAX = 8;
const WAIT_MS = 250;

/**
 * The fence once the check that moved it last has put its record: two seconds are waited for it.
 * @returns why there is none
 */
export async function idleFence(
  margin: Pick<MarginTable, 'read' | 'readRow'>,
  stopwatch: Stopwatch,
): Promise<StoredCase | string> {
  for (let waits = 0; ; waits++) {
    const fence = await margin.read(FENCE_KEY);
    if (fence === undefined || readLatestCheck(fence)?.completedAsOf === undefined) {
      return 'no check has been complete yet';
    }
    if ((await margin.readRow(recordKey(fence.checkId))) !== undefined) return fence;
    if (waits === WAITS_MAX) return 'a scheduled check is running, or has died';
    await stopwatch.wait(WAIT_MS);
  }
}
