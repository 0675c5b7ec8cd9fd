/** The item of what waits for an event check. Senders add to it, and one check takes all of it. */
import { randomUUID } from 'node:crypto';
import type { CaseStore } from '../outbox/ports.ts';
import type { Key, StoredCase } from '../outbox/stored-case.ts';
import * as z from '../rows/zod.ts';
import { type Found, noted, unwoken, type Waiting } from './waiting.ts';

export const EVENTS = 'events';

export const WAITING_KEY: Key = { pk: EVENTS, sk: 'waiting' };

const waitingState = z.strictObject({
  accountIds: z.array(z.string()),
  feeds: z.array(z.string()),
  newestAt: z.number(),
  wakeAt: z.number(),
  isTaken: z.boolean(),
  /** Two that write the same at once write different items, so that only one of them has written. */
  writeId: z.optional(z.string()),
});

type Store = Pick<CaseStore, 'read' | 'update'>;

/** @returns when a message has to come; undefined if one is on its way */
export async function addWaiting(
  margin: Store,
  found: Found,
  now: number,
): Promise<number | undefined> {
  let wakeAt: number | undefined;
  await margin.update(
    WAITING_KEY,
    (stored) => {
      const { waiting, isWoken } = noted(waitingIn(stored), found, now);
      wakeAt = isWoken ? waiting.wakeAt : undefined;
      return itemOf(stored, waiting);
    },
    { over: 'any check' },
  );
  return wakeAt;
}

/** The message that was promised did not leave. */
export async function withdrawMessage(margin: Store, now: number): Promise<void> {
  await margin.update(
    WAITING_KEY,
    (stored) => {
      const waiting = waitingIn(stored);
      return waiting && itemOf(stored, unwoken(waiting, now));
    },
    { over: 'any check' },
  );
}

/** @returns what waits, for this run alone; undefined if nothing does */
export async function takeWaiting(margin: Store): Promise<Waiting | undefined> {
  let taken: Waiting | undefined;
  const { isWritten } = await margin.update(
    WAITING_KEY,
    (stored) => {
      taken = waitingIn(stored);
      return taken === undefined || taken.isTaken
        ? undefined
        : itemOf(stored, { ...taken, isTaken: true });
    },
    { over: 'any check' },
  );
  return isWritten ? taken : undefined;
}

/** A damaged item holds nothing, and the next write replaces it. */
const waitingIn = (stored: StoredCase | undefined): Waiting | undefined =>
  waitingState.safeParse(stored?.state).data;

const itemOf = (stored: StoredCase | undefined, state: Waiting): StoredCase => ({
  key: WAITING_KEY,
  version: stored?.version ?? 0,
  // It belongs to no check.
  checkId: '',
  state: { ...state, writeId: randomUUID() },
  isActive: false,
  pending: [],
});
