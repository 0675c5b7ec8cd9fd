/**
 * What a case has claimed of the insurance fund: as much as its shortfall, and never the same twice.
 *
 *     excess = shortfall − covered   is claimed anew, and then covered = shortfall
 *     covered = min(covered, shortfall)   when the shortfall has fallen: the venue has credited what
 *                                         was claimed, or the owner has paid
 *
 * so that a loss that comes after is claimed for itself.
 */
import {
  type Amount,
  add,
  isAbove,
  isPositive,
  larger,
  NO_AMOUNT,
  negate,
  roundUp,
  smaller,
  subtract,
} from '../number/decimal.ts';
import { UNPAID_CLAIMS_MAX } from '../number/limits.ts';

export interface Claim {
  readonly claimId: string;
  readonly amount: Amount;
  readonly claimedAt: number;
}

export interface FundClaims {
  /** How many claims the case has made: the number of the last. */
  readonly claims: number;
  /** Of the shortfall, what has been claimed. */
  readonly covered: Amount;
  /** Not yet known to be settled, oldest first. */
  readonly unpaid: readonly Claim[];
}

export const NO_FUND_CLAIMS: FundClaims = { claims: 0, covered: NO_AMOUNT, unpaid: [] };

/** −equity, rounded up; nought where there is equity. */
export const shortfallOf = (equity: Amount, places: number): Amount =>
  roundUp(larger(negate(equity), NO_AMOUNT), places);

/**
 * Of what the shortfall has fallen by, the oldest claims are the first to be dropped: where one of
 * them is settled already, it was the one to be credited.
 */
export function capClaims(fundClaims: FundClaims, shortfall: Amount): FundClaims {
  if (!isAbove(fundClaims.covered, shortfall)) return fundClaims;
  let fall = subtract(fundClaims.covered, shortfall);
  const unpaid = fundClaims.unpaid.map((claim) => {
    const dropped = smaller(claim.amount, fall);
    fall = subtract(fall, dropped);
    return { ...claim, amount: subtract(claim.amount, dropped) };
  });
  const wanted = unpaid.filter(({ amount }) => isPositive(amount));
  return { ...fundClaims, covered: shortfall, unpaid: wanted };
}

export interface ClaimInput {
  readonly caseId: string;
  readonly shortfall: Amount;
  readonly asOf: number;
}

/** Claims what exceeds the cover; a case whose claims are not settled for long waits with more. */
export function claimShortfall(
  fundClaims: FundClaims,
  { caseId, shortfall, asOf }: ClaimInput,
): FundClaims {
  const amount = subtract(shortfall, fundClaims.covered);
  if (!isPositive(amount) || fundClaims.unpaid.length >= UNPAID_CLAIMS_MAX) return fundClaims;
  const claims = fundClaims.claims + 1;
  const claim = { claimId: `${caseId}/claim#${claims}`, amount, claimedAt: asOf };
  const covered = add(fundClaims.covered, amount);
  return { claims, covered, unpaid: [...fundClaims.unpaid, claim] };
}
