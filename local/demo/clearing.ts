/** The other side of every booking. conservation.ts has the totals that must not change. */
import {
  type Amount,
  add,
  NO_AMOUNT,
  NO_QUANTITY,
  type Quantity,
} from '../../lambda/margin/number/decimal.ts';

/** Positive cash is a gain. */
export type ClearingAccount =
  /** Counterparties of fills. */
  | 'makers'
  | 'fees'
  /** Liquidation fees, less draws for deficits. */
  | 'fund'
  /** From booking to eight decimals. */
  | 'rounding'
  /** Bears deficits that nobody else covers. */
  | 'venue'
  /** Minus all that owners paid in. */
  | 'outside'
  /** Haircuts of accounts that share a loss. */
  | 'shared';

export interface Clearing {
  readonly cash: Readonly<Partial<Record<ClearingAccount, Amount>>>;
  /** Taken over by market makers, by `instrument/…` and `asset/…`. */
  readonly made: ReadonlyMap<string, Quantity>;
}

export const NOTHING_CLEARED: Clearing = { cash: {}, made: new Map() };

export const cashOf = ({ cash }: Clearing, account: ClearingAccount): Amount =>
  cash[account] ?? NO_AMOUNT;

export const cleared = (
  clearing: Clearing,
  account: ClearingAccount,
  amount: Amount,
): Clearing => ({
  ...clearing,
  cash: { ...clearing.cash, [account]: add(cashOf(clearing, account), amount) },
});

export const madeBy = (clearing: Clearing, market: string, taken: Quantity): Clearing => ({
  ...clearing,
  made: new Map(clearing.made).set(market, add(clearing.made.get(market) ?? NO_QUANTITY, taken)),
});

export function combined(left: Clearing, right: Clearing): Clearing {
  let sum = left;
  for (const [account, amount] of Object.entries(right.cash)) {
    sum = cleared(sum, account as ClearingAccount, amount);
  }
  for (const [market, taken] of right.made) sum = madeBy(sum, market, taken);
  return sum;
}
