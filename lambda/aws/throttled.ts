/**
 * A partition takes 1,000 KB and gives 12,000 KB a second. A case with a long list of unpublished
 * messages, and the memory of many feeds, lie in several large rows of one partition, and the SDK
 * tries again for less than two seconds. So what is throttled waits for its turn, within the time
 * that a check keeps for what has begun (../outbox/time-limit.ts): enough for 5 MB.
 */
import type { Stopwatch } from './stopwatch.ts';

const TURN_MS = 1_000;
const TURNS_MAX = 10;

interface Turns {
  readonly wait: Stopwatch['wait'];
  /** Asked each time that the call was throttled, with how often it was made. */
  readonly mayWait?: (turns: number) => boolean;
}

/** @throws the call's error, also a throttled call's once nothing else can be hoped for */
export async function inItsTurn<T>(
  call: () => Promise<T>,
  { wait, mayWait = (turns) => turns < TURNS_MAX }: Turns,
): Promise<T> {
  for (let turn = 1; ; turn++) {
    try {
      return await call();
    } catch (error) {
      if (!isThrottled(error) || !mayWait(turn)) throw error;
      await wait(TURN_MS);
    }
  }
}

export const isThrottled = (error: unknown): boolean =>
  error instanceof Error &&
  /^(Throttl|TooManyRequests|ProvisionedThroughputExceeded)/.test(error.name);
