/** Rounded; `--json` has every digit. */
import type { Assessment } from '../../analysis/assess-document.ts';

/** With figures; a price in doubt may leave its level open. */
export type Assessed = Extract<Assessment, { readonly surplus: object }>;
export type Factor = Assessed['factors'][number];
export type Portfolio = NonNullable<Factor['portfolio']>[number];
export type Greeks = NonNullable<Factor['greeks']>;

export const isAssessed = (each: Assessment): each is Assessed => 'surplus' in each;

export const nameOf = (each: {
  readonly accountId: string;
  readonly position?: string | undefined;
}): string => (each.position === undefined ? each.accountId : `${each.accountId} ${each.position}`);

export const NONE = '—';

const grouped = (value: number, places: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places });

const PLACES = 2;

/** What is longer only stretches a table: the bound of a price of years ago. */
const GROUPED_MAX = 1e15;

/** A bound that nothing limits stays a word. */
export function money(decimal: string | number): string {
  if (decimal === 'unbounded') return decimal;
  const value = Number(decimal);
  return Math.abs(value) < GROUPED_MAX ? grouped(value, PLACES) : value.toExponential(PLACES);
}

/** Six significant digits. */
export const figure = (decimal: string | number): string =>
  Number(decimal).toLocaleString('en-US', { maximumSignificantDigits: 6 });

export const percent = (ratio: string | number | undefined): string =>
  ratio === undefined ? NONE : `${grouped(Number(ratio) * 100, PLACES)} %`;

export const signedPercent = (ratio: string | number): string =>
  Number(ratio) > 0 ? `+${percent(ratio)}` : percent(ratio);

/** `2026-01-30 08:00` */
export const dayOf = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 16)}`;
