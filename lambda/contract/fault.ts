/** What is wrong with a row, in one line: table, key, attribute, fault. */
import type * as z from 'zod';
import type { Reason } from '../margin/reason.ts';

/** A row as it was read: attributes by name, numbers as Numerals. */
export type RawRow = Readonly<Record<string, unknown>>;

export function rowFault(place: string, error: z.ZodError): Reason {
  const [issue] = error.issues;
  const detail = issue === undefined ? 'is malformed' : sentenceOf(issue);
  return { code: 'row-malformed', subject: place, detail: `${place}: ${detail}` };
}

export const rowFaultOf = (place: string, fault: string): Reason => ({
  code: 'row-malformed',
  subject: place,
  detail: `${place}: ${fault}`,
});

type Issue = z.ZodError['issues'][number];

function sentenceOf(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') {
    return `unknown attribute ${issue.keys.join(', ')} (your own may begin with _)`;
  }
  const attribute = issue.path.join('.');
  const isMissing =
    issue.code === 'invalid_type' && /nonoptional|received undefined/.test(issue.message);
  return `${attribute} ${isMissing ? 'is missing' : plain(issue.message)}`.trim();
}

const plain = (message: string): string =>
  message.replace(/^Invalid (?:input|option|value): expected /, 'must be ');

/** The attributes without the keys, and without those that begin with _: they are the writer's own. */
export function attributesOf(row: RawRow, keys: readonly [string, string]): RawRow {
  const attributes: Record<string, unknown> = Object.create(null);
  for (const name in row) {
    if (name === keys[0] || name === keys[1] || name.startsWith('_')) continue;
    attributes[name] = row[name];
  }
  return attributes;
}
