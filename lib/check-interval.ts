/** One day: margin checked less often is not monitored. */
const SECONDS_MAX = 86_400;
const MINUTE_SECONDS = 60;

export const CHECK_INTERVAL_SECONDS_DEFAULT = MINUTE_SECONDS;

/** So that the slots of every minute are the same. */
const DIVISORS_OF_A_MINUTE = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];

export const CHECK_INTERVALS_ALLOWED =
  `give seconds in whole minutes, from 60 to ${SECONDS_MAX} (60, 120, 300, ...), because ` +
  'EventBridge Scheduler counts in minutes; or below a minute one of ' +
  `${DIVISORS_OF_A_MINUTE.join(', ')}, because slots have to divide a minute`;

export const isCheckInterval = (seconds: number): boolean =>
  isBelowMinute(seconds)
    ? DIVISORS_OF_A_MINUTE.includes(seconds)
    : seconds % MINUTE_SECONDS === 0 && seconds <= SECONDS_MAX;

/** Scheduler cannot start checks so often. */
export const isBelowMinute = (seconds: number): boolean => seconds < MINUTE_SECONDS;

/** The interval, or a minute where it is shorter. */
export const wholeMinuteSeconds = (seconds: number): number => Math.max(seconds, MINUTE_SECONDS);
