import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { FIRST_BOOK } from '../load/first-book.ts';
import { InputError, reasonOf } from './input.ts';
import { print, printJson } from './output.ts';

export function declareInit(program: Command): void {
  program
    .command('init')
    .summary('write a small first book into a new folder')
    .description(
      'Write a small first book into a new folder: files that `margin load` takes as they stand, and ' +
        'a README that says what to change in each. Overwrites nothing.',
    )
    .argument('[folder]', 'a folder that is new or empty', 'book')
    .option('--json', 'print JSON')
    .action(async (folder: string, { json }: { readonly json?: boolean }) => {
      const written = await writeFirstBook(folder);
      if (json) printJson(written);
      else print(written, writtenLines);
    });
}

interface Written {
  readonly folder: string;
  readonly files: readonly string[];
}

/** @throws InputError if there is anything in the folder, or it cannot be written */
export async function writeFirstBook(folder: string): Promise<Written> {
  try {
    await mkdir(folder, { recursive: true });
    const found = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    if (found.length > 0) throw new InputError(takenLine(folder, found));
    for (const [name, text] of Object.entries(FIRST_BOOK)) {
      await writeFile(join(folder, name), text, { flag: 'wx' });
    }
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(`${folder}: ${reasonOf(error)}`);
  }
  return { folder, files: Object.keys(FIRST_BOOK) };
}

const SHOWN_MAX = 3;

function takenLine(folder: string, found: readonly string[]): string {
  const shown = found.slice(0, SHOWN_MAX).join(', ');
  const more = found.length > SHOWN_MAX ? ', …' : '';
  return `${folder}: is not empty (${shown}${more}), and nothing is overwritten: name a new folder`;
}

const writtenLines = ({ folder, files }: Written): string =>
  [`wrote ${files.join(', ')} to ${folder}`, `next: margin load ${folder} --dry-run`].join('\n');
