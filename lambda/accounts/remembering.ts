/**
 * Accounts in a case, or without a price, say nothing new at most checks. A check that has read one and
 * left its cases as they were remembers both, and later checks decide about it as it is remembered: by
 * the same code, with the market of then. While nothing has to be said, it is not read.
 */
import { groupBy } from '../margin/number/group-by.ts';
import { type AccountSubject, type CheckContext, caseKey, leavesAsItIs } from './account-case.ts';
import type { AssessedSubAccount } from './assess-account.ts';
import type { ProvedAccounts, RememberedAccount } from './proved-accounts.ts';

type Deciding = Pick<CheckContext, 'checkId' | 'snapshot'>;

/** Remembers the accounts among them of which every case stays as it is. @param read with their cases */
export function rememberUnchanged(
  read: readonly AccountSubject[],
  { proved, context }: { readonly proved: ProvedAccounts; readonly context: Deciding },
): void {
  for (const subjects of groupBy(read, ({ account }) => account.accountId).values()) {
    const [first] = subjects;
    const cases = new Map(
      subjects.flatMap(({ key, stored, assessed }) =>
        stored !== undefined && leavesAsItIs(assessed, stored, context) ? [[key.sk, stored]] : [],
      ),
    );
    if (first !== undefined && cases.size === subjects.length) {
      proved.remember({ account: first.account, cases });
    }
  }
}

/** Whether nobody has written a case of it since. @param listed versions of its open cases, by sort key */
export function isAsListed(
  { cases }: RememberedAccount,
  listed: ReadonlyMap<string, number | undefined> = new Map(),
): boolean {
  return (
    cases.size === listed.size &&
    [...cases].every(([sk, { version }]) => listed.get(sk) === version)
  );
}

/** @param assessed sub-accounts that are not healthy for certain, or have an open case */
export const needNoDecision = (
  assessed: readonly AssessedSubAccount[],
  { cases }: RememberedAccount,
  context: Deciding,
): boolean =>
  assessed.every((each) => {
    const stored = cases.get(caseKey(each.accountId, each.position).sk);
    return stored !== undefined && leavesAsItIs(each, stored, context);
  });
