/**
 * The steps of one start: read which slot was put last, send the slots after it, remember the last.
 * A crash between the last two sends some slots twice, and the fence skips a repeated check. None is
 * lost, because nothing is remembered before it was sent.
 */
import type { MarginTable } from '../aws/margin-table.ts';
import type { SlotQueue } from '../aws/slot-queue.ts';
import type { Key } from '../outbox/stored-case.ts';
import type { RawRow } from '../rows/raw-row.ts';
import { slotsAhead } from './slots-ahead.ts';

export const LAST_PUT_KEY: Key = { pk: 'slots', sk: 'put' };

export interface SlotsDependencies {
  readonly margin: Pick<MarginTable, 'readRow' | 'putLater'>;
  readonly queue: Pick<SlotQueue, 'url' | 'put'>;
  readonly intervalSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** @returns how many slots were put. @throws Error if one was not, which the next start puts */
export async function putSlots(dependencies: SlotsDependencies): Promise<number> {
  const { margin, queue, intervalSeconds, now } = dependencies;
  const row = await margin.readRow(LAST_PUT_KEY);
  const stored = typeof row?.checkId === 'string' ? row.checkId : undefined;
  const timetable = `${intervalSeconds} s ${queue.url}`;
  const last = stored !== undefined && isOf(timetable, row) ? Date.parse(stored) : undefined;
  const slots = slotsAhead({ now: now(), intervalSeconds, last });
  const newest = slots.at(-1);
  if (newest === undefined) return 0;
  await queue.put(slots, now);
  const checkId = new Date(newest).toISOString();
  // The remembered slot may be later than this one, after another interval or a clock that was ahead.
  await margin.putLater(LAST_PUT_KEY, { checkId, timetable }, stored);
  return slots.length;
}

/** Slots of another interval, or in a queue that no longer exists, say nothing about these. */
const isOf = (timetable: string, row: RawRow | undefined): boolean => row?.timetable === timetable;
