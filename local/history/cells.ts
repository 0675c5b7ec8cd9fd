/** NaN means unreadable. */

/** Seconds stay below this until the year 5138; ms, µs and ns are larger. */
const SECONDS_MAX = 1e11;
/** 1980 and 2100, in seconds. Taken for ms, µs or ns, a date written as digits lies outside. */
const SCALED_MIN = 315_532_800;
const TIME_MAX = 4_102_444_800;

const ISO_TIME =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)? ?(Z|UTC|[+-]\d\d:?\d\d)?$/;

/** Reads s, ms, µs or ns since 1970, or ISO 8601 (default: UTC). @returns seconds since 1970 */
export function timeCell(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) {
    let time = Number(text);
    const isScaled = time >= SECONDS_MAX;
    for (let step = 0; step < 3 && time >= SECONDS_MAX; step++) time /= 1000;
    return time < TIME_MAX && (!isScaled || time >= SCALED_MIN) ? time : Number.NaN;
  }
  const [, day, minute = '00:00', second = ':00', zone = 'Z'] = ISO_TIME.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) {
    return Number.NaN;
  }
  return Date.parse(`${day}T${minute}${second}${zone === 'UTC' ? 'Z' : zone}`) / 1000;
}

const DAY_SECONDS = 86_400;

interface DayCount {
  readonly name: string;
  readonly from: number;
  readonly until: number;
  /** The number of 1 January 1970. */
  readonly epoch: number;
}

const DAY_COUNTS: readonly DayCount[] = [
  { name: 'a serial date of a spreadsheet', from: 20_000, until: 80_000, epoch: 25_569 },
  { name: 'a day number of MATLAB', from: 700_000, until: 800_000, epoch: 719_529 },
  { name: 'a Julian day', from: 2_400_000, until: 2_500_000, epoch: 2_440_587.5 },
];

/**
 * The fault of a file whose earliest and latest time are days in another count, or dates written
 * as digits, such as 20200312. As seconds they would all lie in 1970.
 */
export function dayNumberFault(earliest: number, latest: number): string | undefined {
  const count = DAY_COUNTS.find(({ from, until }) => earliest >= from && latest < until);
  const date = count === undefined ? dateOfDigits(earliest) : dateOfCount(earliest, count);
  if (date === undefined) return undefined;
  if (count === undefined && dateOfDigits(latest) === undefined) return undefined;
  const what = count?.name ?? 'a date';
  return `the time ${earliest} is ${what}, not seconds since 1970; write it as ${date}`;
}

const dateOfCount = (day: number, { epoch }: DayCount): string =>
  new Date(Math.round((day - epoch) * DAY_SECONDS) * 1000)
    .toISOString()
    .replace(/T00:00:00.000Z$|\.000(?=Z$)/, '');

function dateOfDigits(digits: number): string | undefined {
  const [, year, month, day] = /^((?:19|20)\d\d)(\d\d)(\d\d)$/.exec(String(digits)) ?? [];
  const date = `${year}-${month}-${day}`;
  return Number.isNaN(timeCell(date)) ? undefined : date;
}

const DECIMAL = /^\d*\.?\d+(?:[eE][+-]?\d+)?$|^\d+\.$/;

export function priceCell(text: string): number {
  const price = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(price) && price > 0 ? price : Number.NaN;
}

export const quoted = (text: string | undefined): string => `"${(text ?? '').slice(0, 40)}"`;
