/**
 * The claims of one case against the insurance fund: its whole shortfall, and nothing twice.
 *
 *     shortfall above covered    claims shortfall − covered, then covered = shortfall
 *     shortfall below covered    covered = shortfall: the venue has credited a claim,
 *                                or the owner has paid
 */
import {
  type Amount,
  add,
  isAbove,
  isPositive,
  larger,
  NO_AMOUNT,
  negate,
  roundDown,
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
  /** Number of the last claim. */
  readonly claims: number;
  /** Claimed part of the shortfall. */
  readonly covered: Amount;
  /** Not known to be paid, oldest first. */
  readonly unpaid: readonly Claim[];
}

export const NO_FUND_CLAIMS: FundClaims = { claims: 0, covered: NO_AMOUNT, unpaid: [] };

/** In whole places: what is less than one is not claimed. */
export const shortfallOf = (equity: Amount, places: number): Amount =>
  roundDown(larger(negate(equity), NO_AMOUNT), places);

/**
 * Caps the claimed amount at the current shortfall, oldest claims first: one that has been paid is
 * the one that was credited.
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
