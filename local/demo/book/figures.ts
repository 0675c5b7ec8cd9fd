/**
 * Every figure of the demo's market model, each with its reason. The model is in order-book.ts and
 * displacement.ts.
 */

/** What trades against one book; `depthUsd` is on each side, within 1 % of the mid, when calm. */
export interface MarketFigures {
  /** Markets of one pool share its book and its displacement. */
  readonly pool: Pool;
  /**
   * An account of the book: a venue with twice the accounts has twice the depth, so that a small run
   * shows what a large one does.
   */
  readonly depthUsdPerAccount: number;
  readonly lotSize: string;
}

export type Pool = 'BTC' | 'ETH' | 'LINK' | 'USDC';

/**
 * The longs of the demo hold some 80,000 USD of BTC an account. A seventh of that within 1 % is what
 * a derivatives venue had of its open interest before the day broke; perpetuals have most of it.
 */
export const INSTRUMENT_FIGURES = {
  'BTC-PERP': { pool: 'BTC', depthUsdPerAccount: 8_000, lotSize: '0.001' },
  'BTC-27MAR20': { pool: 'BTC', depthUsdPerAccount: 1_500, lotSize: '1' },
  'ETH-PERP': { pool: 'ETH', depthUsdPerAccount: 4_000, lotSize: '0.01' },
  'LINK-PERP': { pool: 'LINK', depthUsdPerAccount: 500, lotSize: '0.1' },
} as const satisfies Record<string, MarketFigures>;

export const ASSET_FIGURES = {
  BTC: { pool: 'BTC', depthUsdPerAccount: 2_500, lotSize: '0.000001' },
  ETH: { pool: 'ETH', depthUsdPerAccount: 1_000, lotSize: '0.00001' },
  // A dollar is redeemed for a dollar: its book is deep.
  USDC: { pool: 'USDC', depthUsdPerAccount: 40_000, lotSize: '0.01' },
} as const satisfies Record<string, MarketFigures>;

/** A day turns the depth within 1 % over about a hundred times. */
export const DAILY_VOLUME_OVER_DEPTH = 100;

/**
 * Y of the square root that plans reckon with, Y·σ_day·√(x/V). At σ = 120 % a year, σ_day = 6.3 %, and
 * x = depth, so √(x/V) = 0.1, it comes to 0.5 %: the average fill of the linear book there.
 */
export const IMPACT_COEFFICIENT = '0.8';

/** An insurance fund of a tenth of a percent of what the longs hold: thin, as it was on the day. */
export const FUND_SEED_USD_PER_ACCOUNT = 80;

/** Of what a liquidation closes, into the fund; venues take from 0.2 % to 0.9 %. */
export const LIQUIDATION_FEE = '0.002';

/** Half of the spread, as a share of the mid: what the smallest order pays. */
export const HALF_SPREAD = 0.0002;

/** Nothing rests further from the mid than this; more comes as the book recovers. */
export const BOOK_REACH = 0.05;

/**
 * Of the move that an order causes, what remains once it is done: about two thirds of the peak
 * (Farmer, Gerig, Lillo and Waelbroeck 2013, How efficiency shapes market impact).
 */
export const LASTING_SHARE = 2 / 3;

/** Half of a displacement is gone after this: arbitrage and new bids from elsewhere. */
export const RESILIENCE_HALF_LIFE_MS = 10 * 60_000;

/**
 * A book thins as σ rises: depth × clamp(σ_calm/σ, least, 1), σ annual from the exogenous path. The
 * depth of BTC fell by four fifths on the day itself.
 */
export const THINNING = { calmVolatility: 1, leastShare: 0.2, halfLifeMinutes: 30 } as const;

/** Seconds from a plan's arrival to its first work; one in twenty is late, into the next minute. */
export const LATENCY = {
  promptMs: { least: 2_000, most: 20_000 },
  lateShare: 0.05,
  lateMs: { least: 45_000, most: 90_000 },
} as const;

/** What the book did not give is tried again after this. */
export const RETRY_MS = 15_000;

/** Orders that the venue refuses. */
export const REFUSED_SHARE = 0.01;
