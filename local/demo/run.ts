/**
 * Runs the day check by check on a simulated clock: quotes are written, displacement included;
 * owners pay; the real handler checks every account; the venue works the order queue, partly before
 * the next quotes. With events quotes come more often, and what they and changed accounts start is
 * checked in between.
 */
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import type { EventSummary, SkippedEvent } from '../../lambda/check/event-summary.ts';
import { readPages } from '../../lambda/check/feed-memory.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandlers, type Handlers } from '../../lambda/check.ts';
import { approximately } from '../../lambda/margin/number/decimal.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import type { CheckCounts as Counts } from '../../lambda/outbox/check-counters.ts';
import { type AccountRow, type MarketRow, put, writeRows } from '../aws/rows.ts';
import type { Services } from '../aws/services.ts';
import { subscribeQueue } from '../aws/subscription.ts';
import type { Progress } from '../cli/progress.ts';
import { demoAccountRows } from './accounts.ts';
import { DAY_START_MS, MINUTE_MS, MINUTE_SECONDS, minuteTime, timeText } from './black-thursday.ts';
import { DayMarket } from './book/day-market.ts';
import { Events, QUOTES_EVERY_SECONDS } from './events.ts';
import { type PathStep, pricesOfDay } from './feeds.ts';
import { sharesOf } from './fund-meter.ts';
import { History } from './history.ts';
import { demoMarketRows } from './market.ts';
import { readMessage } from './message-counts.ts';
import type { DemoOptions } from './options.ts';
import { Owners } from './owners.ts';
import { type DayPath, pricesAt, Quoting, type SeenPrices } from './quoting.ts';
import { type Replays, replayDecisions } from './replays.ts';
import { tableStore } from './store.ts';
import { checkEvent, clockOf, REPEATED_AFTER_MS, REPEATED_AT_MS } from './timetable.ts';
import { Venue, type VenueInput } from './venue.ts';

/** Summed over the run. */
export interface CheckCounts {
  /** Scheduled ones. */
  checks: number;
  eventChecks: number;
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

/** Tables and topics, and what arrives from these: by queues, or as a caller has it. */
export type DemoServices = Omit<Services, 'sqs' | 'close'> &
  (Pick<Services, 'sqs'> | { readonly drain: Drain });

type Drain = (topic: 'alerts' | 'orders') => Promise<string[]>;

export async function runDemo(
  { services, options }: { readonly services: DemoServices; readonly options: DemoOptions },
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

async function seedTables(
  { dynamo, config }: DemoServices,
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

async function drainOf(services: DemoServices): Promise<Drain> {
  if ('drain' in services) return services.drain;
  const { alertsTopicArn, ordersTopicArn } = services.config;
  const queues = {
    alerts: await subscribeQueue(services, { topicArn: alertsTopicArn, queueName: 'desk' }),
    orders: await subscribeQueue(services, { topicArn: ordersTopicArn, queueName: 'venue.fifo' }),
  };
  return (topic) => queues[topic].drain();
}

/** A slot, and when its check begins. */
interface Due {
  readonly slotMs: number;
  readonly atMs: number;
}

/** Changes that came while a check ran are checked so long after it. */
const AFTER_MS = 200;

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
    eventChecks: 0,
    skipped: 0,
    accounts: 0,
    assessed: 0,
    indeterminate: 0,
    failed: 0,
  };
  private readonly margin: MarginTable;
  private readonly intervalMs: number;
  private readonly drain: Drain;
  private readonly quoting: Quoting;
  private readonly clockAt: ReturnType<typeof clockOf>;
  private readonly handlers: Handlers;
  /** Undefined: only the schedule starts checks. */
  private readonly events: Events | undefined;
  private readonly heard = new Map<string, Message>();
  private now = 0;
  private due: Due | undefined;

  static async begin(services: DemoServices, planned: Planned): Promise<Day> {
    return new Day({ services, drain: await drainOf(services), ...planned });
  }

  private constructor(planned: Planned & { services: DemoServices; drain: Drain }) {
    const { services, drain, options, history, market, path } = planned;
    const { dynamo, config } = services;
    this.history = history;
    this.intervalMs = options.intervalSeconds * 1000;
    this.drain = drain;
    this.options = options;
    const store = tableStore(dynamo, config.accountsTable);
    this.margin = new MarginTable({ dynamo, table: config.marginTable });
    const ofLoss: VenueInput['sharesOf'] = (loss) => sharesOf(this.margin, loss);
    this.venue = new Venue({ store, market, seed: options.seed, sharesOf: ofLoss });
    this.owners = new Owners(options.seed);
    this.quoting = new Quoting({ services, options, history, market, path, venue: this.venue });
    this.clockAt = clockOf(options.seed, options);
    const { intervalSeconds: checkIntervalSeconds, hasEvents } = options;
    const deployed = { ...config, checkIntervalSeconds, ...(hasEvents && { hasEvents }) };
    this.handlers = createHandlers({ ...services, config: deployed, now: () => this.now });
    this.events = hasEvents ? new Events(this.margin) : undefined;
  }

  get messages(): readonly Message[] {
    return [...this.heard.values()];
  }

  /** After a slow start the quotes go on, and slots are not run until it has ended. */
  async live(slotMs: number): Promise<void> {
    this.due ??= { slotMs, atMs: this.clockAt(slotMs) };
    const { seen } = await this.quote(slotMs);
    if (this.events !== undefined) return this.liveByEvents(this.events, { slotMs, seen });
    if (this.due.atMs >= slotMs + this.intervalMs) return;
    await this.runDue(this.due, { slotMs, seen });
  }

  /** From one thing that happens to the next, until the next slot. */
  private async liveByEvents(events: Events, { slotMs, seen: first }: Slot): Promise<void> {
    const endMs = slotMs + this.intervalMs;
    let [seen, quoteMs] = [first, slotMs + QUOTES_EVERY_SECONDS * 1000];
    for (;;) {
      const { atMs = endMs } = this.due ?? {};
      const nextMs = Math.min(quoteMs, atMs, events.nextMs, this.venue.nextDueMs ?? endMs);
      if (nextMs >= endMs) return;
      // Two checks are never at the same time.
      this.now = Math.max(nextMs, this.now + 1);
      await this.settle();
      if (nextMs === quoteMs) {
        ({ seen } = await this.quote(quoteMs));
        quoteMs += QUOTES_EVERY_SECONDS * 1000;
      }
      if (this.due !== undefined && nextMs === atMs) await this.runDue(this.due, { slotMs, seen });
      if (await events.goOn(this.now)) this.countEvent(await this.handlers.event());
      await this.hear();
    }
  }

  private async quote(timeMs: number) {
    const written = await this.quoting.write(timeMs);
    if (timeMs % this.intervalMs === 0) await this.quoting.writeTerms(timeMs);
    this.events?.quoted(written.quotes, timeMs);
    return written;
  }

  private async runDue({ slotMs: askedMs, atMs }: Due, { slotMs, seen }: Slot): Promise<void> {
    const event = checkEvent(askedMs, this.options.intervalSeconds);
    this.now = Math.max(atMs, this.now);
    this.due = undefined;
    await this.settle();
    await this.checkNow(event, seen);
    if (slotMs === REPEATED_AT_MS) {
      this.now += REPEATED_AFTER_MS;
      await this.checkNow(event, seen);
    }
    await this.noteVolatility(new Date(slotMs).getUTCHours());
    await this.hear();
  }

  /** The venue works, and owners pay. */
  private async settle(): Promise<void> {
    await this.venue.workUntil(this.now);
    for (const payment of this.owners.payments(this.now)) await this.venue.receive(payment);
    this.keepBooked();
  }

  private async checkNow(event: object, seen: SeenPrices): Promise<void> {
    const summary = await this.handlers.check(event);
    this.count(summary);
    const fundPaid = approximately(this.venue.fundPaid);
    if (summary.skipped === undefined) this.history.check(summary, { ...seen, fundPaid });
    if (this.events === undefined) return;
    this.now += AFTER_MS;
    this.countEvent(await this.handlers.after(summary));
  }

  async end(timeMs: number): Promise<void> {
    await this.venue.workUntil(timeMs);
    this.keepBooked();
  }

  private keepBooked(): void {
    for (const fill of this.venue.takeBooked()) {
      this.history.change(fill);
      const changed = [...fill.written, ...fill.removed].map(({ accountId }) => accountId);
      this.events?.changed(new Set(changed), this.now);
    }
  }

  private count(summary: CheckSummary): void {
    if (summary.skipped !== undefined) {
      this.counts.skipped += 1;
      return;
    }
    this.counts.checks += 1;
    this.add(summary);
    if (summary.gapSeconds !== undefined) this.gapsSeconds.push(summary.gapSeconds);
  }

  private countEvent(found: EventSummary | SkippedEvent): void {
    if ('skipped' in found) return;
    this.counts.eventChecks += 1;
    this.add(found);
    const kind = found.feeds.length > 0 ? 'moved' : 'changed';
    this.history.eventCheck(Date.parse(found.asOf), kind);
  }

  private add(summary: Counts): void {
    for (const key of ['accounts', 'assessed', 'indeterminate', 'failed'] as const) {
      this.counts[key] += summary[key];
    }
  }

  private async noteVolatility(hour: number): Promise<void> {
    const { feeds } = await readPages(this.margin, this.now);
    const { annualVariance = 0 } = feeds.get('BTC-USD')?.volatility ?? {};
    const measured = Math.sqrt(annualVariance);
    this.volatilities.set(hour, Math.max(measured, this.volatilities.get(hour) ?? 0));
  }

  private async hear(): Promise<void> {
    for (const body of await this.drain('alerts')) {
      const message = readMessage(body);
      this.heard.set(message.id, message);
      this.owners.hear(message);
    }
    for (const body of await this.drain('orders')) await this.venue.hear(body, this.now);
  }
}

interface Slot {
  readonly slotMs: number;
  /** The prices of the last quotes. */
  readonly seen: SeenPrices;
}
