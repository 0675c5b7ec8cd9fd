/** What a command is given: files, standard input, and the one line that refuses them. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseExactJson } from '../../lambda/rows/numeral.ts';

/** Thrown for bad input: one line that says what is wrong and where. Exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** "-" is standard input. @throws InputError */
export async function readText(path: string): Promise<string> {
  try {
    return path === '-' ? await text(process.stdin) : await readFile(path, 'utf8');
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
}

/** Numbers keep every digit that was written. @throws InputError */
export async function readJson(path: string): Promise<unknown> {
  const content = await readText(path);
  try {
    return parseExactJson(content);
  } catch (error) {
    throw new InputError(`${path}: not JSON: ${reasonOf(error)}`);
  }
}

/** Of a connection that fails, Node gives the code alone. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
