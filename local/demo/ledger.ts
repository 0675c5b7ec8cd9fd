/**
 * The rows of an account or isolated position during bookings. Cash goes to the USD balance, or to
 * an isolated position's own margin; a closed position returns the margin left.
 */
import {
  type Amount,
  add,
  isNegative,
  isZero,
  NO_QUANTITY,
  type Quantity,
  quantity,
  roundDown,
  subtract,
  textOf,
} from '../../lambda/margin/number/decimal.ts';
import type { AccountRow } from '../aws/rows.ts';
import { type Clearing, type ClearingAccount, cleared, NOTHING_CLEARED } from './clearing.ts';

const USD = 'balance#USD';
const CASH_PLACES = 8;

export function quantityOf(row: AccountRow, attribute: string): Quantity {
  const text = row[attribute];
  return text === undefined ? NO_QUANTITY : quantity(String(text));
}

export interface Scope {
  readonly accountId: string;
  /** Absent for the cross book. */
  readonly position?: string | undefined;
}

export class Ledger {
  clearing: Clearing = NOTHING_CLEARED;
  private readonly before: ReadonlyMap<string, AccountRow>;
  private readonly rows: Map<string, AccountRow>;
  private readonly accountId: string;
  private readonly isolated: string | undefined;

  constructor(rows: readonly AccountRow[], scope: Scope) {
    const { accountId, position } = scope;
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
    const credited = roundDown(cash, CASH_PLACES);
    this.clear('rounding', subtract(cash, credited));
    const credit = quantity(textOf(credited));
    const isolated = this.isolated === undefined ? undefined : this.rows.get(this.isolated);
    if (isolated === undefined) this.creditBalance(credit);
    else this.creditIsolated(isolated, credit);
  }

  clear(account: ClearingAccount, cash: Amount): void {
    this.clearing = cleared(this.clearing, account, cash);
  }

  private creditBalance(credit: Quantity): void {
    const { accountId } = this;
    const row = this.rows.get(USD) ?? { accountId, item: USD, asset: 'USD', amount: '0' };
    this.set({ ...row, amount: textOf(add(quantityOf(row, 'amount'), credit)) });
  }

  /** May turn negative: a deficit for the insurance fund. */
  private creditIsolated(row: AccountRow, credit: Quantity): void {
    const margin = add(quantityOf(row, 'isolatedMargin'), credit);
    this.set({ ...row, isolatedMargin: textOf(margin) });
  }

  /** Keeps an empty row whose margin is negative. */
  removeIfEmpty(item: string): void {
    const row = this.rows.get(item);
    if (row === undefined) return;
    const attributes = ['amount', 'quantity', 'openBuyQuantity', 'openSellQuantity'];
    if (!attributes.every((attribute) => isZero(quantityOf(row, attribute)))) return;
    const margin = quantityOf(row, 'isolatedMargin');
    if (isNegative(margin)) return;
    this.rows.delete(item);
    if (row.isolatedMargin !== undefined) this.creditBalance(margin);
  }

  closeIfEmpty(): void {
    if (this.isolated !== undefined) this.removeIfEmpty(this.isolated);
  }

  written(): AccountRow[] {
    return [...this.rows.values()].filter((row) => this.before.get(row.item) !== row);
  }

  removed(): AccountRow[] {
    return [...this.before.values()].filter((row) => !this.rows.has(row.item));
  }
}
