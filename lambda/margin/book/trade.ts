/**
 * A sub-account after a hypothetical trade, filled without fees or resting as an open order. A
 * trade at the mark leaves the equity unchanged. Settles accrued funding and interest first.
 */

import {
  add,
  countAt,
  isNegative,
  isZero,
  NO_QUANTITY,
  negate,
  type Price,
  type Quantity,
  times,
  UNIT_PRICE,
} from '../number/decimal.ts';
import { find, known, type Result, unknown } from '../number/reason.ts';
import type { AssetTerms } from '../snapshot/asset-terms.ts';
import type { LinearTerms, OptionTerms } from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Balance, Position, SubAccount } from './account.ts';
import { withInterest } from './accrual.ts';
import { hasAssetOrders } from './asset-orders.ts';
import { filledRow, markOf } from './fill-effect.ts';

interface Traded {
  readonly side: 'buy' | 'sell';
  /** Above zero. */
  readonly quantity: Quantity;
  /** Absent: the mark. */
  readonly price?: Price | undefined;
}

/** `price` is in the unit of the instrument's mark. */
export interface InstrumentOrder extends Traded {
  readonly kind: 'instrument';
  readonly instrument: string;
  readonly label?: string | undefined;
  readonly isOpen: boolean;
}

/** Paid for in the numeraire. */
export interface SpotOrder extends Traded {
  readonly kind: 'spot';
  readonly asset: string;
}

/** A trade of an instrument, or of an asset against the numeraire. */
export type TradeOrder = InstrumentOrder | SpotOrder;

/** The result of an order. */
export interface Trade {
  readonly after: SubAccount;
  readonly price: Price;
}

/** The sub-account after the order, or why it cannot be traded. */
export function traded(
  subAccount: SubAccount,
  order: TradeOrder,
  snapshot: Snapshot,
): Result<Trade> {
  if (order.kind === 'spot') return spotTraded(subAccount, order, snapshot);
  const { instrument: name } = order;
  const detail = `there is no instrument ${name}`;
  const terms = find(snapshot.instruments, name, 'instrument-unknown', detail);
  if (!terms.ok) return terms;
  if (terms.value.kind === 'settled') {
    return unknown('instrument-expired', name, `${name} has expired`);
  }
  const at = order.price ?? markOf(terms.value);
  const after = order.isOpen
    ? resting(subAccount, order)
    : filled(subAccount, order, { terms: terms.value, at, snapshot });
  return known({ after, price: at });
}

function spotTraded(subAccount: SubAccount, order: SpotOrder, snapshot: Snapshot): Result<Trade> {
  const { asset } = order;
  const { numeraire } = snapshot.policy;
  if (asset === numeraire) {
    return unknown(
      'asset-unknown',
      asset,
      `${asset} is the numeraire, which pays for the orders and cannot be traded itself`,
    );
  }
  const terms = find(snapshot.assets, asset, 'asset-unknown', `there is no asset ${asset}`);
  if (!terms.ok) return terms;
  const bought = signedQuantity(order);
  const at = order.price ?? terms.value.price;
  const amount = negate(times(bought, countAt(at)));
  const held = credited(subAccount, { asset, amount: bought }, snapshot);
  return known({ after: credited(held, { asset: numeraire, amount }, snapshot), price: at });
}

const signedQuantity = ({ side, quantity: units }: Traded): Quantity =>
  side === 'buy' ? units : negate(units);

/** Changes the balance at no location, or an isolated position's margin. */
export function credited(
  subAccount: SubAccount,
  { asset, amount }: Balance,
  snapshot: Snapshot,
): SubAccount {
  if (isZero(amount)) return subAccount;
  if (subAccount.isolatedMargin !== undefined) {
    return { ...subAccount, isolatedMargin: add(subAccount.isolatedMargin, amount) };
  }
  const { balances } = subAccount;
  const isThis = (balance: Balance) => balance.asset === asset && balance.location === undefined;
  const found = balances.find(isThis);
  if (found === undefined) return { ...subAccount, balances: [...balances, { asset, amount }] };
  const settled = settledBalance(found, snapshot);
  const after = { ...settled, amount: add(settled.amount, amount) };
  return { ...subAccount, balances: balances.map((each) => (isThis(each) ? after : each)) };
}

const NO_INTEREST: Pick<AssetTerms, 'borrowRatePerHour' | 'compounding'> = {};

function settledBalance(balance: Balance, { assets, asOf }: Snapshot): Balance {
  const { amount, interestSettledAt: settledAt } = balance;
  if (settledAt === undefined) return balance;
  const terms = assets.get(balance.asset);
  const { borrowRatePerHour: ratePerHour, compounding } = terms?.ok ? terms.value : NO_INTEREST;
  if (!isNegative(amount) || ratePerHour === undefined) {
    return { ...balance, interestSettledAt: asOf };
  }
  const grown = withInterest(amount, { ratePerHour, settledAt, asOf, compounding });
  return { ...balance, amount: grown, interestSettledAt: asOf };
}

const isOf =
  ({ instrument, label }: InstrumentOrder) =>
  (position: Position): boolean =>
    position.instrument === instrument && position.label === label;

const NOTHING_OPEN = {
  openBuyQuantity: NO_QUANTITY,
  openSellQuantity: NO_QUANTITY,
  openOrderCount: 0,
};

/** Of an asset. */
const NO_ORDERS = {
  openBuyQuantity: undefined,
  openSellQuantity: undefined,
  openOrderCount: undefined,
};

/** @param isCancelled by instrument or asset; absent: all orders are */
export const withoutOrders = (
  subAccount: SubAccount,
  isCancelled: (market: string) => boolean = () => true,
): SubAccount => ({
  ...subAccount,
  positions: subAccount.positions.map((each) =>
    isCancelled(each.instrument) ? { ...each, ...NOTHING_OPEN } : each,
  ),
  balances: subAccount.balances.map((each) => {
    const hasOrders = each.openOrderCount !== undefined || hasAssetOrders(each);
    return hasOrders && isCancelled(each.asset) ? { ...each, ...NO_ORDERS } : each;
  }),
});

/** Instruments, then assets. */
export function marketsWithOrders({ positions, balances }: SubAccount): readonly string[] {
  const ordered = positions.filter(
    ({ openBuyQuantity, openSellQuantity }) =>
      !(isZero(openBuyQuantity) && isZero(openSellQuantity)),
  );
  return [
    ...new Set([
      ...ordered.map(({ instrument }) => instrument),
      ...balances.filter(hasAssetOrders).map(({ asset }) => asset),
    ]),
  ];
}

function positionFor(subAccount: SubAccount, order: InstrumentOrder): Position {
  const { instrument, label } = order;
  const entryPrice = order.price ?? UNIT_PRICE;
  const none = { instrument, label, quantity: NO_QUANTITY, entryPrice, ...NOTHING_OPEN };
  return subAccount.positions.find(isOf(order)) ?? none;
}

function replaced(subAccount: SubAccount, order: InstrumentOrder, after: Position): SubAccount {
  const { positions } = subAccount;
  const isThis = isOf(order);
  return {
    ...subAccount,
    positions: positions.some(isThis)
      ? positions.map((each) => (isThis(each) ? after : each))
      : [...positions, after],
  };
}

function resting(subAccount: SubAccount, order: InstrumentOrder): SubAccount {
  const position = positionFor(subAccount, order);
  const open = order.side === 'buy' ? 'openBuyQuantity' : 'openSellQuantity';
  return replaced(subAccount, order, {
    ...position,
    [open]: add(position[open], order.quantity),
    openOrderCount: position.openOrderCount + 1,
  });
}

interface FillContext {
  readonly terms: LinearTerms | OptionTerms;
  readonly at: Price;
  readonly snapshot: Snapshot;
}

function filled(
  subAccount: SubAccount,
  order: InstrumentOrder,
  { terms, at, snapshot }: FillContext,
): SubAccount {
  const before = positionFor(subAccount, order);
  const fill = { bought: signedQuantity(order), price: at };
  const { after, earned } = filledRow(before, fill, { terms, asOf: snapshot.asOf });
  return credited(replaced(subAccount, order, after), earned, snapshot);
}
