/**
 * A share β of what an account owes, by which a liquidation goes beyond κ·MM:
 *
 *     B − β·Σ losses ≥ κ·MM + LB + β·(Σ notional of positions + Σ loans).
 *
 * Losses are those of the instruments before the plan: closing turns them into cash, and does not
 * undo them.
 */

import type { SubAccount } from '../book/account.ts';
import { arrange } from '../book/arrange.ts';
import type { Book, NetPosition } from '../book/book.ts';
import { linearNotional } from '../book/linear-requirement.ts';
import { profitLine } from '../book/position-contribution.ts';
import { Reasons } from '../book/reasons.ts';
import { heightOf } from '../curve/curve.ts';
import {
  type Amount,
  absolute,
  add,
  isNegative,
  NO_AMOUNT,
  negate,
  ONE,
  sumOf,
  worth,
  worthOf,
} from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** At the marks, without a debt in the numeraire. */
export function liabilitiesOf({ positions, holdings }: Book): Amount {
  const owed = holdings.map(({ terms, amount }) =>
    isNegative(amount) ? worth(absolute(amount), terms.price) : NO_AMOUNT,
  );
  return sumOf([...positions.map(liabilityOf), ...owed]);
}

/** A long option owes nothing, a short one its value. */
function liabilityOf(position: NetPosition): Amount {
  const { terms, quantity } = position;
  const contracts = absolute(quantity);
  if (terms.kind === 'linear') return linearNotional(position, terms, contracts);
  return isNegative(quantity) ? worthOf(contracts, terms.contractValue) : NO_AMOUNT;
}

/** Of the instruments that have one, by all of their rows; not negative. */
export function lossesOf(subAccount: SubAccount, snapshot: Snapshot): Amount {
  const profits = new Map<string, Amount>();
  for (const { terms, ...position } of arrange(subAccount, snapshot, new Reasons()).positions) {
    if (terms.kind !== 'linear') continue;
    const profit = heightOf(profitLine({ ...position, terms }, terms), ONE);
    profits.set(terms.instrument, add(profits.get(terms.instrument) ?? NO_AMOUNT, profit));
  }
  return sumOf(
    [...profits.values()].filter((profit) => isNegative(profit)).map((loss) => negate(loss)),
  );
}
