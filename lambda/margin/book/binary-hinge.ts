/**
 * A binary contract is worth between nothing and its payout P. A long may lose its price, a short
 * what is left to the payout:
 *
 *     notional = q·c·mark if long, |q|·c·max(P − mark, 0) if short.
 *
 * The outcome of its open orders that requires more counts.
 */

import type { Line } from '../curve/curve.ts';
import { type Hinge, hingeOf } from '../curve/hinge-part.ts';
import type { Schedule, Tier } from '../market/schedule.ts';
import {
  type Amount,
  countOf,
  isNegative,
  NO_AMOUNT,
  negate,
  type Quantity,
  subtract,
  subtractUp,
  timesUp,
  worthOfUp,
} from '../number/decimal.ts';

/** Contracts, with all open orders of one side filled; at least 0. */
export interface Outcomes {
  readonly long: Quantity;
  readonly short: Quantity;
}

export interface BinaryContract {
  /** Of one contract, in the numeraire, at the mark. */
  readonly value: Amount;
  readonly payout: Amount;
}

interface Side {
  readonly contracts: Quantity;
  readonly schedule: Schedule;
}

export function binaryHinges(
  { value, payout }: BinaryContract,
  sides: { readonly long: Side; readonly short: Side },
): Hinge[] {
  return (['initial', 'maintenance'] as const).map((kind) => {
    const { long, short } = sides;
    const gained = { constant: NO_AMOUNT, slope: worthOfUp(long.contracts, value) };
    const left = {
      constant: worthOfUp(short.contracts, payout),
      slope: negate(worthOfUp(short.contracts, value)),
    };
    return hingeOf(kind, [
      ...long.schedule.map((tier) => requiredOf(tier, kind, gained)),
      ...short.schedule.map((tier) => requiredOf(tier, kind, left)),
    ]);
  });
}

/** A schedule is the largest of its tiers' lines. */
function requiredOf(tier: Tier, kind: 'initial' | 'maintenance', notional: Line): Line {
  const rate = tier[kind];
  const deduction = tier[`${kind}Deduction`];
  return {
    constant: subtractUp(timesUp(notional.constant, rate), deduction),
    slope: timesUp(notional.slope, rate),
  };
}

/** In the numeraire, at the mark. */
export function binaryNotional({ value, payout }: BinaryContract, contracts: Quantity): Amount {
  const held = countOf(contracts);
  if (!isNegative(contracts)) return timesUp(value, held);
  const left = subtract(payout, value);
  return isNegative(left) ? NO_AMOUNT : timesUp(left, negate(held));
}
