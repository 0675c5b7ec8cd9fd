/** Writes the quotes of the day, and what changes with them: prices are those that the venue leaves. */
import { put, writeRows } from '../aws/rows.ts';
import type { Services } from '../aws/services.ts';
import { putQuote } from '../aws/writers.ts';
import { DAY_START_MS, minuteTime } from './black-thursday.ts';
import { type DayMarket, displacedPrices } from './book/day-market.ts';
import { QUOTES_EVERY_SECONDS } from './events.ts';
import type { Prices } from './feeds.ts';
import { fundRows } from './fund-meter.ts';
import type { History } from './history.ts';
import { tradedRows } from './market.ts';
import type { DemoOptions } from './options.ts';
import { type Moment, quoteWriter } from './quotes.ts';
import type { Venue } from './venue.ts';

/** Without liquidations. */
export interface DayPath {
  readonly prices: readonly Prices[];
  readonly stepMs: number;
}

export const pricesAt = ({ prices, stepMs }: DayPath, timeMs: number): Prices =>
  prices[Math.floor((timeMs - DAY_START_MS) / stepMs)] as Prices;

/** With the displacement of liquidations, and without. */
export type SeenPrices = Readonly<Record<'prices' | 'exogenous', Prices>>;

interface QuotingInput {
  readonly services: Pick<Services, 'dynamo' | 'config'>;
  readonly options: DemoOptions;
  readonly history: History;
  readonly market: DayMarket;
  readonly path: DayPath;
  readonly venue: Venue;
}

export class Quoting {
  private readonly input: QuotingInput;
  private readonly rowsOf: ReturnType<typeof quoteWriter>;
  /** When the last quotes were written. */
  private quotedMs: number;

  constructor(input: QuotingInput) {
    const { options } = input;
    this.input = input;
    this.quotedMs = minuteTime(options.fromMinute);
    const everySeconds = options.hasEvents ? { everySeconds: QUOTES_EVERY_SECONDS } : {};
    this.rowsOf = quoteWriter(options.seed, { ...options, ...everySeconds });
  }

  /** @returns the rows that it has written, and the prices that they follow */
  async write(timeMs: number) {
    const { services, history } = this.input;
    const between = await this.pricesUntil(timeMs);
    const seen = await this.seenAt(timeMs);
    const quotes = this.rowsOf({ timeMs, prices: seen.prices, between } satisfies Moment);
    const { dynamo, config } = services;
    const { marketTable: table } = config;
    await Promise.all(quotes.map((quote) => putQuote(dynamo, { table, quote })));
    history.quote(quotes);
    return { quotes, seen };
  }

  async writeTerms(timeMs: number): Promise<void> {
    const { services, options, market, venue } = this.input;
    const { dynamo, config } = services;
    const traded = tradedRows(options.accounts, (pool) => market.thinnessAt(pool, timeMs));
    const rows = [...traded, ...fundRows(options.accounts, venue.fundPaid)];
    await writeRows(dynamo, { table: config.marketTable, requests: rows.map(put) });
  }

  /** The prices of the steps between the quotes before and these. */
  private async pricesUntil(timeMs: number): Promise<Prices[]> {
    const { stepMs } = this.input.path;
    const passed: Prices[] = [];
    for (let at = this.quotedMs + stepMs; at < timeMs; at += stepMs) {
      passed.push((await this.seenAt(at)).prices);
    }
    this.quotedMs = timeMs;
    return passed;
  }

  private async seenAt(timeMs: number): Promise<SeenPrices> {
    const { venue, path } = this.input;
    await venue.workUntil(timeMs);
    const exogenous = pricesAt(path, timeMs);
    return {
      exogenous,
      prices: displacedPrices(exogenous, { displacement: venue.displacement, timeMs }),
    };
  }
}
