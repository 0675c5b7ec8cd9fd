/** Claims against the insurance fund, in order: each draws what is there, down to nought. */
import { type Amount, add, NO_AMOUNT, smaller, subtract } from '../number/decimal.ts';

export interface Drawn<C> {
  readonly claim: C;
  /** min(balance, amount) */
  readonly drawn: Amount;
  /** Of the claim, what the fund could not pay. */
  readonly rest: Amount;
}

export interface Draws<C> {
  readonly draws: readonly Drawn<C>[];
  readonly rest: Amount;
}

/** @param balance what may be drawn, not below 0. */
export function drawFrom<C extends { readonly amount: Amount }>(
  balance: Amount,
  claims: readonly C[],
): Draws<C> {
  let left = balance;
  let rest = NO_AMOUNT;
  const draws = claims.map((claim): Drawn<C> => {
    const drawn = smaller(left, claim.amount);
    const uncovered = subtract(claim.amount, drawn);
    left = subtract(left, drawn);
    rest = add(rest, uncovered);
    return { claim, drawn, rest: uncovered };
  });
  return { draws, rest };
}

export interface Claimant {
  readonly claimId: string;
  readonly claimedAt: number;
}

/** The oldest claim first, then by its id, which begins with the account. */
export const oldestFirst = (left: Claimant, right: Claimant): number =>
  left.claimedAt - right.claimedAt || (left.claimId < right.claimId ? -1 : 1);
