/** Numbers as they were written: no digit passes through binary floating point. */
import { readJson } from './json-reader.ts';

/** A number of DynamoDB (N) or JSON, as its own text. */
export class Numeral {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** `JSON.stringify` cannot write these digits as a number on Node 20; see `writeExactJson`. */
  toJSON(): string {
    return this.text;
  }
}

/** Every number becomes a Numeral. @throws SyntaxError with the line and column of the fault. */
export const parseExactJson = (text: string): unknown =>
  readJson(text, (digits) => new Numeral(digits));

/**
 * Writes as `JSON.stringify` does, and each Numeral as a number with its own digits.
 * @throws SyntaxError if a Numeral is not a number in JSON; TypeError if there is no text for the
 *   whole value.
 */
export function writeExactJson(value: unknown): string {
  const text = written(value);
  if (text === undefined) throw new TypeError(`JSON has no text for ${typeof value}`);
  return text;
}

/** Undefined for what `JSON.stringify` leaves out of an object. */
function written(value: unknown): string | undefined {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof Numeral) return digitsOf(value);
  if (Array.isArray(value)) return `[${value.map((each) => written(each) ?? 'null').join()}]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return written(value.toJSON());
  return writtenObject(value as Record<string, unknown>);
}

function writtenObject(object: Record<string, unknown>): string {
  let members = '';
  for (const name of Object.keys(object)) {
    const text = written(object[name]);
    if (text !== undefined) members += `${members === '' ? '' : ','}${quoted(name)}:${text}`;
  }
  return `{${members}}`;
}

/** Needs no escape: printable ASCII without `"` and `\`. Most texts of a record are such. */
const PLAIN = /^[ !#-[\]-~]*$/;

const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

function digitsOf({ text }: Numeral): string {
  if (!JSON_NUMBER.test(text)) throw new SyntaxError(`${quoted(text)} is not a number in JSON`);
  return text;
}
