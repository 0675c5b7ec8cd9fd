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
import { UNSETTLED_CLAIMS_MAX } from '../number/limits.ts';

export interface Claim {
  readonly claimId: string;
  readonly amount: Amount;
  readonly claimedAt: number;
}

export interface Cover {
  /** How many claims the case has made: the number of the last. */
  readonly claims: number;
  /** Of the shortfall, what has been claimed. */
  readonly covered: Amount;
  /** Not yet known to be settled, oldest first. */
  readonly unsettled: readonly Claim[];
}

export const NO_COVER: Cover = { claims: 0, covered: NO_AMOUNT, unsettled: [] };

/** −equity, rounded up; nought where there is equity. */
export const shortfallOf = (equity: Amount, places: number): Amount =>
  roundUp(larger(negate(equity), NO_AMOUNT), places);

/**
 * Of what the shortfall has fallen by, the oldest claims are the first to be dropped: where one of
 * them is settled already, it was the one to be credited.
 */
export function coveredAtMost(cover: Cover, shortfall: Amount): Cover {
  if (!isAbove(cover.covered, shortfall)) return cover;
  let fall = subtract(cover.covered, shortfall);
  const unsettled = cover.unsettled.map((claim) => {
    const dropped = smaller(claim.amount, fall);
    fall = subtract(fall, dropped);
    return { ...claim, amount: subtract(claim.amount, dropped) };
  });
  const wanted = unsettled.filter(({ amount }) => isPositive(amount));
  return { ...cover, covered: shortfall, unsettled: wanted };
}

export interface ClaimInput {
  readonly caseId: string;
  readonly shortfall: Amount;
  readonly asOf: number;
}

/** Claims what exceeds the cover; a case whose claims are not settled for long waits with more. */
export function claimed(cover: Cover, { caseId, shortfall, asOf }: ClaimInput): Cover {
  const amount = subtract(shortfall, cover.covered);
  if (!isPositive(amount) || cover.unsettled.length >= UNSETTLED_CLAIMS_MAX) return cover;
  const claims = cover.claims + 1;
  const claim = { claimId: `${caseId}/claim#${claims}`, amount, claimedAt: asOf };
  const covered = add(cover.covered, amount);
  return { claims, covered, unsettled: [...cover.unsettled, claim] };
}
