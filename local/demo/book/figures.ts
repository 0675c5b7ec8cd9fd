/**
 * The figures of the demo's market model, each with its reason. The model itself is in
 * order-book.ts and displacement.ts.
 */

/** A market and its book. Depth is calm notional within 1 % of the mid, on each side. */
export interface MarketFigures {
  /** Markets of one pool share its book and its displacement. */
  readonly pool: Pool;
  /** Per account, so that a small run shows the same effects as a large one. */
  readonly depthUsdPerAccount: number;
  readonly lotSize: string;
}

export type Pool = 'BTC' | 'ETH' | 'LINK' | 'USDC';

/**
 * The demo's longs hold about 80,000 USD of BTC per account. Depth within 1 % is a seventh of that,
 * as a derivatives venue had of its open interest before the crash. Perpetuals have most of it.
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
  // Redeemable at par, so its book is deep.
  USDC: { pool: 'USDC', depthUsdPerAccount: 40_000, lotSize: '0.01' },
} as const satisfies Record<string, MarketFigures>;

/** A day turns the depth within 1 % over about a hundred times. */
export const DAILY_VOLUME_OVER_DEPTH = 100;

/**
 * Y of the square-root impact Y·σ_day·√(x/V) that plans assume. At σ = 120 % a year, σ_day = 6.3 %.
 * For x = depth, √(x/V) = 0.1, so the impact is 0.5 %: the average fill of the linear book at that
 * size.
 */
export const IMPACT_COEFFICIENT = '0.8';

/** A tenth of a percent of what the longs hold: a thin fund, as on the day itself. */
export const FUND_SEED_USD_PER_ACCOUNT = 80;

/** Share of the closed notional that goes to the fund; venues take 0.2 % to 0.9 %. */
export const LIQUIDATION_FEE = '0.002';

/** Share of the mid: what the smallest order pays. */
export const HALF_SPREAD = 0.0002;

/** Nothing rests further from the mid. More liquidity comes as the book recovers. */
export const BOOK_REACH = 0.05;

/**
 * Share of an order's price move that remains: about two thirds of the peak (Farmer, Gerig, Lillo
 * and Waelbroeck 2013, How efficiency shapes market impact).
 */
export const LASTING_SHARE = 2 / 3;

/** Arbitrage and new bids from elsewhere bring the price back. */
export const RESILIENCE_HALF_LIFE_MS = 10 * 60_000;

/**
 * Depth × clamp(σ_calm/σ, least, 1), with σ annual from the exogenous path. On the day itself the
 * depth of BTC fell by four fifths.
 */
export const THINNING = { calmVolatility: 1, leastShare: 0.2, halfLifeMinutes: 30 } as const;

/** From a plan's arrival to its first attempt. One in twenty is late, into the next minute. */
export const LATENCY = {
  promptMs: { least: 2_000, most: 20_000 },
  lateShare: 0.05,
  lateMs: { least: 45_000, most: 90_000 },
} as const;

/** Wait before the unfilled rest of an order is tried again. */
export const RETRY_MS = 15_000;

export const REFUSED_SHARE = 0.01;
