/** The rows of a sub-account after fills that close parts of it, in one pass over the rows. */
import type { Balance, Position, SubAccount } from '../book/account.ts';
import { filledRow } from '../book/fill-effect.ts';
import { credited } from '../book/trade.ts';
import {
  absolute,
  add,
  countAt,
  isNegative,
  isZero,
  NO_QUANTITY,
  negate,
  type Price,
  type Quantity,
  smaller,
  subtract,
  times,
} from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Closable } from './closable.ts';
import { type Closed, type FilledAt, priceOf } from './closed.ts';

/** Units by asset; below zero: paid. */
export type Earned = ReadonlyMap<string, Quantity>;

export const NOTHING_EARNED: Earned = new Map();

export interface Filled {
  readonly positions: readonly Position[];
  readonly earned: Earned;
}

export interface FillInput {
  readonly closed: Closed;
  readonly at: FilledAt;
  readonly snapshot: Snapshot;
}

/** An order whose rows are not all filled yet. */
interface OpenOrder {
  readonly side: Closable['side'];
  readonly price: Price;
  left: Quantity;
}

/** The rows of one instrument are closed in their order. */
export function filled(
  { positions }: Pick<SubAccount, 'positions'>,
  { closed, at, snapshot }: FillInput,
): Filled {
  const earned = new Map<string, Quantity>();
  const orders = new Map<string, OpenOrder[]>();
  for (const [closable, quantity] of closed) {
    if (isZero(quantity)) continue;
    const { kind, market, side } = closable;
    const price = priceOf(closable, quantity, at);
    if (kind === 'position') {
      const before = orders.get(market) ?? [];
      orders.set(market, [...before, { side, price, left: quantity }]);
      continue;
    }
    const bought = side === 'buy' ? quantity : negate(quantity);
    earn(earned, { asset: market, amount: bought });
    const paid = negate(times(bought, countAt(price)));
    earn(earned, { asset: snapshot.policy.numeraire, amount: paid });
  }
  if (orders.size === 0) return { positions, earned };
  const after = positions.map((row) => {
    const open = orders.get(row.instrument);
    return open === undefined ? row : open.reduce(closeRow({ earned, snapshot }), row);
  });
  return { positions: after, earned };
}

const closeRow =
  ({ earned, snapshot }: { readonly earned: Map<string, Quantity>; readonly snapshot: Snapshot }) =>
  (row: Position, order: OpenOrder): Position => {
    if (isZero(order.left) || !isReducing(row, order)) return row;
    const part = smaller(order.left, absolute(row.quantity));
    order.left = subtract(order.left, part);
    const terms = snapshot.instruments.get(row.instrument);
    if (!terms?.ok || terms.value.kind === 'settled') {
      throw new Error(`${row.instrument}: a held quantity cannot be traded`);
    }
    const fill = { bought: order.side === 'buy' ? part : negate(part), price: order.price };
    const { asOf } = snapshot;
    const result = filledRow(row, fill, { terms: terms.value, asOf });
    earn(earned, result.earned);
    return result.after;
  };

const isReducing = ({ quantity }: Position, { side }: OpenOrder): boolean =>
  !isZero(quantity) && isNegative(quantity) === (side === 'buy');

function earn(earned: Map<string, Quantity>, { asset, amount }: Balance): void {
  earned.set(asset, add(earned.get(asset) ?? NO_QUANTITY, amount));
}

export function withEarned(subAccount: SubAccount, earned: Earned, snapshot: Snapshot): SubAccount {
  let after = subAccount;
  for (const [asset, amount] of earned) after = credited(after, { asset, amount }, snapshot);
  return after;
}

export function addEarned(left: Earned, right: Earned): Earned {
  if (left.size === 0) return right;
  if (right.size === 0) return left;
  const sum = new Map(left);
  for (const [asset, amount] of right) earn(sum, { asset, amount });
  return sum;
}
