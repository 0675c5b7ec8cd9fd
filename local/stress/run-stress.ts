import { subAccounts } from '../../lambda/margin/book/account.ts';
import type { Amount, Ratio } from '../../lambda/margin/number/decimal.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { readAccount } from '../../lambda/rows/read-account.ts';
import { FactorStress } from '../analysis/stress/factor-stress.ts';
import { factorsOf } from '../analysis/stress/multiples.ts';
import { Stress } from '../analysis/stress/stress.ts';
import type { StressBook } from './book.ts';
import { type FactorStressResult, factorStressResult } from './factor-result.ts';
import { type AskedFactors, movesIn } from './factors.ts';
import { type StressResult, stressResult } from './result.ts';

export interface StressInput {
  readonly book: StressBook;
  /** Ascending. */
  readonly moves: readonly Ratio[];
  /** Insurance fund, in the numeraire. */
  readonly fund?: Amount | undefined;
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

export interface FactorStressRun extends AskedFactors {
  readonly book: StressBook;
  readonly fund?: Amount | undefined;
  /** The most accounts named, per level. */
  readonly limit: number;
}

/** @throws InputError for a factor or a day that is not known */
export async function runFactorStress(run: FactorStressRun): Promise<FactorStressResult> {
  const { book, fund, day, limit } = run;
  const { market, asOf } = book.market;
  const moves = movesIn(market, run);
  const stress = new FactorStress({ input: book.market, moves, limit });
  let accounts = 0;
  for await (const lot of book.accounts) {
    accounts += lot.length;
    for (const account of lot) stress.add(account);
  }
  const { numeraire } = market.policy;
  const factors = factorsOf(market);
  return factorStressResult(stress, { accounts, asOf, numeraire, moves, factors, day, fund });
}

/** An unreadable account is still counted and named. */
function addAccount(stress: Stress, { accountId, rows }: AccountRows): void {
  const read = readAccount(accountId, rows);
  if (!read.ok) stress.leaveOut({ accountId }, read.reasons);
  else for (const subAccount of subAccounts(read.account)) stress.add(subAccount);
}
