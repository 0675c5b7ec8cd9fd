/**
 * The order of liquidations: first accounts that have waited too long for capacity, the longest
 * first; then the worst, by
 *
 *     surplus over the liquidation line ÷ liquidation line,
 *
 * then the larger notional; then by name, so that the scan does not decide. At a line of 0 a
 * negative surplus is the worst of all.
 */
import type { SubAccount } from '../book/account.ts';
import type { Policy } from '../market/policy.ts';
import {
  type Amount,
  absolute,
  approximately,
  compare,
  compareShares,
  isNegative,
  isZero,
  NO_AMOUNT,
  sumOf,
  worthOf,
} from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

export interface Rank {
  /** The account, or its isolated position. */
  readonly key: string;
  /** Over the line, at the quoted prices. */
  readonly surplus: Amount;
  /** ℓ·MM + LB */
  readonly line: Amount;
  readonly notional: Amount;
  /** Epoch ms since which its orders have not fitted. */
  readonly waitingSince?: number | undefined;
}

export interface RankedAt {
  readonly asOf: number;
  readonly policy: Pick<Policy, 'liquidationWaitSeconds'>;
}

export function worstFirst<R extends Rank>(queued: readonly R[], at: RankedAt): R[] {
  return queued
    .map((rank) => ({ rank, overdueSince: overdueSince(rank, at), near: nearShare(rank) }))
    .sort(byUrgency)
    .map(({ rank }) => rank);
}

function overdueSince({ waitingSince }: Rank, { asOf, policy }: RankedAt): number {
  if (waitingSince === undefined) return Number.POSITIVE_INFINITY;
  const isOverdue = asOf - waitingSince > policy.liquidationWaitSeconds * 1000;
  return isOverdue ? waitingSince : Number.POSITIVE_INFINITY;
}

interface Placed {
  readonly rank: Rank;
  readonly overdueSince: number;
  /** Surplus ÷ line in float64, for all but near ties. */
  readonly near: number;
}

function byUrgency(left: Placed, right: Placed): number {
  if (left.overdueSince !== right.overdueSince) return left.overdueSince - right.overdueSince;
  return (
    compareSurplus(left, right) ||
    compare(right.rank.notional, left.rank.notional) ||
    (left.rank.key < right.rank.key ? -1 : 1)
  );
}

function nearShare({ surplus, line }: Rank): number {
  if (!isZero(line)) return approximately(surplus) / approximately(line);
  return isNegative(surplus) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Many times the float64 error of a quotient. */
const CLEARLY = 1e-12;

function compareSurplus(left: Placed, right: Placed): number {
  if (left.near === right.near && !Number.isFinite(left.near)) return 0;
  const size = Math.max(Math.abs(left.near), Math.abs(right.near));
  const difference = left.near - right.near;
  if (!Number.isFinite(size) || Math.abs(difference) > CLEARLY * size) return Math.sign(difference);
  const shareOf = ({ rank }: Placed) => ({ part: rank.surplus, whole: rank.line });
  return compareShares(shareOf(left), shareOf(right));
}

/** Σ |notional| at the marks; an option counts with its value. */
export function positionsNotional(
  { positions }: Pick<SubAccount, 'positions'>,
  { instruments }: Pick<Snapshot, 'instruments'>,
): Amount {
  const notionals = positions.map(({ instrument, quantity }) => {
    const terms = instruments.get(instrument);
    return terms?.ok ? worthOf(absolute(quantity), terms.value.contractValue) : NO_AMOUNT;
  });
  return sumOf(notionals);
}
