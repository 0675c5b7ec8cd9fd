import type { Price, Quantity, Ratio } from '../number/decimal.ts';

export interface Balance {
  readonly asset: string;
  /** Below zero: a loan. */
  readonly amount: Quantity;
  /** Such as a chain; absent: the venue itself. */
  readonly location?: string | undefined;
  readonly observedAt?: number | undefined;
  readonly interestSettledAt?: number | undefined;
  /** Units of open orders against the numeraire; only without a location. */
  readonly openBuyQuantity?: Quantity | undefined;
  readonly openSellQuantity?: Quantity | undefined;
  readonly openOrderCount?: number | undefined;
}

export interface Position {
  readonly instrument: string;
  readonly label?: string | undefined;
  /** Contracts; below zero: short. */
  readonly quantity: Quantity;
  /** Without effect where the quantity is 0. */
  readonly entryPrice: Price;
  /** In the settlement asset; below zero after larger losses. Makes a sub-account of its own. */
  readonly isolatedMargin?: Quantity | undefined;
  readonly openBuyQuantity: Quantity;
  readonly openSellQuantity: Quantity;
  readonly openOrderCount: number;
  /** Chosen for its instrument: the initial rate is at least 1 ÷ this. */
  readonly leverage?: Ratio | undefined;
  readonly fundingSettledAt?: number | undefined;
}

/** Everything that one account holds, as its rows say. */
export interface Account {
  readonly accountId: string;
  readonly marginModel: 'standard' | 'portfolio';
  readonly callGraceSeconds?: number | undefined;
  /** Chosen for all that it holds. */
  readonly leverage?: Ratio | undefined;
  /** Its writer says that it is in the middle of a change. */
  readonly isChanging?: boolean | undefined;
  readonly balances: readonly Balance[];
  readonly positions: readonly Position[];
}

/** Assessed as one: the cross book, or one isolated position with its own margin. */
export interface SubAccount {
  readonly account: Account;
  /** `<instrument>[#<label>]`; absent for the cross book. */
  readonly isolated?: string | undefined;
  readonly balances: readonly Balance[];
  readonly positions: readonly Position[];
  /** In the instrument's settlement asset. */
  readonly isolatedMargin?: Quantity | undefined;
}

export const positionKey = (position: Position): string =>
  position.label === undefined ? position.instrument : `${position.instrument}#${position.label}`;

/** The cross book first, even if it is empty; then each isolated position. */
export function subAccounts(account: Account): SubAccount[] {
  const isIsolated = (position: Position) => position.isolatedMargin !== undefined;
  const cross: SubAccount = {
    account,
    balances: account.balances,
    positions: account.positions.filter((position) => !isIsolated(position)),
  };
  const isolated = account.positions.filter(isIsolated).map(
    (position): SubAccount => ({
      account,
      isolated: positionKey(position),
      balances: [],
      positions: [position],
      isolatedMargin: position.isolatedMargin,
    }),
  );
  return [cross, ...isolated];
}
