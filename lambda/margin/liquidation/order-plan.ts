import type { Amount, Price, Quantity, Ratio } from '../number/decimal.ts';

export type Side = 'buy' | 'sell';

/** A reduce-only order. */
export interface Order {
  readonly kind: 'position' | 'collateral' | 'loan';
  /** The instrument, or the asset sold or bought back. */
  readonly market: string;
  readonly side: Side;
  /** Contracts or units; never more than is held. */
  readonly quantity: Quantity;
  readonly referencePrice: Price;
  readonly notional: Amount;
  /** Worst price, in the unit of the reference price. */
  readonly limitPrice?: Price | undefined;
  /** The position uses up its share of the margin balance here; absent if not above 0. */
  readonly bankruptcyPrice?: Price | undefined;
  /** Fraction of the filled notional. */
  readonly liquidationFee?: Ratio | undefined;
  /** Fraction of the filled notional, to the party that closes it. */
  readonly liquidatorFee?: Ratio | undefined;
  /** Absent: the market. */
  readonly taker?: 'backstop' | undefined;
}

/** A liquidator repays a part of a loan and receives collateral for it, at these prices. */
export interface Swap {
  /** Asset of the collateral. */
  readonly collateral: string;
  readonly seized: Quantity;
  readonly collateralPrice: Price;
  /** Asset that is owed. */
  readonly loan: string;
  readonly repaid: Quantity;
  readonly loanPrice: Price;
  /** Value seized ÷ value repaid − 1, before rounding. */
  readonly bonus: Ratio;
  /** Value repaid. */
  readonly value: Amount;
}

/** The fees and shares of the plan's time. */
export interface Opened {
  /** The check of the case's first order plan. */
  readonly since: number;
  readonly milliseconds: number;
  /** Absent: the plan is not held back. */
  readonly share?: Ratio | undefined;
  readonly of?: 'holding' | 'shortage' | undefined;
}

/** Beyond a market's capacity at this check. */
export interface CarriedOver {
  readonly market: string;
  readonly side: Side;
  readonly notional: Amount;
}

/** The orders of one liquidation, and why they are these. */
export interface Plan {
  /** Instruments and assets whose open orders are cancelled first. */
  readonly cancelOpenOrders: readonly string[];
  readonly orders: readonly Order[];
  /** Beside the orders. Absent: none. */
  readonly swaps?: readonly Swap[] | undefined;
  /** Absent: nothing opens with time. */
  readonly opened?: Opened | undefined;
  readonly scope: 'cancel' | 'partial' | 'whole';
  readonly why: string;
  readonly carriedOver: readonly CarriedOver[];
  /** Goes to counterparties, on top of the orders. */
  readonly deleveraged?: Deleveraged | undefined;
}

export type Deleveraged = ReadonlyMap<string, Quantity>;
