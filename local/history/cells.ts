/** NaN means unreadable. */

/** Seconds stay below this until the year 5138; ms, µs and ns are larger. */
const SECONDS_MAX = 1e11;

const ISO_TIME =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)? ?(Z|UTC|[+-]\d\d:?\d\d)?$/;

/** Reads s, ms, µs or ns since 1970, or ISO 8601 (default: UTC). @returns seconds since 1970 */
export function timeCell(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) {
    let time = Number(text);
    for (let step = 0; step < 3 && time >= SECONDS_MAX; step++) time /= 1000;
    return time < SECONDS_MAX ? time : Number.NaN;
  }
  const [, day, minute = '00:00', second = ':00', zone = 'Z'] = ISO_TIME.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) {
    return Number.NaN;
  }
  return Date.parse(`${day}T${minute}${second}${zone === 'UTC' ? 'Z' : zone}`) / 1000;
}

const DECIMAL = /^\d*\.?\d+(?:[eE][+-]?\d+)?$|^\d+\.$/;

export function priceCell(text: string): number {
  const price = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(price) && price > 0 ? price : Number.NaN;
}

export const quoted = (text: string | undefined): string => `"${(text ?? '').slice(0, 40)}"`;
