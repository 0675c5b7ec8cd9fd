/**
 * Question and answer between a check and a worker, as JSON. The rows of an answer are one text of
 * exact JSON, compressed: they keep every digit, as a strong read by the check itself has them.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { Numeral, parseExactJson, writeExactJson } from '../rows/numeral.ts';
import type { AccountRows, RawRow } from '../rows/raw-row.ts';
import * as z from '../rows/zod.ts';

/** Raise it with the form of either: while a deployment goes on, two versions may meet. */
export const FORMAT = 'rows/1';

/** Lambda takes 6 MB. */
export const ANSWER_BYTES_MAX = 5_500_000;
/** Keeps a damaged answer from filling the memory. */
export const TEXT_BYTES_MAX = 64_000_000;

export interface Question {
  readonly format: typeof FORMAT;
  /** Names it: a check and a number. */
  readonly part: string;
  readonly accountIds: readonly string[];
}

export interface Answer {
  readonly format: typeof FORMAT;
  /** As in the question. */
  readonly part: string;
  /** Base64 of gzip of `[[accountId, rows], …]`. */
  readonly rows: string;
}

const question = z.strictObject({
  format: z.literal(FORMAT),
  part: z.string(),
  accountIds: z.array(z.string()),
});

/** @throws Error if it is none of this version */
export const readQuestion = (event: unknown): Question => z.parse(question, event);

const answer = z.strictObject({
  format: z.literal(FORMAT),
  part: z.string(),
  rows: z.string(),
});

/** An answer that must not be used. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

export const writeAccount = ({ accountId, rows }: AccountRows): string =>
  writeExactJson([accountId, rows]);

/** @param accounts texts of `writeAccount` */
export const writeRows = (accounts: readonly string[]): string => packed(`[${accounts.join()}]`);

/** @returns base64 of gzip */
export const packed = (text: string): string => gzipSync(text, { level: 1 }).toString('base64');

/** @throws Error if it is not what `packed` gives, or its text is longer than TEXT_BYTES_MAX */
export const unpacked = (text: string): string =>
  gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: TEXT_BYTES_MAX }).toString();

/** @throws AnswerError unless it answers this question: each account at most once, with its own rows */
export function readAnswer(given: unknown, asked: Question): AccountRows[] {
  const parsed = z.safeParse(answer, given);
  if (!parsed.success) throw new AnswerError('the worker gave no answer of this version');
  if (parsed.data.part !== asked.part) {
    throw new AnswerError(`the worker answered ${parsed.data.part} instead of ${asked.part}`);
  }
  const open = new Set(asked.accountIds);
  return accountsIn(parsed.data.rows).map(([accountId, rows]) => {
    if (!open.delete(accountId)) {
      throw new AnswerError(`the worker answered ${accountId} twice, or without being asked`);
    }
    return { accountId, rows: rows.map((row) => rowOf(row, accountId)) };
  });
}

const accounts = z.array(z.tuple([z.string(), z.array(z.unknown())]));

function accountsIn(text: string): readonly (readonly [string, readonly unknown[]])[] {
  try {
    return z.parse(accounts, parseExactJson(unpacked(text)));
  } catch (error) {
    throw new AnswerError(`the worker’s rows cannot be read: ${(error as Error).message}`);
  }
}

/** @throws AnswerError unless it is a row of this account */
export function rowOf(given: unknown, accountId: string): RawRow {
  const row = bare(given) as RawRow;
  if (row?.accountId !== accountId || typeof row.item !== 'string') {
    throw new AnswerError(`the worker gave a row to ${accountId} that is not its own`);
  }
  return row;
}

/** Maps without a prototype, as a read of the table gives them. */
function bare(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Numeral) return value;
  if (Array.isArray(value)) return value.map(bare);
  const map: Record<string, unknown> = Object.create(null);
  for (const [name, each] of Object.entries(value)) map[name] = bare(each);
  return map;
}
