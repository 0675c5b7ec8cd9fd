/** Quotes of the benchmark's market that walk from check to check, each feed by itself. */
import { deviationOver } from '../../lambda/margin/statistics/scale.ts';
import { randomStream } from '../../local/analysis/random.ts';
import type { MarketRow } from '../../local/aws/rows.ts';
import { benchMarket } from '../../local/bench/book.ts';

const SEED = 7;

export class WalkingQuotes {
  private readonly random = randomStream(SEED, 'quotes');
  private readonly deviation: number;
  private rows = benchMarket().filter(({ kind }) => kind === 'quote');

  /** @param volatility of a year: 0.3 is 30 % */
  constructor(volatility: number, intervalSeconds: number) {
    this.deviation = deviationOver(volatility, intervalSeconds);
  }

  next(asOf: number): readonly MarketRow[] {
    this.rows = this.rows.map(({ price, ...row }) => ({
      ...row,
      price: this.random.logNormal(Number(price), this.deviation).toFixed(4),
      publishedAt: String(asOf),
    }));
    return this.rows;
  }
}
