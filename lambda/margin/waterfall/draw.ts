/** Pays claims in order, as far as the fund's balance goes. */
import { type Amount, add, NO_AMOUNT, smaller, subtract } from '../number/decimal.ts';

export interface Drawn<C> {
  readonly claim: C;
  readonly drawn: Amount;
  readonly rest: Amount;
}

export interface Draws<C> {
  readonly draws: readonly Drawn<C>[];
  readonly rest: Amount;
}

/** @param balance not below 0. */
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

/** Ties go by id, which begins with the account. */
export const oldestFirst = (left: Claimant, right: Claimant): number =>
  left.claimedAt - right.claimedAt || (left.claimId < right.claimId ? -1 : 1);
