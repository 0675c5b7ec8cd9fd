/** The figures and reasons of the market model in order-book.ts and displacement.ts. */

/** Depth is calm notional within 1 % of the mid, on each side. */
export interface MarketFigures {
  /** Markets of a pool share book and displacement. */
  readonly pool: Pool;
  /** Per account, so that a small run shows the effects of a large one. */
  readonly depthUsdPerAccount: number;
  readonly lotSize: string;
}

export type Pool = 'BTC' | 'ETH' | 'LINK' | 'USDC';

/**
 * The demo's longs hold about 80,000 USD of BTC per account. Depth is a seventh of that, as a
 * derivatives venue had of its open interest before the crash. Perpetuals have most.
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
  // Deep, because USDC is redeemable at par.
  USDC: { pool: 'USDC', depthUsdPerAccount: 40_000, lotSize: '0.01' },
} as const satisfies Record<string, MarketFigures>;

/** A day's volume is about a hundred times this depth. */
export const DAILY_VOLUME_OVER_DEPTH = 100;

/**
 * Y of the square-root impact Y·σ_day·√(x/V) that plans assume. At σ = 120 % a year, σ_day = 6.3 %.
 * For x = depth, √(x/V) = 0.1, so the impact is 0.5 %: the linear book's average fill at that size.
 */
export const IMPACT_COEFFICIENT = '0.8';

/** 0.1 % of what the longs hold: a thin fund, as on the day itself. */
export const FUND_SEED_USD_PER_ACCOUNT = 80;

/** Share of closed notional that goes to the fund; venues take 0.2 % to 0.9 %. */
export const LIQUIDATION_FEE = '0.002';

/** Share of the mid; the smallest order pays it. */
export const HALF_SPREAD = 0.0002;

/** Nothing rests further from the mid. Recovery brings more liquidity. */
export const BOOK_REACH = 0.05;

/**
 * Share of an order's price move that lasts: about two thirds of the peak (Farmer, Gerig, Lillo and
 * Waelbroeck 2013, How efficiency shapes market impact).
 */
export const LASTING_SHARE = 2 / 3;

/** Arbitrage and new bids from elsewhere restore the price. */
export const RESILIENCE_HALF_LIFE_MS = 10 * 60_000;

/**
 * Depth × clamp(σ_calm/σ, least, 1), σ annual from the exogenous path. On the day itself BTC depth
 * fell by four fifths.
 */
export const THINNING = { calmVolatility: 1, leastShare: 0.2, halfLifeMinutes: 30 } as const;

/** From a plan's arrival to its first attempt; one in twenty is late, into the next minute. */
export const LATENCY = {
  promptMs: { least: 2_000, most: 20_000 },
  lateShare: 0.05,
  lateMs: { least: 45_000, most: 90_000 },
} as const;

export const RETRY_MS = 15_000;

export const REFUSED_SHARE = 0.01;
