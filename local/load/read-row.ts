import { attributesOf, faultIn, rowFaultText } from '../../lambda/rows/fault.ts';
import { idField } from '../../lambda/rows/fields.ts';
import { Numeral } from '../../lambda/rows/numeral.ts';
import { keyText, type RawRow } from '../../lambda/rows/raw-row.ts';
import { laidOut, venueFault } from '../../lambda/rows/venues/venues.ts';
import { timeOf } from '../analysis/document-schema.ts';
import { type Kind, keyNamesOf } from './kinds.ts';

export type RowReading =
  | { readonly ok: true; readonly row: RawRow }
  | { readonly ok: false; readonly fault: string };

const id = idField('');
const TIMES = ['publishedAt', 'expiresAt', 'observedAt', 'interestSettledAt', 'fundingSettledAt'];

/** Validates as the check does. @param now milliseconds since 1970, for the word "now" */
export function readRow(source: RawRow, kind: Kind, now: number): RowReading {
  const badId = idFault(source, kind) ?? strayKey(source, kind);
  if (badId !== undefined) return { ok: false, fault: badId };
  const own = [...kind.ids, ...kind.optionalIds];
  const attributes = Object.entries(source).filter(([name]) => !own.includes(name));
  const badTime = timeFault(source);
  if (badTime !== undefined) return { ok: false, fault: badTime };
  const timed = attributes.map(([name, value]) => [name, timeIn(name, value, now)]);
  const row: RawRow = { ...kind.keyOf(source), ...Object.fromEntries(timed) };
  const laid = laidOut(row);
  const badVenue = venueFault(laid);
  if (badVenue !== undefined) return { ok: false, fault: badVenue };
  const parsed = kind.attributes.safeParse(attributesOf(laid, keyNamesOf(kind)));
  if (parsed.success) return { ok: true, row };
  return { ok: false, fault: rowFaultText(parsed.error) };
}

function idFault(source: RawRow, { ids, optionalIds }: Kind): string | undefined {
  const given = optionalIds.filter((name) => source[name] !== undefined);
  for (const name of [...ids, ...given]) {
    const parsed = id.safeParse(source[name]);
    if (!parsed.success) return `${name} ${faultIn(parsed.error).fault}`;
  }
  return undefined;
}

/** A column named like a key attribute would overwrite the key. */
function strayKey(source: RawRow, kind: Kind): string | undefined {
  const stray = keyNamesOf(kind).find((name) => name in source && !kind.ids.includes(name));
  return stray === undefined ? undefined : `unknown attribute ${stray}`;
}

/** 1980, in milliseconds. Seconds, and dates that a spreadsheet counts in days, are earlier. */
const TIME_MIN = 315_532_800_000;

/** A time that the check would take for one in 1970. */
function timeFault(source: RawRow): string | undefined {
  const isEarly = (text: string) => /^\d+(\.\d+)?$/.test(text) && Number(text) < TIME_MIN;
  const name = TIMES.find((each) => isEarly(keyText(source[each] ?? '')));
  if (name === undefined) return undefined;
  return (
    `${name} must be milliseconds since 1970, or ISO 8601 such as 2020-03-12T10:12:00Z, not ` +
    `${keyText(source[name])}: seconds and serial dates of a spreadsheet are no milliseconds`
  );
}

/** Turns "now" and ISO 8601 into milliseconds. */
function timeIn(name: string, value: unknown, now: number): unknown {
  if (!TIMES.includes(name) || typeof value !== 'string' || /^\d+$/.test(value)) return value;
  const time = value === 'now' ? now : timeOf(value);
  return Number.isFinite(time) ? new Numeral(String(time)) : value;
}
