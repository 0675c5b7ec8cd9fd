/** One day: margin checked less often is not monitored. */
const SECONDS_MAX = 86_400;

export const CHECK_INTERVAL_SECONDS_DEFAULT = 60;

export const CHECK_INTERVALS_ALLOWED =
  `give seconds in whole minutes, from 60 to ${SECONDS_MAX} ` +
  '(60, 120, 300, ...), because EventBridge Scheduler counts in minutes';

export const isCheckInterval = (seconds: number): boolean =>
  seconds >= 60 && seconds % 60 === 0 && seconds <= SECONDS_MAX;
