import { setTimeout } from 'node:timers/promises';

/** Spans of time within a check; times of the check itself are its event's and one clock reading. */
export interface Stopwatch {
  /** Milliseconds; never falls. */
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

export const STOPWATCH: Stopwatch = {
  now: () => performance.now(),
  wait: (milliseconds) => setTimeout(milliseconds),
};
