import type { Market, Quote, VolatilityQuote } from '../../lambda/margin/market/market.ts';
import type { RiskClass } from '../../lambda/margin/market/risk-class.ts';
import {
  approximately,
  price,
  type Ratio,
  ratio,
  ZERO,
} from '../../lambda/margin/number/decimal.ts';
import { find, known } from '../../lambda/margin/number/reason.ts';
import { type Snapshot, takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { Sides } from '../../lambda/margin/statistics/shock-forecast.ts';
import type { Book } from './book.ts';

export interface MarketAt {
  /** Seconds since the book's own time. */
  readonly time: number;
  /** History price ÷ its first: the book starts at its document's price. */
  readonly multiple: number;
  /** σ used, annual. */
  readonly volatility: number;
  /** A long loses when the price falls (`down`), a short when it rises (`up`). */
  readonly quantiles: Sides<number>;
}

/**
 * Keeps the policy's quantile for the fixed method; a learned one replaces it. Accepts a single
 * source, as the history is one, and lifts a halt.
 */
export function bookMarket(
  { market, feed, evidence }: Book,
  { gapSeconds, keepsQuantile }: { readonly gapSeconds: number; readonly keepsQuantile: boolean },
) {
  const classes = classesOf(market, feed);
  const start = approximately(startPrice(market, feed));
  return ({ time, multiple, volatility, quantiles: { down, up } }: MarketAt): Snapshot => {
    const asOf = evidence.asOf + Math.round(time * 1000);
    const { shockQuantile: own, oracle } = market.policy;
    const policy = {
      ...market.policy,
      shockQuantile: keepsQuantile ? own : numeral(Math.min(down, up)),
      oracle: { ...oracle, minSources: 1 },
      halt: false,
    };
    const quotes = publishedAt(asOf, market.quotes);
    const volatilityQuotes = publishedAt(asOf, market.volatilityQuotes);
    const now = price(String(Number((start * multiple).toPrecision(12))));
    quotes.set(feed, [{ feed, source: 'history', price: now, publishedAt: asOf }]);
    const riskClasses = new Map(market.riskClasses);
    for (const name of classes) {
      const riskClass = find(market.riskClasses, name, 'risk-class-unknown', name);
      if (!riskClass.ok) continue;
      const measured: RiskClass = {
        ...riskClass.value,
        volatility: asMeasured(numeral(volatility)),
        oracle: { ...riskClass.value.oracle, minSources: 1 },
      };
      riskClasses.set(name, known(measured));
    }
    const moved = { ...market, policy, quotes, volatilityQuotes, riskClasses };
    const quantiles = keepsQuantile ? undefined : { down: numeral(down), up: numeral(up) };
    const volatilities = new Map([[feed, { annual: numeral(volatility), quantiles }]]);
    const previousPrices = new Map();
    return takeSnapshot({ market: moved, asOf, gapSeconds, previousPrices, volatilities });
  };
}

/** The other feeds stand still and are never stale. */
const publishedAt = <Q extends Quote | VolatilityQuote>(
  asOf: number,
  quotes: ReadonlyMap<string, readonly Q[]>,
) =>
  new Map(
    [...quotes].map(([name, each]): [string, Q[]] => [
      name,
      each.map((quote) => ({ ...quote, publishedAt: asOf })),
    ]),
  );

/** Terms that use the measured volatility unchanged. */
const asMeasured = (annual: Ratio): RiskClass['volatility'] => ({
  type: 'ewma',
  halfLifeSeconds: 60,
  floor: annual,
  stress: annual,
  cap: annual,
  stressWeight: ZERO,
  quantile: 'tracked',
});

const numeral = (value: number): Ratio => ratio(value.toFixed(6));

const startPrice = (market: Market, feed: string) => {
  const [quote] = market.quotes.get(feed) ?? [];
  if (quote === undefined) throw new Error(`${feed}: no quote to start from`);
  return quote.price;
};

function classesOf(market: Market, feed: string): readonly string[] {
  const snapshot = takeSnapshot({
    market,
    asOf: 0,
    gapSeconds: 60,
    previousPrices: new Map(),
  });
  return snapshot.feeds.get(feed)?.classes ?? [];
}
