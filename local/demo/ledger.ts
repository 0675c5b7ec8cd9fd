/**
 * The rows of one account, or of one isolated position of it, while something is booked to them.
 * Cash goes to the USD balance; an isolated position settles into its own margin, and what is left
 * of that returns to the balance when the position is closed.
 */
import {
  type Amount,
  add,
  amount,
  isNegative,
  isZero,
  NO_AMOUNT,
  NO_QUANTITY,
  negate,
  type Quantity,
  quantity,
  roundDown,
  textOf,
} from '../../lambda/margin/decimal.ts';
import type { AccountRow } from '../rows.ts';

const USD = 'balance#USD';
const CASH_PLACES = 8;

export function quantityOf(row: AccountRow, attribute: string): Quantity {
  const text = row[attribute];
  return text === undefined ? NO_QUANTITY : quantity(String(text));
}

export interface Scope {
  readonly accountId: string;
  /** The isolated position that everything is about; absent for the cross book. */
  readonly position?: string | undefined;
}

export class Ledger {
  /** Losses of an isolated position beyond its margin: the venue bears them. */
  absorbed: Amount = NO_AMOUNT;
  private readonly before: ReadonlyMap<string, AccountRow>;
  private readonly rows: Map<string, AccountRow>;
  private readonly accountId: string;
  private readonly isolated: string | undefined;

  constructor(rows: readonly AccountRow[], { accountId, position }: Scope) {
    this.before = new Map(rows.map((row) => [row.item, row]));
    this.rows = new Map(this.before);
    this.accountId = accountId;
    this.isolated = position === undefined ? undefined : `position#${position}`;
  }

  positionsIn(instrument: string): AccountRow[] {
    return [...this.rows.values()].filter((row) => {
      if (row.instrument !== instrument) return false;
      if (this.isolated !== undefined) return row.item === this.isolated;
      return row.isolatedMargin === undefined;
    });
  }

  /** Collateral and loans belong to the cross book. */
  balanceOf(asset: string): AccountRow | undefined {
    return this.isolated === undefined ? this.rows.get(`balance#${asset}`) : undefined;
  }

  set(row: AccountRow): void {
    this.rows.set(row.item, row);
  }

  receive(cash: Amount): void {
    const credit = quantity(textOf(roundDown(cash, CASH_PLACES)));
    const isolated = this.isolated === undefined ? undefined : this.rows.get(this.isolated);
    if (isolated === undefined) this.creditBalance(credit);
    else this.creditIsolated(isolated, credit);
  }

  private creditBalance(credit: Quantity): void {
    const { accountId } = this;
    const row = this.rows.get(USD) ?? { accountId, item: USD, asset: 'USD', amount: '0' };
    this.set({ ...row, amount: textOf(add(quantityOf(row, 'amount'), credit)) });
  }

  /** Margin is never below zero: what a position loses beyond it is not its owner's. */
  private creditIsolated(row: AccountRow, credit: Quantity): void {
    const margin = add(quantityOf(row, 'isolatedMargin'), credit);
    const isShort = isNegative(margin);
    if (isShort) this.absorbed = add(this.absorbed, amount(textOf(negate(margin))));
    this.set({ ...row, isolatedMargin: isShort ? '0' : textOf(margin) });
  }

  /** Removes the row of a balance or position that has come to nothing. */
  removeIfEmpty(item: string): void {
    const row = this.rows.get(item);
    if (row === undefined) return;
    const attributes = ['amount', 'quantity', 'openBuyQuantity', 'openSellQuantity'];
    if (!attributes.every((attribute) => isZero(quantityOf(row, attribute)))) return;
    this.rows.delete(item);
    if (row.isolatedMargin !== undefined) this.creditBalance(quantityOf(row, 'isolatedMargin'));
  }

  written(): AccountRow[] {
    return [...this.rows.values()].filter((row) => this.before.get(row.item) !== row);
  }

  removed(): AccountRow[] {
    return [...this.before.values()].filter((row) => !this.rows.has(row.item));
  }
}
