import { notNegative } from './argument-range.ts';

/** 365 days. */
export const YEAR_SECONDS = 31_536_000;

/** s = σ·√(t/year): standard deviation of the log return. @throws RangeError */
export function deviationOver(volatility: number, seconds: number): number {
  const years = notNegative('seconds', seconds) / YEAR_SECONDS;
  return notNegative('volatility', volatility) * Math.sqrt(years);
}
