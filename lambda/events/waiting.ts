/**
 * Reasons wait here for an event check. Whoever finds one adds it, and sends a message only
 * if none is on its way, so that messages are at least a second apart however many find reasons. The
 * check takes all that waits.
 */

/** Between two event checks. */
const SPACING_MS = 1_000;

/** A message that has not been taken by then is lost; a check waits for less than that. */
const TAKEN_WITHIN_MS = 4_000;

/** Older reasons have been seen by a scheduled check, or will be by the next. */
const KEPT_MS = 60_000;

/** More are left to the next scheduled check, which reads many accounts faster. */
export const ACCOUNTS_MAX = 1_000;
export const FEEDS_MAX = 100;

/** An item holds 400 KB. */
const BYTES_MAX = 200_000;

/** Times in milliseconds since 1970. */
export interface Found {
  readonly accountIds: readonly string[];
  /** Their prices have moved. */
  readonly feeds: readonly string[];
  /** When the newest of them was written. */
  readonly newestAt: number;
}

export interface Waiting extends Found {
  /** When the last message is due. */
  readonly wakeAt: number;
  readonly isTaken: boolean;
}

export interface Noted {
  readonly waiting: Waiting;
  /** Whether a message has to be sent, due at `wakeAt`. */
  readonly isWoken: boolean;
}

export function noted(before: Waiting | undefined, found: Found, now: number): Noted {
  if (before === undefined) return { waiting: woken(found, now), isWoken: true };
  const { isTaken, wakeAt } = before;
  // A clock that was far ahead must not silence all events until then.
  const isSane = wakeAt <= now + SPACING_MS + TAKEN_WITHIN_MS;
  if (isSane && !isTaken && wakeAt > now - TAKEN_WITHIN_MS) {
    return { waiting: { ...before, ...merged(before, found) }, isWoken: false };
  }
  const isKept = isSane && !isTaken && wakeAt > now - KEPT_MS;
  const next = isSane ? Math.max(now, wakeAt + SPACING_MS) : now;
  return { waiting: woken(isKept ? merged(before, found) : found, next), isWoken: true };
}

/** The message could not be sent: whoever comes next sends one. */
export const unwoken = (waiting: Waiting, now: number): Waiting => ({
  ...waiting,
  wakeAt: Math.min(waiting.wakeAt, now - TAKEN_WITHIN_MS),
});

const woken = (found: Found, wakeAt: number): Waiting => ({
  ...merged(NOTHING_FOUND, found),
  wakeAt,
  isTaken: false,
});

const NOTHING_FOUND: Found = { accountIds: [], feeds: [], newestAt: 0 };

/** The first reasons stay, as far as there is room. */
function merged(first: Found, then: Found): Found {
  return {
    accountIds: fitting([...first.accountIds, ...then.accountIds], ACCOUNTS_MAX),
    feeds: fitting([...first.feeds, ...then.feeds], FEEDS_MAX),
    newestAt: Math.max(first.newestAt, then.newestAt),
  };
}

function fitting(names: readonly string[], most: number): string[] {
  let bytes = 0;
  return [...new Set(names)].slice(0, most).filter((name) => {
    bytes += Buffer.byteLength(name);
    return bytes <= BYTES_MAX / 2;
  });
}
