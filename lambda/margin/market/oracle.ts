/** The price of a feed, how far it may be relied on, and what is remembered of it. */
import type { Price, Ratio } from '../number/decimal.ts';
import type { Quote } from './market.ts';
import type { OracleRules } from './policy.ts';

/**
 * fresh: young and confirmed. aged: too old to liquidate on without doubt. stale: too old, or every
 * source is refused or gone. suspect: a jump that nothing has confirmed. first-print: the first
 * price ever, from one source.
 */
export type Standing = 'fresh' | 'aged' | 'stale' | 'suspect' | 'first-print';

export interface PriceRange {
  readonly low: Price;
  readonly high: Price;
}

/** How far the price went between its quotes. */
export interface QuotedRange {
  /** Medians over the sources. */
  readonly low: Price;
  readonly high: Price;
  /** As far as a second source goes. Absent with one. */
  readonly second?: { readonly low: Price; readonly high: Price } | undefined;
}

/** What is believed of a feed. */
export interface OraclePrice {
  readonly feed: string;
  readonly price: Price;
  /** Half-width ÷ price. */
  readonly confidence: Ratio;
  /** The older of the quotes that the median uses. */
  readonly publishedAt: number;
  readonly ageSeconds: number;
  readonly standing: Standing;
  /** Where the price may be. Absent if it may be relied on. Includes `price`. */
  readonly doubt?: PriceRange | undefined;
  /** Set by a jump: `doubt` is widened by the uncertainty of both its ends. */
  readonly isJump?: true | undefined;
  /** Where the price may be when a liquidation is decided: it has not been quoted for a while. */
  readonly aged?: PriceRange | undefined;
  /** Why it may not be relied on. Absent if fresh. */
  readonly why?: string | undefined;
  /** Sources that agree on it. */
  readonly sources: number;
  /** Lowest among the quotes that the median uses, 0 to 1. */
  readonly confidenceScore: Ratio;
  readonly fundingRatePerHour?: Ratio | undefined;
  /** Absent if fewer than half of the sources quote it. */
  readonly range?: QuotedRange | undefined;
  /** Since when the same price comes with new times; set after `frozenAfterSeconds`. */
  readonly frozenSince?: number | undefined;
}

export interface OracleInput {
  readonly feed: string;
  readonly quotes: readonly Quote[];
  readonly rules: OracleRules;
  readonly asOf: number;
  /** What the check before left. null: it knew no price, or cannot be read. Absent: no past. */
  readonly previous?: RememberedPrice | null | undefined;
}

export interface PricePrint {
  readonly price: Price;
  readonly publishedAt: number;
}

/** What one check leaves to the next about a feed. */
export interface RememberedPrice {
  /** The last believed price. */
  readonly price: Price;
  /** Its time. */
  readonly publishedAt?: number | undefined;
  /** An unconfirmed jump, reported by one source. */
  readonly suspect?: PricePrint | undefined;
  /** Beyond a jump that was confirmed, and not a jump from there: one source has gone so far. */
  readonly ahead?: PricePrint | undefined;
  /** The price is a first print that nothing has confirmed. */
  readonly isFirstPrint?: true | undefined;
  /** Newest time read of each source. */
  readonly sources?: Readonly<Record<string, number>> | undefined;
  /** Sources that disagreed with the others. */
  readonly apart?: readonly string[] | undefined;
  /** Its score, if below 1: a charge by it outlasts the quotes. */
  readonly confidenceScore?: Ratio | undefined;
  /** Since when the price has been the same. */
  readonly unchangedSince?: number | undefined;
  /** One per entry of `maxMoveWindows`: the price at the start of the window. */
  readonly anchors?: readonly PricePrint[] | undefined;
}

/** By feed, as in `OracleInput`. */
export type PreviousPrices = ReadonlyMap<string, RememberedPrice | null>;
