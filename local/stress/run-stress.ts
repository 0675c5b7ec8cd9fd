/** A book under common moves: the figures of each move, and what a fund is enough for. */

import { subAccounts } from '../../lambda/margin/book/account.ts';
import type { Amount, Ratio } from '../../lambda/margin/number/decimal.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { Stress } from '../analysis/stress/stress.ts';
import type { StressBook } from './book.ts';
import { type StressResult, stressResult } from './result.ts';

export interface StressInput {
  readonly book: StressBook;
  /** Rising. */
  readonly moves: readonly Ratio[];
  /** What the insurance fund holds, in the numeraire. */
  readonly fund?: Amount | undefined;
  /** Whether to say every move at which the bad debt bends. */
  readonly hasKinks?: boolean | undefined;
}

export async function runStress({ book, ...asked }: StressInput): Promise<StressResult> {
  const stress = new Stress(book.market, asked.moves);
  let accounts = 0;
  for await (const lot of book.accounts) {
    accounts += lot.length;
    for (const account of lot) addAccount(stress, account);
  }
  const { asOf, market } = book.market;
  return stressResult(stress, { ...asked, accounts, asOf, policy: market.policy });
}

/** One that cannot be read is counted and named, as what it holds is not known. */
function addAccount(stress: Stress, { accountId, rows }: AccountRows): void {
  const read = readAccount(accountId, rows);
  if (!read.ok) stress.leaveOut({ accountId }, read.reasons);
  else for (const subAccount of subAccounts(read.account)) stress.add(subAccount);
}
