/**
 * The second strong read before a plan, a second after the first: rows that have changed in between
 * may be half of a change. The accounts of a lot wait together, and only as long as is left.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AccountsTable } from '../aws/accounts-table.ts';
import type { Stopwatch } from '../aws/stopwatch.ts';
import type { CaseSubject } from '../outbox/case-subject.ts';
import { inParallel } from '../outbox/parallel.ts';
import type { AccountRows, RawRow } from '../rows/raw-row.ts';
import type { QueuedSubject } from './liquidation-queue.ts';

/** A writer is through with a few rows in less. */
const BETWEEN_READS_MS = 1_000;

type Reread = AccountRows | { readonly error: unknown };

export interface SecondReading {
  readonly accounts: AccountsTable;
  readonly stopwatch: Stopwatch;
}

/** The lot, to be decided with what the second read has found. */
export async function readAgain(
  lot: readonly QueuedSubject[],
  { accounts, stopwatch }: SecondReading,
): Promise<CaseSubject[]> {
  await waitUntil(Math.max(...lot.map(({ readAt }) => readAt)) + BETWEEN_READS_MS, stopwatch);
  const ids = [...new Set(lot.map(({ account }) => account.accountId))];
  const reread = new Map(
    await inParallel(ids, async (id) => [id, await rowsOf(id, accounts)] as const),
  );
  const isEqual = new Map<AccountRows, boolean>();
  for (const { account } of lot) {
    const found = reread.get(account.accountId);
    if (isEqual.has(account) || found === undefined || 'error' in found) continue;
    isEqual.set(account, haveEqualRows(account, found));
  }
  return lot.map((subject) => {
    if (isEqual.get(subject.account)) return subject;
    return decidedWith(subject, reread.get(subject.account.accountId));
  });
}

async function waitUntil(time: number, { now, wait }: Stopwatch): Promise<void> {
  const left = time - now();
  if (left > 0) await wait(left);
}

async function rowsOf(accountId: string, accounts: AccountsTable): Promise<Reread> {
  try {
    return await accounts.read(accountId);
  } catch (error) {
    return { error };
  }
}

function decidedWith(subject: QueuedSubject, found: Reread | undefined): CaseSubject {
  if (found === undefined || 'error' in found) {
    const fail = () => {
      throw found?.error;
    };
    return { ...subject, decide: fail };
  }
  return { ...subject, decide: (stored) => subject.decide(stored, found) };
}

const haveEqualRows = (first: AccountRows, second: AccountRows): boolean =>
  isDeepStrictEqual(first.rows.map(held), second.rows.map(held));

/** Without the writer's own attributes, and without when an amount was seen at its location. */
const held = (row: RawRow): RawRow =>
  Object.fromEntries(
    Object.entries(row).filter(([name]) => name !== 'observedAt' && !name.startsWith('_')),
  );
