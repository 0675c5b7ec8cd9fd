/** The fault of a row, in one line: table, key, attribute, fault. */

import type { Reason } from '../margin/number/reason.ts';
import { type RawRow, withoutAbsent } from './raw-row.ts';
import type * as z from './zod.ts';

/** Names and values in a row may be as long as an item of DynamoDB. */
const FAULT_LENGTH_MAX = 700;
const NAME_LENGTH_MAX = 100;
const UNKNOWN_NAMES_MAX = 3;

const clipped = (text: string, lengthMax: number): string =>
  text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 3)}...`;

const OWN_NAMES = ' (begin the names of your own with _)';

export const rowFault = (place: string, error: z.core.$ZodError): Reason =>
  rowFaultOf(place, rowFaultText(error));

export const rowFaultOf = (place: string, fault: string): Reason => ({
  code: 'row-malformed',
  subject: place,
  detail: `${place}: ${clipped(fault, FAULT_LENGTH_MAX)}`,
});

/** The first fault of a row. Names of its writer's own begin with _. */
export const rowFaultText = (error: z.core.$ZodError): string => faultText(error, OWN_NAMES);

/** "margin.tiers needs at least one tier" */
export function faultText(error: z.core.$ZodError, hint = ''): string {
  const { attribute, fault } = faultIn(error, hint);
  return `${attribute} ${fault}`.trim();
}

/** @throws Error with the first fault, in one line. */
export function readStored<S extends z.ZodMiniType>(
  schema: S,
  stored: unknown,
  what: string,
): z.output<S> {
  const read = schema.safeParse(stored);
  if (read.success) return read.data;
  throw new Error(`${what} cannot be read: ${faultText(read.error)}`);
}

interface Fault {
  /** Empty if the fault lies in no attribute. */
  readonly attribute: string;
  readonly fault: string;
}

/** The first fault. The hint follows the name of an unknown attribute. */
export function faultIn(error: z.core.$ZodError, hint = ''): Fault {
  const [issue] = error.issues;
  return issue === undefined ? { attribute: '', fault: 'is malformed' } : faultOf(issue, hint);
}

function faultOf(issue: z.core.$ZodIssue, hint: string): Fault {
  const attribute = clipped(issue.path.join('.'), NAME_LENGTH_MAX);
  if (issue.code === 'invalid_union') return faultOfUnion(issue, hint);
  if (issue.code === 'unrecognized_keys') {
    const fault = `unknown attribute ${namesIn(issue)}${attribute === '' ? hint : ''}`;
    return { attribute: '', fault };
  }
  if (issue.code === 'invalid_value') return { attribute, fault: mustBe(issue.values) };
  const isMissing =
    issue.code === 'invalid_type' && /nonoptional|received undefined/.test(issue.message);
  return { attribute, fault: isMissing ? 'is missing' : plain(issue.message) };
}

function namesIn({ keys, path }: z.core.$ZodIssueUnrecognizedKeys): string {
  const names = keys
    .slice(0, UNKNOWN_NAMES_MAX)
    .map((key) => clipped([...path, key].join('.'), NAME_LENGTH_MAX));
  const others = keys.length - names.length;
  return `${names.join(', ')}${others === 0 ? '' : ` and ${others} others`}`;
}

/**
 * The form that was meant is the first with a fault inside it: its own parts were read. Otherwise
 * the first that says itself what it must be.
 */
function faultOfUnion(union: z.core.$ZodIssueInvalidUnion, hint: string): Fault {
  const { errors, path, message } = union;
  const firsts = errors.flatMap(([first]) => first ?? []);
  const isInside = ({ code, path: inner }: z.core.$ZodIssue) =>
    inner.length > 0 || code === 'unrecognized_keys';
  const meant = firsts.find(isInside) ?? firsts.find(({ code }) => code === 'custom') ?? firsts[0];
  if (meant !== undefined) return faultOf({ ...meant, path: [...path, ...meant.path] }, hint);
  const options = 'options' in union ? union.options : undefined;
  return { attribute: path.join('.'), fault: options ? mustBe(options) : plain(message) };
}

const mustBe = (values: readonly unknown[]): string =>
  values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`;

/** The kinds of values in words: rows are not written in JavaScript. */
const KIND_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  Numeral: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** A message of the schema library in plain words. */
function plain(message: string): string {
  const [, expected = '', received = ''] =
    /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? [];
  if (expected === '') return message;
  const [wanted, given] = [expected, received].map((kind) => KIND_WORDS[kind] ?? kind);
  return `must be ${wanted}${given === wanted ? '' : `, not ${given}`}`;
}

/** Drops the keys, absent attributes, and those that begin with _, which belong to the writer. */
export function attributesOf(row: RawRow, keys: readonly [string, string]): RawRow {
  const attributes: Record<string, unknown> = Object.create(null);
  for (const name in row) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    if (name === keys[0] || name === keys[1] || name.startsWith('_')) continue;
    attributes[name] = withoutAbsent(value);
  }
  return attributes;
}
