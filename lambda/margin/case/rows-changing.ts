/**
 * Rows in the middle of a change say nothing about the account: between two writes of a transfer it
 * may look bankrupt. A plan waits for them, and its case stays as it is; but not for longer than the
 * policy allows, because a writer may have died, and an account that trades all the time is never at
 * rest.
 */
import type { Policy } from '../market/policy.ts';
import type { Reason } from '../number/reason.ts';
import type { CaseState } from './case.ts';

/** The profile says so, or two strong reads differ. */
export type RowsChanging = 'marked' | 'different';

interface At {
  readonly asOf: number;
  readonly policy: Policy;
  readonly rowsChanging?: RowsChanging | undefined;
}

/** Whether a plan that is due waits for its account's rows. */
export function waitsForRows(
  { changingSince }: CaseState,
  { asOf, policy, rowsChanging }: At,
): boolean {
  if (rowsChanging === undefined) return false;
  return asOf - (changingSince ?? asOf) < policy.changingTimeoutSeconds * 1000;
}

/**
 * Kept until a due plan finds the rows at rest, or none is needed any more: checks between two
 * generations of a plan do not read twice, so they do not end the time.
 * @param isWanted whether a plan is due, if the rows were at rest
 */
export function changingSince(
  { changingSince: since, open }: CaseState,
  { asOf, rowsChanging, isWanted }: At & { readonly isWanted: boolean },
): number | undefined {
  if (!isWanted) return open?.level === 'liquidation' ? since : undefined;
  return rowsChanging === undefined ? undefined : (since ?? asOf);
}

const SEEN = {
  marked: 'its profile says changing: true',
  different: 'two reads of its rows, a second apart, differ',
} as const;

export const rowsChangingReason = (
  subject: string,
  { rowsChanging, policy }: At & { readonly rowsChanging: RowsChanging },
): Reason => ({
  code: 'rows-changing',
  subject,
  detail:
    `the account is in the middle of a change: ${SEEN[rowsChanging]}; its plan waits for the ` +
    `next check, at most ${policy.changingTimeoutSeconds} s`,
});
