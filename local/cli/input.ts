import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseExactJson } from '../../lambda/rows/numeral.ts';

/** One line: what is wrong and where. Exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

export const placeOf = (path: string): string => (path === '-' ? 'standard input' : path);

/** @param path "-" is standard input. @throws InputError */
export async function readText(path: string): Promise<string> {
  try {
    return path === '-' ? await text(process.stdin) : await readFile(path, 'utf8');
  } catch (error) {
    throw new InputError(`${placeOf(path)}: ${reasonOf(error)}`);
  }
}

/** Keeps every digit. @throws InputError */
export async function readJson(path: string): Promise<unknown> {
  const content = await readText(path);
  try {
    return parseExactJson(content);
  } catch (error) {
    throw new InputError(`${placeOf(path)}: not JSON: ${reasonOf(error)}`);
  }
}

/** "ENOENT: no such file or directory, open 'x'" says it three times. */
const SYSTEM_ERROR = /^E[A-Z]+: (.+), \w+(?: '.*')?$/;

/** Node sets no message for a failed connection, only a code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, name } = error;
  return message.replace(SYSTEM_ERROR, '$1') || (error as NodeJS.ErrnoException).code || name;
}
