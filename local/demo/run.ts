/**
 * Runs the day check by check on a simulated clock: quotes are written, displacement included;
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
import { DAY_START_MS, MINUTE_MS, MINUTE_SECONDS, minuteTime, timeText } from './black-thursday.ts';
import { DayMarket, displacedPrices } from './book/day-market.ts';
import { type PathStep, type Prices, pricesOfDay } from './feeds.ts';
import { fundRows, sharesOf } from './fund-meter.ts';
import { History } from './history.ts';
import { demoMarketRows, tradedRows } from './market.ts';
import { readMessage } from './message-counts.ts';
import type { DemoOptions } from './options.ts';
import { Owners } from './owners.ts';
import { type Moment, quoteWriter } from './quotes.ts';
import { type Replays, replayDecisions } from './replays.ts';
import { tableStore } from './store.ts';
import { checkEvent, clockOf, REPEATED_AFTER_MS, REPEATED_AT_MS } from './timetable.ts';
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
  const stepSeconds: PathStep = options.isRefined ? 1 : MINUTE_SECONDS;
  const prices = pricesOfDay(options.seed, stepSeconds);
  const { seed, accounts, fromMinute, untilMinute, intervalSeconds } = options;
  const path = { prices, stepMs: stepSeconds * 1000 };
  const first = pricesAt(path, minuteTime(fromMinute));
  const rows = demoAccountRows({ seed, accounts, prices: first });
  const history = new History(rows, demoMarketRows(options));
  await seedTables(services, { rows, terms: history.terms });
  const market = new DayMarket(prices, accounts, stepSeconds);
  const day = await Day.begin(services, { options, history, market, path });
  const intervalMs = intervalSeconds * 1000;
  for (let check = 0; check < checksIn(options); check++) {
    const slotMs = minuteTime(fromMinute) + check * intervalMs;
    await day.live(slotMs);
    report(check + 1, timeText(Math.floor((slotMs - DAY_START_MS) / MINUTE_MS)));
  }
  await day.end(minuteTime(untilMinute));
  day.replays = await replayDecisions(services);
  return day;
}

type Window = Pick<DemoOptions, 'fromMinute' | 'untilMinute' | 'intervalSeconds'>;

/** As many as are due; after a slow start some are not run. */
export const checksIn = ({ fromMinute, untilMinute, intervalSeconds }: Window): number =>
  Math.ceil(((untilMinute - fromMinute) * MINUTE_SECONDS) / intervalSeconds);

/** Without liquidations. */
interface DayPath {
  readonly prices: readonly Prices[];
  readonly stepMs: number;
}

const pricesAt = ({ prices, stepMs }: DayPath, timeMs: number): Prices =>
  prices[Math.floor((timeMs - DAY_START_MS) / stepMs)] as Prices;

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
  readonly path: DayPath;
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
  private readonly path: DayPath;
  private readonly intervalMs: number;
  private readonly queues: Queues;
  private readonly quotesOf: ReturnType<typeof quoteWriter>;
  private readonly clockAt: ReturnType<typeof clockOf>;
  private readonly check: ReturnType<typeof createHandler>;
  private readonly heard = new Map<string, Message>();
  private now = 0;
  /** Quotes are written until here. */
  private quotedMs: number;
  private due: { readonly slotMs: number; readonly atMs: number } | undefined;

  static async begin(services: Services, planned: Planned): Promise<Day> {
    const { alertsTopicArn, ordersTopicArn } = services.config;
    const queues = {
      alerts: await subscribeQueue(services, { topicArn: alertsTopicArn, queueName: 'desk' }),
      orders: await subscribeQueue(services, { topicArn: ordersTopicArn, queueName: 'venue.fifo' }),
    };
    return new Day({ services, queues, ...planned });
  }

  private constructor(planned: Planned & { services: Services; queues: Queues }) {
    const { services, queues, options, history, market, path } = planned;
    const { dynamo, config } = services;
    this.history = history;
    this.market = market;
    this.path = path;
    this.intervalMs = options.intervalSeconds * 1000;
    this.quotedMs = minuteTime(options.fromMinute);
    this.services = services;
    this.queues = queues;
    this.options = options;
    const store = tableStore(dynamo, config.accountsTable);
    const margin = new MarginTable({ dynamo, table: config.marginTable });
    const ofLoss: VenueInput['sharesOf'] = (loss) => sharesOf(margin, loss);
    this.venue = new Venue({ store, market, seed: options.seed, sharesOf: ofLoss });
    this.owners = new Owners(options.seed);
    this.quotesOf = quoteWriter(options.seed, options);
    this.clockAt = clockOf(options.seed, options);
    const interval = { checkIntervalSeconds: options.intervalSeconds };
    const deployed = { ...services, config: { ...config, ...interval } };
    this.check = createHandler({ ...deployed, now: () => this.now });
  }

  get messages(): readonly Message[] {
    return [...this.heard.values()];
  }

  /** After a slow start the quotes go on, and slots are not run until it has ended. */
  async live(slotMs: number): Promise<void> {
    this.due ??= { slotMs, atMs: this.clockAt(slotMs) };
    const between = await this.pricesUntil(slotMs);
    const { exogenous, prices } = await this.seenAt(slotMs);
    await this.publish({ timeMs: slotMs, prices, between });
    if (this.due.atMs >= slotMs + this.intervalMs) return;
    const event = checkEvent(this.due.slotMs, this.options.intervalSeconds);
    this.now = this.due.atMs;
    this.due = undefined;
    await this.venue.workUntil(this.now);
    for (const payment of this.owners.payments(this.now)) await this.venue.receive(payment);
    this.keepBooked();
    await this.checkNow(event, { prices, exogenous });
    if (slotMs === REPEATED_AT_MS) {
      this.now += REPEATED_AFTER_MS;
      await this.checkNow(event, { prices, exogenous });
    }
    await this.noteVolatility(new Date(slotMs).getUTCHours());
    await this.hearAlerts();
    for (const body of await this.queues.orders.drain()) await this.venue.hear(body, this.now);
  }

  private async checkNow(event: object, seen: Record<'prices' | 'exogenous', Prices>) {
    const summary = await this.check(event);
    this.count(summary);
    const fundPaid = approximately(this.venue.fundPaid);
    if (summary.skipped === undefined) this.history.check(summary, { ...seen, fundPaid });
  }

  /** Of the steps between the quotes before and these. */
  private async pricesUntil(slotMs: number): Promise<Prices[]> {
    const passed: Prices[] = [];
    for (let at = this.quotedMs + this.path.stepMs; at < slotMs; at += this.path.stepMs) {
      passed.push((await this.seenAt(at)).prices);
    }
    this.quotedMs = slotMs;
    return passed;
  }

  private async seenAt(timeMs: number) {
    await this.venue.workUntil(timeMs);
    const { displacement } = this.venue;
    const exogenous = pricesAt(this.path, timeMs);
    return { exogenous, prices: displacedPrices(exogenous, { displacement, timeMs }) };
  }

  async end(timeMs: number): Promise<void> {
    await this.venue.workUntil(timeMs);
    this.keepBooked();
  }

  private async publish(moment: Moment): Promise<void> {
    const { dynamo, config } = this.services;
    const quotes = this.quotesOf(moment);
    const traded = tradedRows(this.options.accounts, (pool) =>
      this.market.thinnessAt(pool, moment.timeMs),
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
