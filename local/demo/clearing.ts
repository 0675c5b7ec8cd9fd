/**
 * The other side of every booking. Whatever an account gains or loses, one of these loses or gains:
 * the cash of all accounts, less what their positions cost them, and the cash of all of these add up
 * to the same at every step; and so do the contracts and coins of accounts and market makers.
 */
import {
  type Amount,
  add,
  NO_AMOUNT,
  NO_QUANTITY,
  type Quantity,
} from '../../lambda/margin/number/decimal.ts';

/** Each gains what is above zero. */
export type ClearingAccount =
  /** Who was on the other side of the fills. */
  | 'makers'
  | 'fees'
  /** Liquidation fees, less what was drawn to cover deficits. */
  | 'fund'
  /** What booking to eight places leaves. */
  | 'rounding'
  /** The venue itself, which bears the losses of isolated positions beyond their margin. */
  | 'venue'
  /** Owners' money from elsewhere: below zero by all that they paid in. */
  | 'outside'
  /** Haircuts of those who bear a loss that the fund could not. */
  | 'shared';

export interface Clearing {
  readonly cash: Readonly<Partial<Record<ClearingAccount, Amount>>>;
  /** Contracts and units of assets that market makers have taken over, by `<kind>/<market>`. */
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
