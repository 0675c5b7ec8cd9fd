/** What is wrong with a row, in one line: table, key, attribute, fault. */
import type { z } from 'zod';
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

/** Attributes that begin with _ are the writer's own. Keys are named apart. */
export function attributesOf(row: RawRow, keys: readonly string[]): RawRow {
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => !name.startsWith('_') && !keys.includes(name)),
  );
}
