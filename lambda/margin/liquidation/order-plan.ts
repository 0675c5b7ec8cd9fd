import type { Amount, Price, Quantity, Ratio } from '../number/decimal.ts';

export type Side = 'buy' | 'sell';

/** A reduce-only order. */
export interface Order {
  readonly kind: 'position' | 'collateral' | 'loan';
  /** The instrument of a position; the asset of collateral sold or of a loan bought back. */
  readonly market: string;
  readonly side: Side;
  /** Contracts, or units of the asset; never more than is held. */
  readonly quantity: Quantity;
  /** The mark that the plan was made at. */
  readonly referencePrice: Price;
  readonly notional: Amount;
  /** Worst price allowed, in the unit of the reference price. */
  readonly limitPrice?: Price | undefined;
  /** At this price the position uses up its share of the margin balance; absent if not above 0. */
  readonly bankruptcyPrice?: Price | undefined;
  /** Fraction of the filled notional, for the insurance fund; absent: none. */
  readonly liquidationFee?: Ratio | undefined;
}

/** Needed in a market beyond its capacity at this check. */
export interface CarriedOver {
  readonly market: string;
  readonly side: Side;
  readonly notional: Amount;
}

/** The orders of one liquidation, and why they are these. */
export interface Plan {
  /** Cancel the open orders of these instruments before closing anything. */
  readonly cancelOpenOrders: readonly string[];
  readonly orders: readonly Order[];
  readonly scope: 'cancel' | 'partial' | 'whole';
  readonly why: string;
  /** Empty if everything fits. */
  readonly carriedOver: readonly CarriedOver[];
  /** Goes to counterparties, on top of the orders; absent: nothing. */
  readonly deleveraged?: Deleveraged | undefined;
}

export type Deleveraged = ReadonlyMap<string, Quantity>;
