/** The terms of one contract of an instrument. */

import type { MovingPrice, Quoted } from '../curve/risk-factor.ts';
import type { ProfitRule } from '../market/profit-rule.ts';
import type { MarginRule, Schedule } from '../market/schedule.ts';
import type { TradingTerms } from '../market/trading.ts';
import {
  type Amount,
  ONE,
  type Price,
  type Quantity,
  type Ratio,
  smaller,
} from '../number/decimal.ts';
import type { Reason } from '../number/reason.ts';
import type { PricedOption } from '../option/priced-option.ts';
import type { ScenarioOption, ScenarioValues } from '../option/scenario-option.ts';
import type { ClassTerms } from '../portfolio/class-terms.ts';
import type { ScannedOption, ScanRange } from '../portfolio/holdings.ts';
import type { AssetTerms } from './asset-terms.ts';
import type { QuoteRange } from './quoted-option.ts';

export interface Settlement {
  readonly asset: AssetTerms;
  /**
   * own: the numeraire. coin: an asset on the instrument's own factor. other: an asset with its own
   * price, such as a stablecoin, whose moves count as well.
   */
  readonly by: 'own' | 'coin' | 'other';
  /** Converts the instrument's amounts to the numeraire: the asset's price if `other`, else 1. */
  readonly rate: Ratio;
}

interface CommonTerms {
  readonly instrument: string;
  readonly settlement: Settlement;
  /** The risk factor, and the price that orders refer to. */
  readonly quoted: Quoted;
  /** Prices on its factor that its value depends on, without an option's own quote. */
  readonly prices: readonly MovingPrice[];
  /** Per contract: units of underlying, or numeraire if inverse. */
  readonly contractSize: Quantity;
  /** Notional of one contract at the mark; for an option, its value. */
  readonly contractValue: Amount;
  readonly trading: TradingTerms;
  /** The lowest among its prices and its underlying's. */
  readonly confidenceScore: Ratio;
}

export interface LinearTerms extends CommonTerms {
  readonly kind: 'linear';
  readonly type: 'perpetual' | 'future';
  readonly isInverse: boolean;
  readonly expiresAt?: number | undefined;
  /** One binary contract is worth at most this. */
  readonly payout?: Amount | undefined;
  /** How much of a profit counts, with the initial weight that the profits of all leave. */
  readonly profitRule?: ProfitRule | undefined;
  /** Time to expiry; 0 without one. */
  readonly years: number;
  /** Notional of one contract at the price of the underlying. Absent if that is the mark. */
  readonly indexValue?: Amount | undefined;
  /** Share of its price that is fixed for settlement. Absent: by the class's window. */
  readonly fixedShare?: number | undefined;
  readonly ofClass: ClassTerms;
  /** Published losses per contract, instead of its slope in a scan. */
  readonly losses?: ScenarioValues | undefined;
  /** Holds for any position size; absent if the rates grow with the size. */
  readonly schedule?: Schedule | undefined;
  /** Gives the schedule of a size; absent if one holds for all. */
  readonly sizedRule?: MarginRule | undefined;
  /** Fraction of the notional that a long pays per hour; absent if unknown. */
  readonly fundingRatePerHour?: Ratio | undefined;
}

export interface OptionTerms extends CommonTerms {
  readonly kind: 'option';
  readonly type: 'call' | 'put';
  /** Quoted and paid in the coin. */
  readonly isInverse: boolean;
  readonly expiresAt: number;
  readonly ofClass: ClassTerms;
  readonly option: PricedOption;
  /** Identifies its expiry and strike, within which calls and puts net. */
  readonly strikeId: number;
  /** `strike`, `spot` and `forward` are prices per unit of underlying. */
  readonly strike: Amount;
  readonly spot: Amount;
  readonly forward: Amount;
  /** Uncertainty of the option's own quote, per unit of underlying. */
  readonly quoteUncertainty: Amount;
  /** Where the mark may lie, per unit of underlying. Absent if it may be relied on. */
  readonly quoteDoubt?: MarkRange | undefined;
  /** When a liquidation is decided. Absent if the quote is young. */
  readonly quoteAged?: MarkRange | undefined;
  /** `plain` has the current market only, `scan` every cell of the class's table. */
  readonly plain: ScenarioOption;
  readonly scan?: ScenarioValues | undefined;
}

export type MarkRange = Omit<QuoteRange, 'ends'> & ScanRange;

/** Expired: valued at the settlement price, whatever the market does now. */
export interface SettledTerms extends CommonTerms {
  readonly kind: 'settled';
  readonly isInverse: boolean;
  readonly settlementPrice: Price;
  /** Options only: per contract, in the coin if inverse, else in the numeraire. */
  readonly payoff?: Amount | undefined;
  /** How it stays in the scan of a portfolio account, if its class says so. */
  readonly scanned?: SettledScan | undefined;
}

export interface SettledScan {
  readonly ofClass: ClassTerms;
  readonly option: ScannedOption;
  /** Of the underlying. */
  readonly price: MovingPrice;
}

export const lowestScore = (prices: readonly Pick<MovingPrice, 'confidenceScore'>[]): Ratio =>
  prices.map(({ confidenceScore }) => confidenceScore).reduce(smaller, ONE);

export type InstrumentTerms = LinearTerms | OptionTerms | SettledTerms;

/** Its price was never known: what is known of its value. */
export interface UnpricedTerms {
  readonly instrument: string;
  readonly reason: Reason;
  /** unbounded: its value may be anything. */
  readonly kind: 'linear' | 'call' | 'put' | 'unbounded';
  readonly contractSize: Quantity;
  readonly strike?: Price | undefined;
  /** Converts its amounts to the numeraire. */
  readonly rate: Ratio;
  /** It has expired: nothing is required for it any more. */
  readonly isExpired: boolean;
  /** All that is charged for it at any price, buffer included, is at most its notional. */
  readonly isCovered: boolean;
}
