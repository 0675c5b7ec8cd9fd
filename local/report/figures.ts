export type Unit = 'USD' | 'bp' | '%' | 's' | 'ms' | '';

export interface Measure {
  readonly name: string;
  /** Empty for counts and plain ratios. */
  readonly unit: Unit;
}

export const axisTitle = ({ name, unit }: Measure): string =>
  unit === '' ? name : `${name}, ${unit}`;

const minus = (text: string): string => text.replace('-', '−');

/** Three significant digits and the whole integer part: 0.0123, 12.3, 1,234. */
export function figure(value: number): string {
  const size = Math.abs(value);
  const options = size >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
  return minus(value.toLocaleString('en-US', options));
}

export const figureIn = (value: number, unit: Unit): string =>
  unit === '' ? figure(value) : `${figure(value)} ${unit}`;

/** Whole units, to the nearest: the one rounding of amounts in reports and in the tables of a terminal. */
export const whole = (value: number | string): string =>
  minus((Math.round(Number(value)) || 0).toLocaleString('en-US'));

export const dollars = (value: number | string): string => `${whole(value)} USD`;

const CHANCE_SHOWN_MIN = 0.001;

/** A p-value. More digits than three would claim more than a test can. */
export const chance = (pValue: number | undefined): string => {
  if (pValue === undefined || Number.isNaN(pValue)) return '–';
  return pValue < CHANCE_SHOWN_MIN ? '< 0.001' : pValue.toFixed(3);
};

export const count = (value: number): string => value.toLocaleString('en-US');

/** `1 call`, `2 calls` */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`;

/** `45 s`, `3 min`, `2 h 5 min`, `3 d 4 h`: rounded down */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const [large, small, units] =
    minutes < 1440
      ? [Math.floor(minutes / 60), minutes % 60, ['h', 'min']]
      : [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), ['d', 'h']];
  return small === 0 ? `${large} ${units[0]}` : `${large} ${units[0]} ${small} ${units[1]}`;
}

export const percent = (ratio: number): string => `${figure(ratio * 100)} %`;

/** `10:42`, UTC */
export const clockText = (timeMs: number): string => new Date(timeMs).toISOString().slice(11, 16);

/** `2020-03-12 10:42`, UTC */
export const timeText = (timeMs: number): string =>
  new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');

export const dateText = (timeMs: number): string =>
  new Date(timeMs).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const COMPACT_FROM = 10_000;

/** For an axis up to `largest`: 5,500, 20K, 1.2M. */
export const tickText = (largest: number) => (value: number) =>
  largest > COMPACT_FROM ? minus(compact.format(value)) : minus(value.toLocaleString('en-US'));
