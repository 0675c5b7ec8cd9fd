/**
 * One history, lived through: the real handler in a function of an AWS in memory, with everybody
 * around it, in virtual time. Nothing but the history decides what happens.
 */
import { createHash } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type PublishBatchCommand, SNSServiceException } from '@aws-sdk/client-sns';
import type { AccountWorkers } from '../../lambda/accounts/account-workers.ts';
import { CANARY_PREFIX } from '../../lambda/aws/accounts-table.ts';
import { rowOf } from '../../lambda/aws/attribute-values.ts';
import type { CertificatesSummary } from '../../lambda/certified/certified-check.ts';
import type { EventSummary, SkippedEvent } from '../../lambda/check/event-summary.ts';
import type { CheckSummary } from '../../lambda/check/summary.ts';
import { createHandlers } from '../../lambda/check.ts';
import type { Config } from '../../lambda/config.ts';
import { groupBy } from '../../lambda/margin/number/group-by.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import type { CheckCounts } from '../../lambda/outbox/check-counters.ts';
import { isEventCheckId, timeOfCheck } from '../../lambda/outbox/check-id.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { CheckFailedError } from '../../lambda/run-check.ts';
import { TABLES } from '../../lib/names.ts';
import { put, writeRows } from '../../local/aws/rows.ts';
import type { Item } from '../aws/attribute-value.ts';
import { certifiedMemory } from '../aws/certified-memory.ts';
import { MemoryBuckets } from '../aws/memory-bucket.ts';
import { type Context, type Ending, MemoryFunction } from '../aws/memory-function.ts';
import { MemoryStreams } from '../aws/memory-streams.ts';
import type { Change } from '../aws/memory-table.ts';
import { MemoryTables } from '../aws/memory-tables.ts';
import { MemoryTopics } from '../aws/memory-topics.ts';
import { type Fate, Process, type ProcessCall } from '../aws/network.ts';
import { CHECKPOINTS } from '../aws/services.ts';
import { VirtualTime } from '../aws/virtual-time.ts';
import { operate, Prices, WorldVenue, writeQuotes } from './actors.ts';
import { audit } from './audit.ts';
import { accountRows, marketRows } from './book.ts';
import { Coverage } from './coverage.ts';
import type { CallFault, History, Minute, OwnerAction, SlotsPlan } from './history.ts';
import { agreementFaults, lookAt, oldNewsFaults, readerFaults, type Seen } from './judged.ts';
import { Overtaken } from './overtaken.ts';
import { Quoted } from './quoted.ts';
import { RowsAtRest } from './rows-at-rest.ts';
import { HELD_MS, Runs } from './runs.ts';
import { SLOT_SECONDS, Slots } from './slots.ts';
import { Told } from './told.ts';
import { Watch } from './watch.ts';
import { WORKER_FAULTS, type WorkerFault, worldWorkers } from './workers.ts';

export const START = Date.parse('2026-03-12T10:00:00.000Z');
export const MINUTE_MS = 60_000;
/** Checks after the last fault, until which everything is in order. */
export const CALM_MINUTES = 3;

const CHECK_LAG_MS = 250;
const STREAM_DELAY_MS = 200;
const QUOTES_BEFORE_MS = 6_000;
const BEGINS_BEFORE_MS = 26_000;
const OPERATORS_BEFORE_MS = 15_000;
const VENUE_EVERY_MS = 9_000;
/** Its quotes are there when a check begins. */
const FEEDS_TASK = 'the feeds';
/** It takes less than a second for a change of several rows. */
const VENUE_TASK = 'the venue';
const FROZEN_MS = 12_000;

/** As many messages as Lambda takes of a queue at once, at least. */
const SLOTS_AT_ONCE = 2;

/** In which the last event check ends. */
const EVENT_MS = 10_000;

/** So small that a checkpoint has several. */
const PART_BYTES = 500;

export const CONFIG = {
  accountsTable: 'accounts',
  marketTable: 'market',
  marginTable: 'margin',
  alertsTopicArn: 'arn:aws:sns:us-east-1:000000000000:margin-alerts',
  ordersTopicArn: 'arn:aws:sns:us-east-1:000000000000:liquidation-orders.fifo',
  checkIntervalSeconds: 60,
  scanSegments: 2,
} as const;

const CALM: Minute = {
  btc: 0,
  eth: 0,
  quotes: 'all',
  venue: 'prompt',
  topics: 'up',
  operator: 'nothing',
  inTrouble: 'nothing',
  owners: [],
  check: { delayMs: 0, copies: 1, copyDelayMs: 0 },
  lagMs: 0,
};

/** What an operator does once the trouble is over. */
const CALM_OPERATORS = ['resume', 'enforce'] as const;

export interface Lived {
  readonly violations: readonly string[];
  readonly coverage: Coverage;
  /** Of all that happened, in order. */
  readonly digest: string;
  /** In words, if asked for. */
  readonly story: readonly string[];
}

export interface LiveOptions {
  readonly tells?: boolean;
}

export async function live(history: History, options: LiveOptions = {}): Promise<Lived> {
  const world = new World(history, options);
  try {
    await world.live();
  } catch (error) {
    world.watch.violate(`it could not be lived: ${error instanceof Error ? error.stack : error}`);
  }
  return {
    violations: world.watch.violations,
    coverage: world.coverage,
    digest: world.digest,
    story: world.story,
  };
}

export class World {
  readonly coverage = new Coverage();
  readonly watch: Watch;
  /** All that happened, in order. */
  private readonly log: string[] = [];
  readonly story: string[] = [];
  readonly history: History;
  readonly time = new VirtualTime(START - MINUTE_MS);
  readonly tables: MemoryTables;
  private readonly stream: MemoryStreams;
  private readonly buckets: MemoryBuckets;
  readonly prices = new Prices();
  readonly atRest = new RowsAtRest();
  readonly quoted = new Quoted();
  readonly venue: WorldVenue;
  /** What the last check found. */
  seen: (Seen & { readonly accounts: ReadonlyMap<string, readonly RawRow[]> }) | undefined;
  /** Accounts whose rows were written during the last check. */
  readonly touched = new Set<string>();
  private hasLastEnded = false;
  private readonly runs = new Runs();
  /** Accounts when a check began, by task. */
  private readonly standing = new Map<string, Set<string>>();
  private readonly overtaken: Overtaken;
  private readonly told: Told;
  private events = 0;
  private readonly eventIds = new Map<string, string>();
  private readonly topics: MemoryTopics;
  private readonly function: MemoryFunction;
  private readonly minutes: readonly Minute[];
  private readonly faults = new Map<string, Pick<CallFault, 'kind' | 'attempts'>>();
  /** When a call of an event check, or of what asks for them, had a fault last. */
  private eventFaultAt = Number.NEGATIVE_INFINITY;
  private readonly tells: boolean;
  private readonly intervalSeconds: number;
  private readonly slots: Slots | undefined;
  /** Messages of slots that wait for the function. */
  private readonly waiting: (() => void)[] = [];
  private slotsRunning = 0;
  private minute: Minute = CALM;
  private publications = 0;
  private processes = 0;
  private answers = 0;

  constructor(history: History, { tells = false }: LiveOptions) {
    this.history = history;
    this.tells = tells;
    this.intervalSeconds = history.slots ? SLOT_SECONDS : CONFIG.checkIntervalSeconds;
    this.watch = new Watch(this.coverage, history.policy, this.intervalSeconds);
    const calm = Array.from({ length: CALM_MINUTES }, () => CALM);
    this.minutes = [...history.minutes, ...calm];
    const { time } = this;
    const { partitionKey, sortKey } = TABLES.accounts;
    const { shards: shardCount = 1 } = history.certificates ?? {};
    const viewType = 'KEYS_ONLY';
    const streamed = { partitionKey, sortKey, viewType, shardCount } as const;
    this.buckets = new MemoryBuckets(time, [CHECKPOINTS]);
    this.stream = new MemoryStreams({ time, tables: { [CONFIG.accountsTable]: streamed } });
    this.stream.delayMs = STREAM_DELAY_MS;
    this.tables = new MemoryTables({
      time,
      definitions: TABLES,
      onChange: (change) => {
        if (change.table === CONFIG.marginTable) this.watch.written(change);
        if (history.slots && change.keys.sk?.S === 'latest') this.mustWait(change);
        if (change.keys.pk?.S === 'feeds') this.quoted.firstCheck ??= time.now;
        if (history.hasEvents && change.table !== CONFIG.marginTable) this.told.change(change);
        if (change.table === CONFIG.accountsTable) this.noteAccount(change);
        if (change.keys.kind?.S === 'policy') this.watch.policyWritten(change, time.now);
      },
    });
    this.told = new Told({
      time,
      marginTable: CONFIG.marginTable,
      start: (task) => this.process(task),
      failed: (task, error) => {
        if (!this.hasFault(task)) this.watch.violate(`${task} failed without a fault: ${error}`);
      },
      wake: () => this.startEvent(),
    });
    this.overtaken = new Overtaken({
      checkIdOf: (task) => this.checkIdOf(task),
      stored: (table = '', key) => this.tables.item(table, key),
      violate: (what) => this.watch.violate(what),
    });
    const { alertsTopicArn, ordersTopicArn } = CONFIG;
    this.topics = new MemoryTopics({
      time,
      topicArns: [alertsTopicArn, ordersTopicArn],
      delayMs: () => 20 + (this.mixed(this.publications) % 400),
      refusal: () => this.refusal(),
    });
    this.venue = new WorldVenue({
      process: this.process(VENUE_TASK),
      table: CONFIG.accountsTable,
      prices: this.prices,
      onRest: () => this.rest(),
    });
    this.topics.subscribe(alertsTopicArn, ({ body }) => this.hearAlert(body));
    this.topics.subscribe(ordersTopicArn, ({ body }) => this.hearOrder(body));
    for (const fault of history.faults) {
      if (fault.minute < history.minutes.length) {
        const task = `check ${fault.minute}.${fault.copy}`;
        this.faults.set(`${task}/${fault.of}/${fault.call}`, fault);
      }
    }
    for (const fault of history.eventFaults ?? []) {
      this.faults.set(`${fault.of} ${fault.number}/all/${fault.call}`, fault);
    }
    this.slots = history.slots && this.slotsOf(history.slots);
    this.function = new MemoryFunction({
      time,
      timeoutMs: CONFIG.checkIntervalSeconds * 1000,
      start: () => this.coldStart(),
    });
  }

  get digest(): string {
    return createHash('sha256').update(this.log.join('\n')).digest('hex');
  }

  private touch(accountId: string): void {
    this.atRest.changes(accountId);
    // An event check decides about what changes after the last scheduled one.
    if (this.history.hasEvents || !this.hasLastEnded) this.touched.add(accountId);
  }

  /** The accounts table's items, without the rows that checks write. */
  accountItems(): Item[] {
    const isOfAccount = ({ accountId }: Item) => !accountId?.S?.startsWith(CANARY_PREFIX);
    return this.tables.items(CONFIG.accountsTable).filter(isOfAccount);
  }

  private accounts(): ReadonlyMap<string, readonly RawRow[]> {
    const rows = this.accountItems().map(rowOf);
    return groupBy(rows, ({ accountId }) => String(accountId));
  }

  private rest(): void {
    const rows = this.accounts();
    this.atRest.rest((accountId) => rows.get(accountId) ?? []);
  }

  private process(task: string): Process {
    const number = ++this.processes;
    const process: Process = new Process({
      task,
      time: this.time,
      dynamo: { answer: (command) => this.stored(command, process) },
      sns: { answer: (command) => this.published(command as PublishBatchCommand, process) },
      streams: this.stream,
      s3: this.buckets,
      fateOf: (call, attempt) => this.fateOf(call, attempt, number),
    });
    return process;
  }

  private coldStart() {
    const process = this.process('a cold start');
    this.coverage.count('functions', 'cold starts');
    const { dynamo, sns, streams, s3 } = process;
    const { time } = this;
    const { hasEvents } = this.history;
    const checkIntervalSeconds = this.intervalSeconds;
    const config = { ...CONFIG, ...this.certificates, hasEvents, checkIntervalSeconds };
    const started = time.now;
    const stopwatch = {
      now: () => time.now - started,
      wait: (milliseconds: number) => process.wait(milliseconds),
    };
    const now = () => time.now;
    const resources = { dynamo, sns, config, stopwatch };
    const certified = certifiedMemory({ ...resources, streams, s3, partBytes: PART_BYTES });
    const workers = this.history.certificates?.workers && this.workersOf(process);
    const { check, event, after } = createHandlers({ ...resources, certified, workers, now });
    const named = async (given: unknown, context: Context) => {
      const { task, isEvent, ...scheduled } = given as Named;
      process.begin(task);
      if (isEvent) return event(context);
      const summary = await check(scheduled, context);
      await after(summary, context);
      return summary;
    };
    return { process, handler: named };
  }

  private workersOf(process: Process): AccountWorkers {
    const nextFault = (): WorkerFault | undefined => {
      const drawn = this.mixed(this.answers++);
      const { faultyOneIn = 1 } = this.history.certificates?.workers ?? {};
      const isFaulty = this.minute !== CALM && drawn % faultyOneIn === 0;
      const fault = isFaulty ? WORKER_FAULTS[(drawn >> 4) % WORKER_FAULTS.length] : undefined;
      this.coverage.count('workers', fault ?? 'answers');
      return fault;
    };
    const workerProcess = this.process('a worker');
    return worldWorkers({ process, workerProcess, table: CONFIG.accountsTable, nextFault });
  }

  private get certificates(): Pick<Config, 'certificates'> {
    const plan = this.history.certificates;
    if (plan === undefined) return {};
    const streamArn = this.stream.arnOf(CONFIG.accountsTable);
    const bucket = plan.hasCheckpoints ? CHECKPOINTS : undefined;
    return { certificates: { streamArn, bucket } };
  }

  async live(): Promise<void> {
    const setUp = this.process('set-up');
    await this.run(this.writeBook(setUp));
    this.rest();
    for (const index of this.minutes.keys()) this.schedule(index);
    this.slots?.begin(`slots -1.0`);
    const last = this.lastAt;
    const some = START + (this.history.latencySeed % this.history.minutes.length) * MINUTE_MS;
    // The last slot is looked at when it is handed over.
    for (const due of this.slots ? [some] : [some, last]) {
      const asOf = due + CHECK_LAG_MS;
      this.time.at(asOf - 1, () => this.does('the auditor', this.look(due, asOf)));
    }
    const end = last + MINUTE_MS + EVENT_MS;
    await this.time.runUntil(end);
    this.slots?.audit();
    for (const fault of this.runs.faults()) this.watch.violate(fault);
    audit(this);
  }

  private get lastAt(): number {
    return START + (this.minutes.length - 1) * MINUTE_MS;
  }

  /** Reads what the check of that minute will read, in no time. */
  private async look(scheduledAt: number, asOf: number): Promise<void> {
    const { time, tables } = this;
    const sns = { answer: (command: object) => this.topics.answer(command) };
    const fateOf = () => ({ requestMs: 0 });
    const auditor = new Process({ task: 'the auditor', time, dynamo: tables, sns, fateOf });
    const accounts = this.accounts();
    this.touched.clear();
    const checkIntervalSeconds = this.intervalSeconds;
    const seen = await lookAt(auditor, { scheduledAt, asOf, checkIntervalSeconds });
    for (const [accountId, rows] of accounts) {
      const faults = readerFaults({ accountId, rows }, seen);
      const when = new Date(scheduledAt).toISOString();
      for (const fault of faults) this.watch.violate(`at ${when}: ${accountId} ${fault}`);
    }
    for (const fault of agreementFaults(seen, this.quoted)) this.watch.violate(fault);
    // A check with a fault may not have kept what it read.
    if (this.history.faults.length === 0) {
      for (const fault of oldNewsFaults(seen, this.quoted)) this.watch.violate(fault);
    }
    this.seen = { ...seen, accounts };
  }

  /** Lets virtual time pass until a promise is settled. */
  private async run<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const done = promise.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) await this.time.runUntil(this.time.now + 10);
    return done;
  }

  private async writeBook({ dynamo }: Process): Promise<void> {
    const { accountsTable, marketTable } = CONFIG;
    const market = marketRows(this.history).map(put);
    await writeRows(dynamo, { table: marketTable, requests: market });
    const accounts = this.history.accounts.flatMap(accountRows).map(put);
    if (accounts.length > 0) await writeRows(dynamo, { table: accountsTable, requests: accounts });
  }

  private schedule(index: number): void {
    const minute = this.minutes[index] as Minute;
    const { time, prices } = this;
    const due = START + index * MINUTE_MS;
    const isFirstCalm = index === this.history.minutes.length;
    time.at(due - BEGINS_BEFORE_MS, () => this.beginMinute(minute, index));
    for (const action of minute.owners) time.at(due + action.atMs, () => this.act(action));
    const operators = isFirstCalm ? CALM_OPERATORS : [this.operatorOf(minute, index)];
    for (const [place, operator] of operators.entries()) {
      time.at(due - OPERATORS_BEFORE_MS + place * 4_000, () => this.operate(operator));
    }
    time.at(due - QUOTES_BEFORE_MS, () => {
      prices.move(minute);
      this.tellMove(minute);
      const quoting = { table: CONFIG.marketTable, prices, quotes: minute.quotes, at: time.now };
      this.quoted.note(minute, prices.now, time.now);
      this.does('quotes', writeQuotes(this.process(FEEDS_TASK), quoting));
    });
    for (let at = 0; at < MINUTE_MS; at += VENUE_EVERY_MS) {
      if (minute.venue === 'never' || (minute.venue === 'late' && at < 45_000)) continue;
      const worksAt = due + at + (this.mixed(index + at) % 2_500);
      time.at(worksAt, () => this.venue.workUntil(time.now));
    }
    this.scheduleCheck(minute, index);
  }

  private operatorOf({ operator, inTrouble }: Minute, index: number): Minute['operator'] {
    const isTroubled = (this.minutes[index - 1]?.topics ?? 'up') !== 'up';
    return operator === 'nothing' && isTroubled ? inTrouble : operator;
  }

  private scheduleCheck({ check }: Minute, index: number): void {
    const due = START + index * MINUTE_MS;
    const event = {
      source: 'aws.scheduler',
      'detail-type': 'Scheduled Event',
      time: new Date(due).toISOString(),
    };
    if (check.copies === 0) this.coverage.count('schedule', 'lost');
    if (check.copies > 1) this.coverage.count('schedule', 'doubled');
    if (check.delayMs > 0) this.coverage.count('schedule', 'late');
    for (let copy = 0; copy < check.copies; copy++) {
      const at = due + CHECK_LAG_MS + check.delayMs + copy * check.copyDelayMs;
      const name = `${index}.${copy}`;
      this.time.at(at, () => {
        if (this.slots === undefined) void this.beginCheck(`check ${name}`, event, event.time);
        else this.slots.begin(`slots ${name}`);
      });
    }
  }

  private async beginCheck(task: string, event: object, checkId: string): Promise<void> {
    if (this.function.running > 0) this.coverage.count('schedule', 'overlapping');
    this.tell(`${task} begins`);
    this.runs.begin(task, checkId, this.time.now);
    this.standing.set(task, new Set(this.accounts().keys()));
    this.ended(task, await this.function.invoke({ task, ...event }));
  }

  private slotsOf(plan: SlotsPlan): Slots {
    return new Slots({
      ...{ time: this.time, marginTable: CONFIG.marginTable, plan },
      startMs: START,
      lastMs: this.lastAt,
      start: (task) => this.process(task),
      hand: (slotMs) => {
        this.waiting.push(() => void this.beginSlot(slotMs));
        this.handNext();
      },
      count: (what) => this.coverage.count('slots', what),
      violate: (what) => this.watch.violate(what),
    });
  }

  /** Lambda takes two messages of a queue at once. */
  private handNext(): void {
    if (this.slotsRunning < SLOTS_AT_ONCE) this.waiting.shift()?.();
  }

  private async beginSlot(slotMs: number): Promise<void> {
    const { time } = this;
    const intervalMs = this.intervalSeconds * 1000;
    const minute = Math.floor((slotMs - START) / MINUTE_MS);
    const name = `check ${minute}.${(slotMs - START - minute * MINUTE_MS) / intervalMs}`;
    const task = this.runs.checkIdOf(name) === undefined ? name : `${name} again at ${time.now}`;
    if (slotMs === this.lastAt) this.does('the auditor', this.look(slotMs, time.now));
    const body = JSON.stringify({ slot: new Date(slotMs).toISOString() });
    const event = { Records: [{ messageId: '1', eventSource: 'aws:sqs', body }] };
    // The message that waited stands for the newest slot.
    const newest = Math.max(slotMs, Math.floor(time.now / intervalMs) * intervalMs);
    this.slotsRunning++;
    await this.beginCheck(task, event, new Date(newest).toISOString());
    this.slotsRunning--;
    this.handNext();
  }

  private startEvent(): void {
    const task = `event ${++this.events}`;
    this.tell(`${task} begins`);
    void this.function.invoke({ task, isEvent: true }).then((ending) => {
      this.note(`${task} ${ending.how}`);
      if (ending.how === 'returned') this.noteEvent(ending.result as EventSummary, task);
      if (ending.how === 'timed out' && !this.hasFault(task)) {
        this.watch.violate(`${task} took longer than the function may`);
      }
      if (ending.how === 'killed') this.coverage.count('events', 'killed');
      if (ending.how !== 'threw') return;
      this.coverage.count('events', 'failed');
      this.tell(`${task} failed: ${ending.error}`);
      const minute = Math.floor((this.time.now - START) / MINUTE_MS);
      const isTroubled = this.time.now - this.eventFaultAt < 2 * MINUTE_MS;
      if (isTroubled || this.mayFail(`event ${minute}.0`)) return;
      this.watch.violate(`${task} failed without a fault: ${ending.error}`);
    });
  }

  private noteEvent(found: EventSummary | SkippedEvent, task: string): void {
    if ('skipped' in found) {
      this.coverage.count('events', found.skipped);
      this.tell(`${task} was skipped: ${found.skipped}`);
      return;
    }
    const { feeds, changed, isOvertaken } = found;
    this.coverage.count('events', feeds.length > 0 ? 'of all accounts' : 'of changed accounts');
    if (isOvertaken) this.coverage.count('events', 'overtaken');
    this.tell(`${task} ended: ${changed.count} accounts changed, ${feeds} moved`);
    this.noteSummary(found, task);
  }

  private beginMinute(minute: Minute, index: number): void {
    this.minute = minute;
    this.streamFrom(index);
    this.tables.lagMs = minute.lagMs;
    this.venue.begin(minute);
    const { quotes, venue, topics, lagMs } = minute;
    if (minute !== CALM) {
      this.coverage.count('quotes', quotes);
      this.coverage.count('venue', venue);
      this.coverage.count('topics', topics);
      if (lagMs > 0) this.coverage.count('tables', 'lagging reads');
    } else if (index === this.history.minutes.length) this.tell('from here all is calm');
  }

  /** All is calm again after the last minute with faults. */
  private streamFrom(index: number): void {
    const { stream, history } = this;
    const { certificates, minutes } = history;
    if (index === minutes.length) {
      stream.delayMs = STREAM_DELAY_MS;
      stream.emptyPages = 0;
    }
    for (const fault of certificates?.stream ?? []) {
      if (fault.minute !== index) continue;
      const { delayMs, emptyPages, isSplit } = fault;
      stream.delayMs = delayMs;
      stream.emptyPages = emptyPages;
      if (isSplit) stream.splitAny(CONFIG.accountsTable, this.mixed(index));
      this.tell(`the stream: ${JSON.stringify(fault)}`);
      this.coverage.count('stream', `delay of ${delayMs} ms`);
      if (emptyPages > 0) this.coverage.count('stream', 'empty pages');
      if (isSplit) this.coverage.count('stream', 'splits');
    }
  }

  private act(action: OwnerAction): void {
    const plan = this.history.accounts[action.account];
    if (plan === undefined) return;
    this.coverage.count('owners', action.kind);
    this.tell(`the owner of account-${action.account + 1} ${action.kind} (${action.size})`);
    this.venue.act(action, plan, this.time.now);
  }

  private operate(operator: Minute['operator']): void {
    if (operator === 'nothing') return;
    this.coverage.count('operators', operator);
    this.tell(`the operator: ${operator}`);
    if (operator === 'deploys') this.function.forgetEnvironments();
    else {
      const at = this.time.now;
      const change = { table: CONFIG.marketTable, operator, at };
      this.does('operator', operate(this.process('the operator'), change));
    }
  }

  private does(who: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.watch.violate(`${who}: ${error}`));
  }

  private hearAlert(body: string): void {
    const message = this.watch.heardAlert(body);
    this.note(`alert ${message?.id}`);
    this.tell(`alert ${message?.type}: ${message?.id}`);
  }

  private hearOrder(body: string): void {
    const message = this.watch.heardOrder(body);
    this.note(`order ${message?.id}`);
    this.tell(`order ${message?.type}: ${message?.id}`);
    this.venue.hear(body, this.time.now);
    if (this.minute.venue === 'twice') this.venue.hear(body, this.time.now);
  }

  private ended(task: string, ending: Ending): void {
    this.note(`${task} ${ending.how}`);
    if (task === `check ${this.minutes.length - 1}.0`) this.hasLastEnded = true;
    this.coverage.count('checks', ending.how);
    const summary = summaryOf(ending);
    this.tell(`${task} ${ending.how}${summary?.skipped ? `: ${summary.skipped}` : ''}`);
    if (summary !== undefined) this.noteSummary(summary, task);
    this.runs.end(task, {
      endedAt: this.time.now,
      hasRun: summary !== undefined && summary.skipped === undefined,
      hasDied: summary === undefined,
    });
    if (summary?.skipped !== undefined) this.mustBeSkipped(task);
    if (ending.how === 'timed out' && !this.hasFault(task)) {
      this.watch.violate(`${task} took longer than the function may`);
    }
    if (ending.how !== 'threw') return;
    const { error } = ending;
    this.tell(`  ${error}`);
    if (!this.mayFail(task)) this.watch.violate(`${task} failed without a fault: ${error}`);
  }

  private noteSummary(
    summary: CheckCounts & Pick<CheckSummary, 'errors' | 'certificates'>,
    task: string,
  ): void {
    const { accounts, assessed, indeterminate, failed, unaccounted, levels, errors } = summary;
    if (accounts !== assessed + indeterminate + failed + unaccounted) {
      this.watch.violate(`${task}: ${accounts} accounts, of which ${assessed} were assessed`);
    }
    // An event check is never a complete one.
    const isWhole = 'isComplete' in summary && summary.isComplete === true;
    if (isWhole && this.minute.lagMs === 0) this.mustHaveSeenAll(summary, task);
    if (accounts > this.history.accounts.length) {
      this.watch.violate(`${task} counts ${accounts} of ${this.history.accounts.length} accounts`);
    }
    if (Math.min(assessed, indeterminate, failed, unaccounted) < 0) {
      this.watch.violate(`${task}: a count is below zero`);
    }
    for (const [level, count] of Object.entries(levels))
      this.coverage.count('levels', level, count);
    this.coverage.count('levels', 'indeterminate', indeterminate);
    if (summary.certificates !== undefined) this.noteCertificates(summary.certificates, task);
    // AWS refuses what the product must not send, and no trouble excuses a fault of the code.
    const inexcusable = /Validation|InvalidParameter|TooLong|(Range|Type|Reference)Error/;
    const found = errors.find((error) => inexcusable.test(error));
    if (found !== undefined) this.watch.violate(`${task}: ${found}`);
  }

  /** A complete check counts all accounts that were there from its beginning to its end. */
  private mustHaveSeenAll({ accounts }: CheckCounts, task: string): void {
    const stood = this.standing.get(task)?.size ?? 0;
    if (accounts >= stood) return;
    this.watch.violate(`${task} is complete with ${accounts} of ${stood} accounts`);
  }

  private noteAccount(change: Change): void {
    const accountId = change.keys.accountId?.S ?? '';
    this.stream.record(change.table, change);
    this.touch(accountId);
    if (change.newImage === undefined) this.noteGone(accountId);
  }

  /** An account that leaves during a check may come back before its end, after it was looked for. */
  private noteGone(accountId: string): void {
    if (this.accounts().has(accountId)) return;
    for (const stood of this.standing.values()) stood.delete(accountId);
  }

  /** The stream is late at times, and loses nothing. */
  private noteCertificates(found: CertificatesSummary, task: string): void {
    const { certified, remembered, changed, allRead, missed, unsound, uncertified } = found;
    this.coverage.count('certificates', 'accounts not read', certified);
    this.coverage.count('certificates', 'accounts remembered', remembered);
    this.coverage.count('certificates', 'accounts that changed', changed);
    for (const [why, count] of Object.entries(uncertified)) {
      this.coverage.count('uncertified', why, count);
    }
    // Errors of AWS end with their own words.
    const { restoredFrom, checkpointFailure } = found;
    if (restoredFrom !== undefined) this.coverage.count('checkpoints', 'restored');
    if (checkpointFailure !== undefined) this.coverage.count('checkpoints', 'not stored');
    if (allRead !== undefined) this.coverage.count('all read', allRead.split(':')[0] ?? '');
    if (allRead === undefined) this.tell(`  ${certified} accounts not read, ${changed} changed`);
    else this.tell(`  all read: ${allRead}`);
    if (missed.count > 0) this.watch.violate(`${task} missed changes of ${missed.accounts}`);
    if (unsound.count > 0) {
      this.watch.violate(`${task}: certificates of ${unsound.accounts} promised too much`);
    }
  }

  /** Below a minute a check moves the fence once the one before has put its record, or is over. */
  private mustWait({ newImage, oldImage }: Change): void {
    const [before, now] = [oldImage?.checkId?.S, newImage?.checkId?.S];
    if (before === undefined || before === now) return;
    if (this.time.now - Date.parse(before) >= HELD_MS) return;
    const record = { pk: { S: 'check' }, sk: { S: before } };
    if (this.tables.item(CONFIG.marginTable, record) !== undefined) return;
    this.watch.violate(`${now} has overtaken ${before}, which has put no record`);
  }

  private mustBeSkipped(task: string): void {
    if (this.runs.maySkip(task, this.slots !== undefined)) return;
    this.watch.violate(`${task} was skipped, and no other run has taken its place`);
  }

  /** Any run of the check had a fault. */
  hasFaultAt(checkId: string): boolean {
    return this.runs.tasksOf(checkId).some((task) => this.hasFault(task));
  }

  private hasFault(task: string): boolean {
    return [...this.faults.keys()].some((place) => place.startsWith(`${task}/`));
  }

  /** A fault at this check or the one before, or topics that are away, may make a check fail. */
  private mayFail(task: string): boolean {
    const index = Number(task.split(' ')[1]?.split('.')[0]);
    const minutes = this.minutes.slice(Math.max(0, index - 2), index + 3);
    const isTroubled = minutes.some(
      ({ topics, check }) => topics !== 'up' || check.copies > 1 || check.delayMs > 0,
    );
    const hasFault = this.history.faults.some(
      (fault) => fault.minute <= index && fault.minute >= index - 2,
    );
    const hasLostSlots = this.history.slots?.messages.some(
      ({ slot }) => Math.abs(Math.floor((slot * this.intervalSeconds) / 60) - index) <= 1,
    );
    return isTroubled || hasFault || hasLostSlots === true;
  }

  private fateOf(call: ProcessCall, attempt: number, process: number): Fate {
    if (attempt === 1) this.note(`${call.task} ${call.index} ${call.command} ${call.target}`);
    const requestMs = this.latency(call.task, process, call.index);
    const fault =
      this.faults.get(`${call.task}/all/${call.index}`) ??
      this.faults.get(`${call.task}/${call.command}/${call.ofCommand}`);
    if (fault === undefined || attempt > fault.attempts) return { requestMs };
    const isOfEvents = !/^(check|a cold start)/.test(call.task);
    // A check that has to finish what it left may not come any more.
    if (isOfEvents && this.minute === CALM) return { requestMs };
    if (isOfEvents) this.eventFaultAt = this.time.now;
    this.coverage.count(isOfEvents ? 'event faults' : 'faults', fault.kind);
    this.tell(
      `  ${call.task}: call ${call.index}, ${call.command} on ${call.target}: ${fault.kind}`,
    );
    if (fault.kind !== 'frozen') return { requestMs, fault: fault.kind };
    return { requestMs, pauseMs: attempt === 1 ? FROZEN_MS * fault.attempts : 0 };
  }

  private latency(task: string, process: number, call: number): number {
    if (this.history.latencySeed === 0 || task === FEEDS_TASK) return 5;
    const drawn = this.mixed(process * 1_000_003 + call);
    if (task === VENUE_TASK) return 1 + (drawn % 100);
    return drawn % 50 === 0 ? 1 + (drawn % 1_700) : 1 + (drawn % 37);
  }

  /** A whole number from the history's seed. */
  private mixed(number: number): number {
    let mixed = (number ^ (this.history.latencySeed * 0x9e3779b1)) >>> 0;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b) >>> 0;
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 0;
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  private stored(command: object, process: Process): object {
    const { task } = process;
    this.noteEventId(command, process);
    this.overtaken.before(command, task);
    const answer = this.tables.answer(command);
    this.overtaken.after(command, answer, task);
    return answer;
  }

  private checkIdOf(task: string): string | undefined {
    return this.runs.checkIdOf(task) ?? this.eventIds.get(task);
  }

  /** An event check says its id with the first item that it writes under it; others are older. */
  private noteEventId(command: object, { task, startedAt }: Process): void {
    if (!task.startsWith('event ') || !(command instanceof PutItemCommand)) return;
    const checkId = command.input.Item?.checkId?.S ?? '';
    if (!isEventCheckId(checkId) || timeOfCheck(checkId) < startedAt) return;
    if (checkId > (this.eventIds.get(task) ?? '')) this.eventIds.set(task, checkId);
  }

  private published(command: PublishBatchCommand, { startedAt, task }: Process): object {
    this.overtaken.publishes(command, task);
    const { topics } = this.minute;
    const topicArn = command.input.TopicArn ?? '';
    const isAway =
      (topics === 'alerts away' && topicArn === CONFIG.alertsTopicArn) ||
      (topics === 'orders away' && topicArn === CONFIG.ordersTopicArn);
    if (!isAway) {
      if (topicArn === CONFIG.ordersTopicArn) this.notePlans(command, { task, startedAt });
      return this.topics.answer(command);
    }
    throw new SNSServiceException({
      name: 'InternalErrorException',
      message: 'the service is away',
      $fault: 'server',
      $metadata: { httpStatusCode: 500 },
    });
  }

  private notePlans({ input }: PublishBatchCommand, { task, startedAt }: RunOf): void {
    const by = { checkId: this.checkIdOf(task) ?? '', startedAt };
    for (const { Message: body = '' } of input.PublishBatchRequestEntries ?? []) {
      const message = JSON.parse(body) as Message;
      if (message.type === 'liquidation.ordered') this.watch.publishedPlan(message, by);
    }
  }

  private refusal(): string | undefined {
    this.publications++;
    const { topics } = this.minute;
    return topics === 'every second refused' && this.publications % 2 === 0
      ? 'the service is busy'
      : undefined;
  }

  private note(what: string): void {
    this.log.push(`${this.time.now} ${what}`);
  }

  private tell(what: string): void {
    if (!this.tells) return;
    const [, clock] = new Date(this.time.now).toISOString().split(/[TZ]/);
    this.story.push(`${clock}  ${what}`);
  }

  private tellMove({ btc, eth, quotes }: Minute): void {
    const { now } = this.prices;
    if (btc === 0 && eth === 0 && quotes === 'all') return;
    const prices = `BTC ${now['BTC-USD'].toFixed(2)}, ETH ${now['ETH-USD'].toFixed(2)}`;
    this.tell(`prices: ${prices}; quotes: ${quotes}`);
  }
}

interface Named {
  readonly task: string;
  readonly isEvent?: boolean;
}

type RunOf = Pick<Process, 'task' | 'startedAt'>;

function summaryOf(ending: Ending): CheckSummary | undefined {
  if (ending.how === 'returned') return ending.result as CheckSummary;
  if (ending.how === 'threw' && ending.error instanceof CheckFailedError) {
    return ending.error.summary;
  }
  return undefined;
}
