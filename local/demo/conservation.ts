/**
 * Totals that no booking may change: the accounts' cash, less the cost of their positions, plus the
 * other side's cash; contracts and units, including the market makers'. Then nothing is lost at any
 * price.
 */
import {
  type Amount,
  add,
  amount,
  NO_AMOUNT,
  NO_QUANTITY,
  price,
  type Quantity,
  quantity,
  subtract,
  textOf,
  unitsOf,
  worth,
} from '../../lambda/margin/number/decimal.ts';
import type { AccountRow } from '../aws/rows.ts';
import type { Clearing } from './clearing.ts';
import { quantityOf } from './ledger.ts';

export interface Holdings {
  readonly rows: readonly AccountRow[];
  readonly clearing: Clearing;
}

/** Exact decimal texts by `cash`, `instrument/<name>` and `asset/<name>`. */
export function totalsOf(
  { rows, clearing }: Holdings,
  contractSizeOf: (instrument: string) => string,
): Map<string, string> {
  let cash = Object.values(clearing.cash).reduce<Amount>(add, NO_AMOUNT);
  const units = new Map<string, Quantity>(clearing.made);
  const count = (name: string, held: Quantity) =>
    units.set(name, add(units.get(name) ?? NO_QUANTITY, held));
  for (const row of rows) {
    if (row.asset === 'USD') cash = add(cash, amount(String(row.amount)));
    else if (row.asset !== undefined) count(`asset/${row.asset}`, quantityOf(row, 'amount'));
    if (row.instrument === undefined) continue;
    const name = String(row.instrument);
    const held = quantityOf(row, 'quantity');
    count(`instrument/${name}`, held);
    const cost = worth(
      unitsOf(held, quantity(contractSizeOf(name))),
      price(String(row.entryPrice)),
    );
    cash = add(subtract(cash, cost), amount(String(row.isolatedMargin ?? '0')));
  }
  const totals = [...units].map(([name, held]) => [name, textOf(held)] as const);
  return new Map([['cash', textOf(cash)], ...totals]);
}

export function unbalanced(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => (before.get(name) ?? '0') !== (after.get(name) ?? '0'));
}
