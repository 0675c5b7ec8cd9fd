/** The worker's side: reads the accounts that it is asked for, and says nothing about them. */
import type { AccountsTable } from '../aws/accounts-table.ts';
import {
  ANSWER_BYTES_MAX,
  type Answer,
  FORMAT,
  readQuestion,
  writeAccount,
  writeRows,
} from '../aws/worker-answer.ts';
import { inParallel } from '../outbox/parallel.ts';

/** For writing the answer. */
const RESERVE_MS = 1_000;
/** Rows compress to less than a fifth; what does not fit is left to the check. */
const ROWS_BYTES_MAX = 5 * ANSWER_BYTES_MAX;

export interface ReaderResources {
  readonly accounts: Pick<AccountsTable, 'read'>;
  /** Milliseconds until the function is stopped. */
  readonly timeLeft: () => number;
}

/**
 * Accounts that cannot be read now, or do not fit into an answer, are left out.
 * @throws Error unless it is a question of this version
 */
export async function readPart(
  event: unknown,
  { accounts, timeLeft }: ReaderResources,
): Promise<Answer> {
  const { part, accountIds } = readQuestion(event);
  let bytes = 0;
  const texts = await inParallel(accountIds, async (accountId): Promise<string[]> => {
    if (timeLeft() < RESERVE_MS || bytes > ROWS_BYTES_MAX) return [];
    try {
      const text = writeAccount(await accounts.read(accountId));
      bytes += text.length;
      return [text];
    } catch {
      // The check reads it by itself, and names the failure if it stays.
      return [];
    }
  });
  return { format: FORMAT, part, rows: fitting(texts.flat()) };
}

function fitting(texts: readonly string[]): string {
  for (let count = texts.length; ; count = Math.floor(count / 2)) {
    const rows = writeRows(texts.slice(0, count));
    if (count === 0 || rows.length <= ANSWER_BYTES_MAX) return rows;
  }
}
