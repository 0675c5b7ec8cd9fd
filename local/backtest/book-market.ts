import type { Market, Quote, VolatilityQuote } from '../../lambda/margin/market/market.ts';
import type { RiskClass } from '../../lambda/margin/market/risk-class.ts';
import { firstRateGap } from '../../lambda/margin/market/shock-max.ts';
import {
  approximately,
  price,
  type Ratio,
  ratio,
  times,
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

/** How the shock of the moving feed is sized, and charged. */
export interface BookShock {
  /** Of its gaps; or the policy's law, at z of its own where nothing is learnt. */
  readonly law: 'forecast' | 'learnt' | 'policy';
  /** Share of initial less maintenance rate; `none` charges for every move. Absent: as the class says. */
  readonly charge?: number | 'none' | undefined;
}

/** Accepts a single source, as the history is one, and lifts a halt. */
export function bookMarket(
  { market, feed, evidence }: Book,
  { gapSeconds, shock }: { readonly gapSeconds: number; readonly shock: BookShock },
) {
  const classes = classesOf(market, feed);
  const start = approximately(startPrice(market, feed));
  return ({ time, multiple, volatility, quantiles: { down, up } }: MarketAt): Snapshot => {
    const asOf = evidence.asOf + Math.round(time * 1000);
    const { shockQuantile: own, oracle } = market.policy;
    const policy = {
      ...market.policy,
      shockQuantile: shock.law === 'learnt' ? numeral(Math.max(down, up)) : own,
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
        ...chargeOf(riskClass.value, shock),
        volatility: asMeasured(numeral(volatility), shock),
        oracle: { ...riskClass.value.oracle, minSources: 1 },
      };
      riskClasses.set(name, known(measured));
    }
    const moved = { ...market, policy, quotes, volatilityQuotes, riskClasses };
    const annual = numeral(volatility);
    const quantiles = { down: numeral(down), up: numeral(up) };
    const forecast = shock.law === 'forecast' ? { volatility: annual, quantiles } : undefined;
    const volatilities = new Map([[feed, { annual, forecast }]]);
    const previousPrices = new Map();
    return takeSnapshot({ market: moved, asOf, gapSeconds, previousPrices, volatilities });
  };
}

const EVERY_MOVE = ratio('1000');

function chargeOf(riskClass: RiskClass, { charge }: BookShock): Pick<RiskClass, 'shockMax'> {
  if (charge === undefined) return {};
  if (charge === 'none') return { shockMax: EVERY_MOVE };
  const between = firstRateGap(riskClass);
  return between === undefined ? {} : { shockMax: times(between, ratio(String(charge))) };
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
const asMeasured = (annual: Ratio, { law }: BookShock): RiskClass['volatility'] => ({
  type: 'ewma',
  halfLifeSeconds: 60,
  floor: annual,
  stress: annual,
  cap: annual,
  stressWeight: ZERO,
  quantile: law === 'forecast' ? 'tracked' : 'policy',
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
