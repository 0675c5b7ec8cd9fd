/**
 * Runs the day minute by minute on a simulated clock: quotes are written, displacement included;
 * owners pay; the real handler checks every account; the venue works the order queue, partly before
 * the next quotes.
 */
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { readPages } from '../../lambda/check/feed-memory.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandler } from '../../lambda/check.ts';
import { approximately } from '../../lambda/margin/number/decimal.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { type AccountRow, type MarketRow, put, writeRows } from '../aws/rows.ts';
import type { Services } from '../aws/services.ts';
import { type Subscription, subscribeQueue } from '../aws/subscription.ts';
import { putQuote } from '../aws/writers.ts';
import type { Progress } from '../cli/progress.ts';
import { demoAccountRows } from './accounts.ts';
import { MINUTES_OF_HOUR, minuteTime, timeText } from './black-thursday.ts';
import { DayMarket, displacedPrices } from './book/day-market.ts';
import { type Prices, pricesOfDay } from './feeds.ts';
import { fundRows, sharesOf } from './fund-meter.ts';
import { History } from './history.ts';
import { demoMarketRows, tradedRows } from './market.ts';
import { readMessage } from './message-counts.ts';
import type { DemoOptions } from './options.ts';
import { Owners } from './owners.ts';
import { quoteWriter } from './quotes.ts';
import { type Replays, replayDecisions } from './replays.ts';
import { tableStore } from './store.ts';
import { clockOf, REPEATED_AFTER_MS, REPEATED_MINUTE, scheduledEvent } from './timetable.ts';
import { Venue, type VenueInput } from './venue.ts';

/** Summed over the run. */
export interface CheckCounts {
  checks: number;
  /** Repeated or late events, which changed nothing. */
  skipped: number;
  /** = assessed + indeterminate + failed. */
  accounts: number;
  assessed: number;
  indeterminate: number;
  failed: number;
}

export interface DemoRun {
  readonly options: DemoOptions;
  /** Alerts without repeats. */
  readonly messages: readonly Message[];
  readonly venue: Venue;
  readonly owners: Owners;
  readonly counts: CheckCounts;
  readonly gapsSeconds: readonly number[];
  /** Highest measured σ of BTC, annual, by hour. */
  readonly volatilities: ReadonlyMap<number, number>;
  readonly replays: Replays;
  readonly history: History;
}

type ReportProgress = Progress['advance'];

export async function runDemo(
  { services, options }: { readonly services: Services; readonly options: DemoOptions },
  report: ReportProgress,
): Promise<DemoRun> {
  const prices = pricesOfDay(options.seed);
  const { seed, accounts, fromMinute } = options;
  const rows = demoAccountRows({ seed, accounts, prices: prices[fromMinute] as Prices });
  const history = new History(rows, demoMarketRows(options));
  await seedTables(services, { rows, terms: history.terms });
  const market = new DayMarket(prices, accounts);
  const day = await Day.begin(services, { options, history, market });
  for (let minute = options.fromMinute; minute < options.untilMinute; minute++) {
    await day.live(minute, prices[minute] as Prices);
    report(minute + 1 - options.fromMinute, timeText(minute));
  }
  await day.end(minuteTime(options.untilMinute));
  day.replays = await replayDecisions(services);
  return day;
}

async function seedTables(
  { dynamo, config }: Services,
  { rows, terms }: { readonly rows: readonly AccountRow[]; readonly terms: readonly MarketRow[] },
): Promise<void> {
  await writeRows(dynamo, { table: config.marketTable, requests: terms.map(put) });
  await writeRows(dynamo, { table: config.accountsTable, requests: rows.map(put) });
}

interface Planned {
  readonly options: DemoOptions;
  readonly history: History;
  readonly market: DayMarket;
}

interface Queues {
  readonly alerts: Subscription;
  readonly orders: Subscription;
}

class Day implements DemoRun {
  readonly options: DemoOptions;
  readonly venue: Venue;
  readonly owners: Owners;
  readonly history: History;
  readonly gapsSeconds: number[] = [];
  readonly volatilities = new Map<number, number>();
  replays: Replays = { decisions: 0, identical: 0 };
  readonly counts: CheckCounts = {
    checks: 0,
    skipped: 0,
    accounts: 0,
    assessed: 0,
    indeterminate: 0,
    failed: 0,
  };
  private readonly services: Services;
  private readonly market: DayMarket;
  private readonly queues: Queues;
  private readonly quotesOf: ReturnType<typeof quoteWriter>;
  private readonly clockAt: ReturnType<typeof clockOf>;
  private readonly check: ReturnType<typeof createHandler>;
  private readonly heard = new Map<string, Message>();
  private now = 0;

  static async begin(services: Services, planned: Planned): Promise<Day> {
    const { alertsTopicArn, ordersTopicArn } = services.config;
    const queues = {
      alerts: await subscribeQueue(services, { topicArn: alertsTopicArn, queueName: 'desk' }),
      orders: await subscribeQueue(services, { topicArn: ordersTopicArn, queueName: 'venue.fifo' }),
    };
    return new Day({ services, queues, ...planned });
  }

  private constructor(planned: Planned & { services: Services; queues: Queues }) {
    const { services, queues, options, history, market } = planned;
    const { dynamo, config } = services;
    this.history = history;
    this.market = market;
    this.services = services;
    this.queues = queues;
    this.options = options;
    const store = tableStore(dynamo, config.accountsTable);
    const margin = new MarginTable({ dynamo, table: config.marginTable });
    const ofLoss: VenueInput['sharesOf'] = (loss) => sharesOf(margin, loss);
    this.venue = new Venue({ store, market, seed: options.seed, sharesOf: ofLoss });
    this.owners = new Owners(options.seed);
    this.quotesOf = quoteWriter(options.seed);
    this.clockAt = clockOf(options.seed);
    this.check = createHandler({ ...services, now: () => this.now });
  }

  get messages(): readonly Message[] {
    return [...this.heard.values()];
  }

  async live(minute: number, exogenous: Prices): Promise<void> {
    const timeMs = minuteTime(minute);
    this.now = this.clockAt(minute);
    await this.venue.workUntil(timeMs);
    const { displacement } = this.venue;
    const prices = displacedPrices(exogenous, { displacement, timeMs });
    await this.publish(minute, prices);
    await this.venue.workUntil(this.now);
    for (const payment of this.owners.payments(this.now)) await this.venue.receive(payment);
    this.keepBooked();
    const summary = await this.check(scheduledEvent(minute));
    const fundPaid = approximately(this.venue.fundPaid);
    this.history.check(summary, { prices, exogenous, fundPaid });
    this.count(summary);
    if (minute === REPEATED_MINUTE) {
      this.now += REPEATED_AFTER_MS;
      this.count(await this.check(scheduledEvent(minute)));
    }
    await this.noteVolatility(Math.floor(minute / MINUTES_OF_HOUR));
    await this.hearAlerts();
    for (const body of await this.queues.orders.drain()) await this.venue.hear(body, this.now);
  }

  async end(timeMs: number): Promise<void> {
    await this.venue.workUntil(timeMs);
    this.keepBooked();
  }

  private async publish(minute: number, prices: Prices): Promise<void> {
    const { dynamo, config } = this.services;
    const quotes = this.quotesOf(minute, prices);
    const traded = tradedRows(this.options.accounts, (pool) =>
      this.market.thinnessAt(pool, minuteTime(minute)),
    );
    const fund = fundRows(this.options.accounts, this.venue.fundPaid);
    const { marketTable: table } = config;
    await Promise.all(quotes.map((quote) => putQuote(dynamo, { table, quote })));
    await writeRows(dynamo, { table, requests: [...traded, ...fund].map(put) });
    this.history.quote(quotes);
  }

  private keepBooked(): void {
    for (const fill of this.venue.takeBooked()) this.history.change(fill);
  }

  private count(summary: CheckSummary): void {
    if (summary.skipped !== undefined) {
      this.counts.skipped += 1;
      return;
    }
    this.counts.checks += 1;
    for (const key of ['accounts', 'assessed', 'indeterminate', 'failed'] as const) {
      this.counts[key] += summary[key];
    }
    if (summary.gapSeconds !== undefined) this.gapsSeconds.push(summary.gapSeconds);
  }

  private async noteVolatility(hour: number): Promise<void> {
    const { dynamo, config } = this.services;
    const margin = new MarginTable({ dynamo, table: config.marginTable });
    const { feeds } = await readPages(margin, this.now);
    const { annualVariance = 0 } = feeds.get('BTC-USD')?.volatility ?? {};
    const measured = Math.sqrt(annualVariance);
    this.volatilities.set(hour, Math.max(measured, this.volatilities.get(hour) ?? 0));
  }

  private async hearAlerts(): Promise<void> {
    for (const body of await this.queues.alerts.drain()) {
      const message = readMessage(body);
      this.heard.set(message.id, message);
      this.owners.hear(message);
    }
  }
}
