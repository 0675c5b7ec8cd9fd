export interface Cell {
  readonly intervalSeconds: number;
  /** Of the buffer; null: no buffer. */
  readonly confidence: number | null;
  readonly executionSeconds: number;
}

export interface Grid {
  readonly intervals: readonly number[];
  readonly confidences: readonly (number | null)[];
  readonly executions: readonly number[];
}

/** A check can run more often, but most histories have a price a minute, and cannot tell if it pays. */
export const INTERVAL_MIN_SECONDS = 60;
export const INTERVAL_MAX_SECONDS = 86_400;
const INTERVALS = [INTERVAL_MIN_SECONDS, 120, 300, 900, 3600, 14_400, 43_200, INTERVAL_MAX_SECONDS];
const INTERVALS_MOST = 6;
const CHECKS_A_PATH_MIN = 12;
export const CONFIDENCES: Grid['confidences'] = [null, 0.95, 0.99, 0.999];
const EXECUTION_SECONDS = 30;

/** What a history with this spacing can tell about, in paths of so many hours. */
export function defaultGrid(spacingSeconds: number, hours: number) {
  const intervals = INTERVALS.filter(
    (seconds) =>
      seconds % spacingSeconds === 0 && seconds * CHECKS_A_PATH_MIN <= hours * HOUR_SECONDS,
  );
  return {
    intervals: intervals.slice(0, INTERVALS_MOST),
    executions: [Math.ceil(EXECUTION_SECONDS / spacingSeconds) * spacingSeconds],
  };
}

const HOUR_SECONDS = 3600;
const HOURS_LEAST = 24;
const SPACINGS = 168;

/** A day, or 168 spacings. */
export const defaultHours = (spacingSeconds: number): number =>
  Math.max(HOURS_LEAST, Math.ceil((SPACINGS * spacingSeconds) / HOUR_SECONDS));

/** Interval, then execution time, then confidence: the order of every table and count. */
export const cellsOf = ({ intervals, confidences, executions }: Grid): Cell[] =>
  intervals.flatMap((intervalSeconds) =>
    executions.flatMap((executionSeconds) =>
      confidences.map((confidence) => ({ intervalSeconds, confidence, executionSeconds })),
    ),
  );

/** The longest step that meets every check, fill and tick. */
export function stepOf({ intervals, executions }: Grid, tickSeconds: number): number {
  const divisor = (left: number, right: number): number =>
    right === 0 ? left : divisor(right, left % right);
  return [...intervals, ...executions, tickSeconds].reduce(divisor, 0);
}
