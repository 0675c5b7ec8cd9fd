import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { InputError, reasonOf } from '../cli/input.ts';
import { readCsv } from './csv.ts';
import { readJsonRows } from './json.ts';
import { isKindName, KIND_NAMES, KINDS, type KindName, keyNamesOf } from './kinds.ts';
import { readRow } from './read-row.ts';
import type { SourceRow } from './source-row.ts';

export interface BookRow {
  readonly kind: KindName;
  readonly place: string;
  readonly row: RawRow;
}

export interface BookReading {
  /** In writing order. */
  readonly rows: readonly BookRow[];
  /** One per refused row or file. */
  readonly faults: readonly string[];
  /** One per account whose good rows are held back because it has a bad one. */
  readonly heldBack: readonly string[];
}

/** @throws InputError when nothing can be loaded, or a file cannot be read at all. */
export async function readBook(directory: string, now: number): Promise<BookReading> {
  const book = new BookReader(now);
  const names = await namesIn(directory);
  const known = names.filter((name) => isKnown(name));
  const faults = names.filter((name) => !isKnown(name)).map(unknownFile);
  for (const kind of KIND_NAMES) {
    for (const name of known.filter((each) => kindIn(each) === kind)) {
      book.readFile(kind, name, await textOf(join(directory, name)));
    }
  }
  return book.finish(faults);
}

async function namesIn(directory: string): Promise<string[]> {
  const all = await readdir(directory).catch((error) => {
    throw new InputError(`${directory}: ${reasonOf(error)}`);
  });
  const names = all.filter((name) => !name.startsWith('.') && name !== README).sort();
  if (names.length > 0) return names;
  throw new InputError(`${directory}: nothing to load; ${KNOWN_FILES}`);
}

/** For people, as `margin init` writes one. */
const README = 'README.md';

const KNOWN_FILES = `the files may be ${KIND_NAMES.join(', ')}, each .csv or .json`;

const kindIn = (file: string): string => file.slice(0, -extname(file).length);

const isKnown = (file: string): boolean => /\.(csv|json)$/.test(file) && isKindName(kindIn(file));

const unknownFile = (file: string): string => `${file}: unknown file; ${KNOWN_FILES}`;

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
}

class BookReader {
  private readonly now: number;
  private readonly rows = new Map<string, BookRow>();
  /** Keys that occur twice: neither row is loaded. */
  private readonly doubled = new Set<string>();
  private readonly badAccounts = new Set<unknown>();
  private readonly faults: string[] = [];

  constructor(now: number) {
    this.now = now;
  }

  readFile(kind: KindName, file: string, text: string): void {
    const read = file.endsWith('.csv') ? readCsv : readJsonRows;
    for (const source of read(text, file, KINDS[kind])) this.readSource(kind, source);
  }

  private readSource(kind: KindName, { place, content }: SourceRow): void {
    if ('fault' in content) {
      this.refuse(place, content.fault, content.accountId);
      return;
    }
    const reading = readRow(content.row, KINDS[kind], this.now);
    if (reading.ok) this.keep({ kind, place, row: reading.row });
    else this.refuse(place, reading.fault, content.row.accountId);
  }

  private keep(bookRow: BookRow): void {
    const { kind, place, row } = bookRow;
    const key = keyNamesOf(KINDS[kind])
      .map((name) => row[name])
      .join('/');
    const name = `${KINDS[kind].table} ${key}`;
    const first = this.rows.get(name);
    if (first === undefined) this.rows.set(name, bookRow);
    else {
      this.doubled.add(name);
      this.refuse(place, `is the same row as ${first.place}: ${key}`, row.accountId);
    }
  }

  private refuse(place: string, fault: string, accountId?: unknown): void {
    this.faults.push(`${place}: ${fault}`);
    if (accountId !== undefined) this.badAccounts.add(accountId);
  }

  /** Loads an account whole or not at all: without its hedge it would be liquidated. */
  finish(fileFaults: readonly string[]): BookReading {
    const rows = [...this.rows].flatMap(([name, row]) => (this.doubled.has(name) ? [] : [row]));
    const isHeld = ({ row }: BookRow) => this.badAccounts.has(row.accountId);
    const counts = new Map<unknown, number>();
    for (const { row } of rows.filter(isHeld)) {
      counts.set(row.accountId, (counts.get(row.accountId) ?? 0) + 1);
    }
    return {
      rows: rows.filter((row) => !isHeld(row)),
      faults: [...fileFaults, ...this.faults],
      heldBack: [...counts].map(([accountId, count]) => heldBackLine(String(accountId), count)),
    };
  }
}

const heldBackLine = (accountId: string, count: number): string =>
  `account ${accountId}: its other ${count === 1 ? 'row is' : `${count} rows are`} not loaded ` +
  'either, so that the account is not assessed in part';
