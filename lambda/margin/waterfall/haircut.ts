/**
 * A loss borne by all accounts with equity above 0, pro rata to it, exact to the last place:
 *
 *     share_i = ⌊L·C_i/C_n⌋ − ⌊L·C_{i−1}/C_n⌋,   C_i = E_1 + … + E_i
 *
 * by account id, with E rounded down to that place. The shares add up to L, and none is above E_i
 * while L ≤ C_n; the loss beyond is not shared.
 */
import {
  type Amount,
  add,
  amount,
  divide,
  isPositive,
  NO_AMOUNT,
  type Ratio,
  ratioBetween,
  roundDown,
  smaller,
  subtract,
  sumOf,
  times,
  ZERO,
} from '../number/decimal.ts';

export interface Bearer {
  readonly accountId: string;
  readonly equity: Amount;
}

export interface Share {
  readonly accountId: string;
  readonly amount: Amount;
}

export interface Haircut {
  /** The loss, or all equity if that is less. */
  readonly amount: Amount;
  /** `amount` ÷ Σ equity. */
  readonly fraction: Ratio;
  /** Only those above 0. */
  readonly shares: readonly Share[];
}

const ONE_UNIT = amount('1');

/** @param places of the loss, which is already rounded. */
export function haircut(loss: Amount, bearers: readonly Bearer[], places: number): Haircut {
  const bearing = bearers
    .map(({ accountId, equity }) => ({ accountId, equity: roundDown(equity, places) }))
    .filter(({ equity }) => isPositive(equity))
    .sort(byAccount);
  const total = sumOf(bearing.map(({ equity }) => equity));
  const shared = smaller(loss, total);
  if (!isPositive(shared)) return { amount: NO_AMOUNT, fraction: ZERO, shares: [] };
  const upTo = upToOf(shared, { total, places });
  let cumulated = NO_AMOUNT;
  const shares = bearing.map(({ accountId, equity }, index): Share => {
    const before = index === 0 ? NO_AMOUNT : upTo(cumulated);
    cumulated = add(cumulated, equity);
    const until = index === bearing.length - 1 ? shared : upTo(cumulated);
    return { accountId, amount: subtract(until, before) };
  });
  return {
    amount: shared,
    fraction: ratioBetween(shared, total),
    shares: shares.filter((share) => isPositive(share.amount)),
  };
}

/** Multiplies before dividing, so that a third of 3 is 1. */
function upToOf(loss: Amount, of: { readonly total: Amount; readonly places: number }) {
  const total = ratioBetween(of.total, ONE_UNIT);
  return (cumulated: Amount): Amount =>
    roundDown(divide(times(loss, ratioBetween(cumulated, ONE_UNIT)), total), of.places);
}

const byAccount = (left: Bearer, right: Bearer): number =>
  left.accountId < right.accountId ? -1 : 1;
