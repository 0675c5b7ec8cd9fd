/** The fault of a row, in one line: table, key, attribute, fault. */

import type { Reason } from '../margin/number/reason.ts';
import type { RawRow } from './raw-row.ts';
import type * as z from './zod.ts';

export function rowFault(place: string, error: z.core.$ZodError): Reason {
  const { attribute, fault } = faultIn(error);
  return rowFaultOf(place, `${attribute} ${fault}`.trim());
}

export const rowFaultOf = (place: string, fault: string): Reason => ({
  code: 'row-malformed',
  subject: place,
  detail: `${place}: ${fault}`,
});

/** The first fault. `attribute` is empty if the fault lies in no attribute. */
export function faultIn(error: z.core.$ZodError): { attribute: string; fault: string } {
  const [issue] = error.issues;
  return issue === undefined ? { attribute: '', fault: 'is malformed' } : faultOf(issue);
}

function faultOf(issue: z.core.$ZodIssue): { attribute: string; fault: string } {
  if (issue.code === 'invalid_union') return faultOfUnion(issue);
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.join(', ');
    const fault = `unknown attribute ${names} (begin the names of your own with _)`;
    return { attribute: issue.path.join('.'), fault };
  }
  const isMissing =
    issue.code === 'invalid_type' && /nonoptional|received undefined/.test(issue.message);
  const fault = isMissing ? 'is missing' : plain(issue.message);
  return { attribute: issue.path.join('.'), fault };
}

/** The form that was meant is the first with a fault inside it: its own parts were read. */
function faultOfUnion({ errors, path, message }: z.core.$ZodIssueInvalidUnion) {
  const firsts = errors.flatMap(([first]) => first ?? []);
  const isInside = ({ code, path: inner }: z.core.$ZodIssue) =>
    inner.length > 0 || code === 'unrecognized_keys';
  const meant = firsts.find(isInside) ?? firsts[0];
  if (meant === undefined) return { attribute: path.join('.'), fault: plain(message) };
  return faultOf({ ...meant, path: [...path, ...meant.path] });
}

const plain = (message: string): string =>
  message.replace(/^Invalid (?:input|option|value): expected /, 'must be ');

/** Drops the keys, and attributes that begin with _, which belong to the writer. */
export function attributesOf(row: RawRow, keys: readonly [string, string]): RawRow {
  const attributes: Record<string, unknown> = Object.create(null);
  for (const name in row) {
    if (name === keys[0] || name === keys[1] || name.startsWith('_')) continue;
    attributes[name] = row[name];
  }
  return attributes;
}
