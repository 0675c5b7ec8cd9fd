/** How much the buffer itself moves: what it asks of accounts when prices move already. */
import { at } from '../history/price-history.ts';
import type { RunFrame } from './frame.ts';
import type { Side } from './windows.ts';

export interface Procyclicality {
  /** The largest Λ of the report ÷ the smallest. */
  readonly peakToTrough: number;
  /** The largest rise of Λ in 15 minutes, or from one check to the next: a fraction of the price. */
  readonly largestRise: number;
}

/** In order of time. */
export type Series = readonly { readonly time: number; readonly value: number }[];

export const QUARTER_HOUR_SECONDS = 900;

export function procyclicalityOf({ checks, held, times }: RunFrame, side: Side): Procyclicality {
  const series = held
    .map(({ buffer }, check) => ({ time: at(checks.time, check), value: buffer[side] }))
    .filter(({ time }) => time >= times.reportFrom);
  return {
    peakToTrough: peakToTrough(series),
    largestRise: largestRise(series, QUARTER_HOUR_SECONDS),
  };
}

export function peakToTrough(series: Series): number {
  const values = series.map(({ value }) => value);
  return values.reduce((a, b) => Math.max(a, b)) / values.reduce((a, b) => Math.min(a, b));
}

/** Within so many seconds, or from one entry to the next. */
export function largestRise(series: Series, seconds: number): number {
  const at = (index: number) => series[index] as Series[number];
  // The entries in question whose value no later one undercuts: their values ascend.
  const lowest: number[] = [];
  let [most, from] = [0, 0];
  for (const [index, { time, value }] of series.entries()) {
    while (time - at(from).time > seconds && from < index - 1) from++;
    while (lowest.length > 0 && at(lowest.at(-1) as number).value >= value) lowest.pop();
    lowest.push(index);
    while ((lowest[0] as number) < from) lowest.shift();
    most = Math.max(most, value - at(lowest[0] as number).value);
  }
  return most;
}
