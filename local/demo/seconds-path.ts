/**
 * The seconds between the minutes of a path, where checks are more frequent than once a minute:
 * Brownian bridges, so the minutes stay as they are. A real minute can hold a jump; a bridge spreads
 * the minute's move over its seconds, which is kinder to short intervals.
 */
import type { RandomStream } from '../analysis/random.ts';
import { MINUTE_SECONDS } from './black-thursday.ts';

/** Minutes before and after whose moves make up a minute's volatility. */
const AROUND = 2;

/** Root mean squares of the moves around each minute: the path's own volatility there. */
export function localDeviations(logs: readonly number[]): number[] {
  const moves = logs.slice(1).map((log, minute) => log - (logs[minute] as number));
  return logs.map((_, minute) => {
    const near = moves.slice(Math.max(0, minute - AROUND), minute + AROUND + 1);
    const squares = near.reduce((sum, move) => sum + move ** 2, 0);
    return Math.sqrt(squares / Math.max(1, near.length));
  });
}

/**
 * By second; the last minute stands still.
 * @param deviations of the move of each minute
 */
export function betweenMinutes(
  values: readonly number[],
  deviations: readonly number[],
  random: RandomStream,
): number[] {
  return values.flatMap((from, minute) => {
    const to = values[minute + 1];
    if (to === undefined) return Array.from({ length: MINUTE_SECONDS }, () => from);
    return bridge({ from, to, deviation: deviations[minute] as number }, random);
  });
}

interface Ends {
  readonly from: number;
  readonly to: number;
  /** Of the move of a whole minute. */
  readonly deviation: number;
}

/** Includes `from`, excludes `to`. */
function bridge({ from, to, deviation }: Ends, random: RandomStream): number[] {
  let walked = 0;
  const walk = Array.from({ length: MINUTE_SECONDS }, () => {
    walked += (deviation / Math.sqrt(MINUTE_SECONDS)) * random.normal();
    return walked;
  });
  return walk.map((_, second) => {
    const share = second / MINUTE_SECONDS;
    const free = second === 0 ? 0 : (walk[second - 1] as number);
    return from + (to - from) * share + free - share * walked;
  });
}
