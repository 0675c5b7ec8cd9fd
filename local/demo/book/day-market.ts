/** Exogenous prices and book depths. */

import { DAY_START_MS, MINUTE_MS, MINUTE_SECONDS } from '../black-thursday.ts';
import { FEEDS, type Feed, type PathStep, type Prices } from '../feeds.ts';
import { DEMO_ASSETS, DEMO_INSTRUMENTS, type DemoInstrument, depthOfPools } from '../market.ts';
import type { Order, Traded, VenueMarket } from '../venue-market.ts';
import { type Displacement, displacementAt } from './displacement.ts';
import { ASSET_FIGURES, INSTRUMENT_FIGURES, type Pool, THINNING } from './figures.ts';

const MINUTES_OF_YEAR = 525_600;

/** Its volatility thins the pool's book. */
const FEED_OF_POOL: Readonly<Record<Pool, Feed>> = {
  BTC: 'BTC-USD',
  ETH: 'ETH-USD',
  LINK: 'LINK-USD',
  USDC: 'USDC-USD',
};

/** Feeds of a pool are displaced together. */
const POOL_OF_FEED: Readonly<Record<Feed, Pool>> = {
  'BTC-USD': 'BTC',
  'BTC-27MAR20': 'BTC',
  'ETH-USD': 'ETH',
  'LINK-USD': 'LINK',
  'USDC-USD': 'USDC',
};

export class DayMarket implements VenueMarket {
  private readonly paths: ReadonlyMap<string, readonly number[]>;
  /** Share of calm depth left, by pool and minute. */
  private readonly thinness: ReadonlyMap<string, readonly number[]>;
  private readonly depths: ReadonlyMap<string, number>;
  private readonly stepMs: number;

  constructor(day: readonly Prices[], accounts: number, stepSeconds: PathStep = MINUTE_SECONDS) {
    this.stepMs = stepSeconds * 1000;
    const stepsAMinute = MINUTE_SECONDS / stepSeconds;
    const minutesOf = (path: readonly number[]) =>
      path.filter((_, step) => step % stepsAMinute === 0);
    const pathOf = (feed: Feed) => day.map((prices) => Number(prices[feed]));
    this.paths = new Map(FEEDS.map((feed) => [feed, pathOf(feed)]));
    this.depths = depthOfPools(accounts);
    this.thinness = new Map(
      Object.entries(FEED_OF_POOL).map(([pool, feed]) => [
        pool,
        thinnessOf(minutesOf(pathOf(feed))),
      ]),
    );
  }

  traded({ kind, market }: Pick<Order, 'kind' | 'market'>): Traded {
    if (kind === 'position') {
      const { markFeed: feed, contractSize } = DEMO_INSTRUMENTS[market as DemoInstrument];
      return { feed, contractSize, ...INSTRUMENT_FIGURES[market as DemoInstrument] };
    }
    const { feed } = DEMO_ASSETS[market as keyof typeof DEMO_ASSETS];
    return { feed, contractSize: '1', ...ASSET_FIGURES[market as keyof typeof DEMO_ASSETS] };
  }

  /** Linear between two steps. */
  priceAt(feed: string, timeMs: number): number {
    const path = this.paths.get(feed) ?? [];
    const steps = Math.max(0, (timeMs - DAY_START_MS) / this.stepMs);
    const from = Math.min(Math.floor(steps), path.length - 1);
    const [before, after] = [path[from] as number, path[from + 1] ?? (path[from] as number)];
    return before + (after - before) * Math.min(1, steps - from);
  }

  depthAt(pool: string, timeMs: number): number {
    return (this.depths.get(pool) as number) * this.thinnessAt(pool, timeMs);
  }

  thinnessAt(pool: string, timeMs: number): number {
    const shares = this.thinness.get(pool) ?? [];
    const minute = Math.max(0, Math.floor((timeMs - DAY_START_MS) / MINUTE_MS));
    return shares[Math.min(minute, shares.length - 1)] as number;
  }
}

/** clamp(σ_calm/σ, leastShare, 1); σ is an EWMA of the returns so far. */
function thinnessOf(path: readonly number[]): number[] {
  const { calmVolatility, leastShare, halfLifeMinutes } = THINNING;
  const kept = 2 ** (-1 / halfLifeMinutes);
  let variance = calmVolatility ** 2;
  return path.map((price, minute) => {
    const step = Math.log(price / (path[minute - 1] ?? price));
    variance = kept * variance + (1 - kept) * step ** 2 * MINUTES_OF_YEAR;
    return Math.max(leastShare, Math.min(1, calmVolatility / Math.sqrt(variance)));
  });
}

/** Exogenous prices, displaced by liquidations. */
export function displacedPrices(
  prices: Prices,
  { displacement, timeMs }: { readonly displacement: Displacement; readonly timeMs: number },
): Prices {
  const seen = FEEDS.map((feed) => {
    const text = prices[feed];
    const places = text.length - text.indexOf('.') - 1;
    const share = displacementAt(displacement, { pool: POOL_OF_FEED[feed], timeMs });
    return [feed, (Number(text) * (1 + share)).toFixed(places)] as const;
  });
  return Object.fromEntries(seen) as Record<Feed, string>;
}
