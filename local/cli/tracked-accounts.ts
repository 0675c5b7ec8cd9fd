import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { counted } from '../report/figures.ts';
import type { StressBook } from '../stress/book.ts';
import { startProgress } from './progress.ts';

/** The accounts, with a progress bar while they are read. */
export async function* trackedAccounts({
  accounts,
  reading,
}: Pick<StressBook, 'accounts' | 'reading'>): AsyncGenerator<readonly AccountRows[]> {
  const progress = startProgress(reading);
  let read = 0;
  const isOfAccounts = reading.unit === 'accounts';
  const advance = () =>
    progress.advance(reading.done, isOfAccounts ? 'read' : counted(read, 'account'));
  try {
    for await (const lot of accounts) {
      yield lot;
      read += lot.length;
      advance();
    }
    advance();
  } finally {
    progress.stop();
  }
}
