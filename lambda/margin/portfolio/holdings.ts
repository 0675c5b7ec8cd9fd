/** Positions and open orders of an account on portfolio margin, in one underlying and class. */

import type { PriceGrid } from '../curve/price-grid.ts';
import { coefficient } from '../number/arithmetic.ts';
import {
  type Amount,
  add,
  countOf,
  isZero,
  type Quantity,
  type Ratio,
  subtract,
  times,
  unitsOf,
} from '../number/decimal.ts';
import type { OptionLeg } from '../option/option-leg.ts';
import type { PricedOption } from '../option/priced-option.ts';
import type { ScenarioOption, ScenarioValues } from '../option/scenario-option.ts';
import type { ClassTerms } from './class-terms.ts';

interface Held {
  /** Contracts. */
  readonly quantity: Quantity;
  readonly openBuyQuantity: Quantity;
  readonly openSellQuantity: Quantity;
}

export interface ScannedLinear {
  readonly type: 'perpetual' | 'future';
  readonly contractValue: Amount;
  /** Notional of one contract at the price of the underlying. Absent if that is the mark. */
  readonly indexValue?: Amount | undefined;
  readonly expiresAt?: number | undefined;
  readonly years: number;
  /** Share of its price that is fixed for settlement. Absent: by the class's window. */
  readonly fixedShare?: number | undefined;
  /** Published losses per contract, before the settlement's rate; then the slope makes none. */
  readonly losses?: ScenarioValues | undefined;
  readonly settlement: { readonly rate: Ratio };
}

export interface ScannedOption {
  readonly expiresAt: number;
  readonly contractSize: Quantity;
  readonly strikeId: number;
  readonly spot: Amount;
  readonly quoteUncertainty: Amount;
  readonly option: PricedOption;
  readonly plain: ScenarioOption;
  readonly scan?: ScenarioValues | undefined;
  readonly settlement: { readonly rate: Ratio };
  /** Absent if its quote may be relied on. */
  readonly quoteDoubt?: ScanRange | undefined;
  /** When a liquidation is decided. Absent if its quote is young. */
  readonly quoteAged?: ScanRange | undefined;
}

export type ScanTerms = Pick<ScannedOption, 'option' | 'plain' | 'scan'>;

/** An option whose quote is in doubt, at σ/k and at σ·k. */
export interface ScanRange {
  /** Absent where a quote never was: nothing limits the scan. */
  readonly ends?: { readonly low: ScanTerms; readonly high: ScanTerms } | undefined;
}

export interface HeldLinear extends Held {
  readonly terms: ScannedLinear;
  /** Gain of one contract in the numeraire per unit of the price multiple. */
  readonly slope: Amount;
}

export interface HeldOption extends Held {
  readonly terms: ScannedOption;
}

export interface PortfolioHoldings {
  readonly ofClass: ClassTerms;
  readonly grid: PriceGrid;
  readonly linears: readonly HeldLinear[];
  readonly options: readonly HeldOption[];
  /** Gain of coin balances per unit of the price multiple. */
  readonly coin: Amount;
  /** Value of coin with a price of its own. */
  readonly ownPricedCoin: Amount;
}

/** Which open orders are assumed filled: none, all buy orders, or all sell orders. */
export type Filling = 'none' | 'buys' | 'sells';

/** All three if there are open orders, otherwise `none` alone. */
export function fillingsOf({ linears, options }: PortfolioHoldings): Filling[] {
  const isOpen = linears.some(hasOrders) || options.some(hasOrders);
  return isOpen ? ['none', 'buys', 'sells'] : ['none'];
}

const hasOrders = ({ openBuyQuantity, openSellQuantity }: Held): boolean =>
  !(isZero(openBuyQuantity) && isZero(openSellQuantity));

/** Contracts held once the filling's orders are filled. */
export function quantityAfter(held: Held, filling: Filling): Quantity {
  if (filling === 'buys') return add(held.quantity, held.openBuyQuantity);
  return filling === 'sells' ? subtract(held.quantity, held.openSellQuantity) : held.quantity;
}

export const unitsIn = ({ contractSize }: ScannedOption, contracts: Quantity): Ratio =>
  countOf(unitsOf(contracts, contractSize));

/** A leg whose units include the settlement rate, so that units·value is in the numeraire. */
export const legOf = (terms: ScannedOption, units: Ratio): OptionLeg => ({
  scenarios: terms.scan ?? terms.plain,
  units: coefficient(times(units, terms.settlement.rate)),
});
