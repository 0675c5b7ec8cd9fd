/** A liquidation plan and its orders. */

import type { Amount, Price, Quantity, Ratio } from '../number/decimal.ts';

export type Side = 'buy' | 'sell';

/** One reduce-only order of a plan. */
export interface Order {
  readonly kind: 'position' | 'collateral' | 'loan';
  /** The instrument of a position; the asset of collateral sold or of a loan bought back. */
  readonly market: string;
  readonly side: Side;
  /** Contracts, or units of the asset; never more than is held. */
  readonly quantity: Quantity;
  /** The price that the plan was made at. */
  readonly referencePrice: Price;
  readonly notional: Amount;
  /** No worse than this; in the unit of the reference price. */
  readonly limitPrice?: Price | undefined;
  /** Where its share of the margin balance is used up; absent where none is above 0. */
  readonly bankruptcyPrice?: Price | undefined;
  /** Of what is filled, into the insurance fund; absent when there is none. */
  readonly liquidationFee?: Ratio | undefined;
}

/** What a plan needs in a market besides, and does not get at this check. */
export interface CarriedOver {
  readonly market: string;
  readonly side: Side;
  readonly notional: Amount;
}

export interface Plan {
  /** Instruments whose open orders are to be cancelled before anything is closed. */
  readonly cancelOpenOrders: readonly string[];
  readonly orders: readonly Order[];
  readonly scope: 'cancel' | 'partial' | 'whole';
  readonly why: string;
  /** Empty when everything fits. */
  readonly carriedOver: readonly CarriedOver[];
  /** Handed to counterparties besides; absent: nothing. */
  readonly deleveraged?: Deleveraged | undefined;
}

export type Deleveraged = ReadonlyMap<string, Quantity>;
