/** The market of each check, with the memory that the checks before it have left. */
import type { Market, Quote } from '../../../lambda/margin/market/market.ts';
import {
  measuredFeeds,
  measuredOf,
  memoryAfter,
  type VolatilityMemory,
} from '../../../lambda/margin/market/measure.ts';
import type { PreviousPrices } from '../../../lambda/margin/market/oracle.ts';
import type { MeasuredVolatility } from '../../../lambda/margin/market/volatility.ts';
import { price } from '../../../lambda/margin/number/decimal.ts';
import { type Snapshot, takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import type { MarketRow } from '../../aws/rows.ts';
import { type Along, FACTORS, type FactorPrice, factorPrices } from './factors.ts';

export const COIN_WEIGHT = 0.9;
export const TIERS = [
  { floor: '0', initial: '0.02', maintenance: '0.01' },
  { floor: '250000', initial: '0.04', maintenance: '0.02' },
  { floor: '1000000', initial: '0.07', maintenance: '0.035' },
  { floor: '5000000', initial: '0.1', maintenance: '0.05' },
  { floor: '25000000', initial: '0.2', maintenance: '0.1' },
];
const SOURCES = ['a', 'b'];
const PRICE_DIGITS = 9;

export const coinOf = (factor: number): string => `C${factor}`;
export const perpetualOf = (factor: number): string => `${coinOf(factor)}-PERP`;
const feedOf = (factor: number): string => `${coinOf(factor)}-USD`;

const marketRows = (): MarketRow[] => [
  { kind: 'policy', id: 'default', callMultiplier: '1.25' },
  {
    kind: 'risk',
    id: 'PERP',
    volatility: { type: 'ewma', floor: '0.4', stress: '0.8' },
    jumpFloor: '0.005',
    liquidity: { slippage: '0.001' },
    margin: { type: 'tiered', tiers: TIERS },
  },
  ...Array.from({ length: FACTORS }, (_, factor): MarketRow[] => [
    {
      kind: 'asset',
      id: coinOf(factor),
      feed: feedOf(factor),
      collateralWeight: String(COIN_WEIGHT),
    },
    {
      kind: 'instrument',
      id: perpetualOf(factor),
      type: 'perpetual',
      underlying: feedOf(factor),
      settlementAsset: 'USD',
      riskClass: 'PERP',
    },
  ]).flat(),
];

export interface MarketNow {
  readonly snapshot: Snapshot;
  /** In the order of the factors. */
  readonly prices: readonly FactorPrice[];
}

export interface MarketsAlong extends Along {
  /** One or two. Two agree, so that no price is in doubt for having jumped. Default: 2. */
  readonly sources?: number | undefined;
}

/** Prices, shocks and uncertainties are those of a check that sees one quote a source and interval. */
export function* marketsAlong(along: MarketsAlong): Generator<MarketNow> {
  const { market, faults } = readMarket(marketRows());
  if (faults.length > 0) throw new Error(faults.map(({ detail }) => detail).join('; '));
  const sources = SOURCES.slice(0, along.sources);
  const memory = new Memory(along.intervalSeconds);
  for (const { time, prices } of factorPrices(along)) {
    const asOf = Math.round(time * 1000);
    const quotes = new Map(
      prices.map((each, factor) => {
        const feed = feedOf(factor);
        return [feed, sources.map((source) => ({ ...quoteOf(feed, each, asOf), source }))];
      }),
    );
    yield { snapshot: memory.snapshot({ ...market, quotes }, asOf), prices };
  }
}

const quoteOf = (
  feed: string,
  { price: now, low, high }: FactorPrice,
  publishedAt: number,
): Omit<Quote, 'source'> => ({
  ...{ feed, publishedAt },
  ...{ price: decimal(now), low: decimal(low), high: decimal(high) },
});

const decimal = (value: number) => price(String(Number(value.toPrecision(PRICE_DIGITS))));

class Memory {
  private readonly intervalSeconds: number;
  private previousPrices: PreviousPrices = new Map();
  private volatilities = new Map<string, VolatilityMemory>();

  constructor(intervalSeconds: number) {
    this.intervalSeconds = intervalSeconds;
  }

  snapshot(market: Market, asOf: number): Snapshot {
    const { intervalSeconds, previousPrices } = this;
    const measured = new Map<string, MeasuredVolatility>();
    for (const { feed, terms, quote } of measuredFeeds({
      ...{ market, asOf, previousPrices, intervalSeconds },
    })) {
      const after = memoryAfter(this.volatilities.get(feed), { terms, quote, asOf });
      if (after === undefined) continue;
      this.volatilities.set(feed, after);
      measured.set(feed, measuredOf(after, { asOf, terms }));
    }
    const snapshot = takeSnapshot({
      ...{ market, asOf, previousPrices, gapSeconds: intervalSeconds },
      volatilities: measured,
    });
    this.previousPrices = new Map(
      [...snapshot.feeds].flatMap(([feed, { memory }]) => (memory ? [[feed, memory]] : [])),
    );
    return snapshot;
  }
}
