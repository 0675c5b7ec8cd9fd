/**
 * Annual variance from one gap between two prices. The range of a random walk says five times as
 * much about its variance as its ends do [Parkinson 1980].
 */
import { finite, positive } from './argument-range.ts';
import { YEAR_SECONDS } from './scale.ts';

/** ln(H/L)²/(4·ln 2), per year. @param logRange ln of the highest over the lowest price */
export const rangeVariance = (logRange: number, seconds: number): number =>
  finite('log range', logRange) ** 2 / (4 * Math.LN2) / years(seconds);

/** ln(p′/p)², per year. */
export const returnVariance = (logReturn: number, seconds: number): number =>
  finite('log return', logReturn) ** 2 / years(seconds);

const years = (seconds: number): number => positive('seconds', seconds) / YEAR_SECONDS;
