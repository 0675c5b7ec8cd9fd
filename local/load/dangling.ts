import { setTimeout } from 'node:timers/promises';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { danglingIn, namesDefinedBy, type Reference } from '../analysis/references.ts';
import { reasonOf } from '../cli/input.ts';
import type { BookRow } from './read-book.ts';

export interface BookDangling {
  readonly dangling: readonly Reference[];
  /** Why the tables were not read. Absent if they were, or need not be. */
  readonly notRead?: string;
}

/** A dry run waits no longer for tables that it can do without. */
const WAIT_MS = 10_000;

/** @param readTable is called only if the files alone leave a name undefined */
export async function danglingInBook(
  rows: readonly BookRow[],
  readTable: () => Promise<readonly RawRow[]>,
): Promise<BookDangling> {
  const own = rows.map(({ row }) => row).filter(({ kind }) => kind !== undefined);
  const within = danglingAmong(rows, own);
  if (within.length === 0) return { dangling: [] };
  try {
    const stored = await inTime(readTable());
    return { dangling: danglingAmong(rows, [...stored, ...own]) };
  } catch (error) {
    return { dangling: within, notRead: reasonOf(error) };
  }
}

function danglingAmong(rows: readonly BookRow[], marketRows: readonly RawRow[]): Reference[] {
  const defined = namesDefinedBy(marketRows);
  return rows.flatMap(({ place, row }) =>
    danglingIn(row, defined).map((reference) => ({ ...reference, place })),
  );
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const isOver = setTimeout(WAIT_MS, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${WAIT_MS / 1000} s`);
  });
  return Promise.race([work, isOver]);
}
