/**
 * The steps of one start by records of a stream: find out whether they are a reason for a check, add
 * them to what waits, and send a message unless one is on its way. A start that fails is repeated by
 * the stream. After a crash before the message what waits is taken with the next reason, or by the next
 * scheduled check.
 */
import type { EventQueue } from '../aws/event-queue.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import { type Records, readRecords } from '../aws/stream-records.ts';
import { feedsBeyond } from './price-shock.ts';
import { readSeen } from './seen-prices.ts';
import { addWaiting, withdrawMessage } from './waiting-item.ts';

export interface EventsDependencies {
  readonly margin: MarginTable;
  readonly queue: Pick<EventQueue, 'wake'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** @returns whether a message was sent. @throws Error if the table or the queue cannot be reached */
export async function putEvent(event: unknown, dependencies: EventsDependencies): Promise<boolean> {
  const { margin, queue, now } = dependencies;
  const records = readRecords(event);
  const feeds = await movedFeeds(records, margin);
  const accountIds = [...records.accountIds];
  if (feeds.length === 0 && accountIds.length === 0) return false;
  const at = now();
  const found = { accountIds, feeds, newestAt: records.newestAt ?? at };
  const wakeAt = await addWaiting(margin, found, at);
  if (wakeAt === undefined) return false;
  try {
    await queue.wake(wakeAt, at);
  } catch (error) {
    await withdrawMessage(margin, now());
    throw error;
  }
  return true;
}

async function movedFeeds({ quotes }: Records, margin: MarginTable): Promise<string[]> {
  return quotes.size === 0 ? [] : feedsBeyond(quotes, await readSeen(margin));
}
