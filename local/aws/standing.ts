import type { Stopwatch } from '../../lambda/aws/stopwatch.ts';

/** For tables that nobody writes while they are checked: there is nothing to wait for. */
export const STANDING: Stopwatch = { now: () => 0, wait: async () => undefined };
