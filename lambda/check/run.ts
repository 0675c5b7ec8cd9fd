/** The runs of the check function share these: the tables, the outbox, and the tools of their steps. */
import { type AccountWorkers, FanOut } from '../accounts/account-workers.ts';
import { CascadeGauge } from '../accounts/cascade-gauge.ts';
import { FeedTally } from '../accounts/feed-tally.ts';
import { CAPACITY_KEY, KeptCapacity } from '../accounts/kept-capacity.ts';
import { MarketCapacity } from '../accounts/market-capacity.ts';
import { ShockGauge } from '../accounts/shock-gauge.ts';
import { AccountsTable } from '../aws/accounts-table.ts';
import type { Clients } from '../aws/clients.ts';
import { MarginTable } from '../aws/margin-table.ts';
import type { Stopwatch } from '../aws/stopwatch.ts';
import { Topics } from '../aws/topics.ts';
import { packed } from '../aws/worker-answer.ts';
import type { CertifiedMemory } from '../certified/certified-memory.ts';
import { AutoDeleveraging } from '../fund/deleveraging.ts';
import { capacityOf, limitsOf } from '../margin/liquidation/capacity.ts';
import type { Policy } from '../margin/market/policy.ts';
import { takeSnapshot } from '../margin/snapshot/snapshot.ts';
import type { MessageOrigin } from '../messages/header.ts';
import type { Origin } from '../messages/origin.ts';
import { CaseRunner } from '../outbox/case-runner.ts';
import { CheckCounters } from '../outbox/check-counters.ts';
import { Outbox } from '../outbox/outbox.ts';
import type { Reservations } from '../outbox/ports.ts';
import { keyText } from '../outbox/stored-case.ts';
import type { TimeLeft, TimeLimit } from '../outbox/time-limit.ts';
import { MarketRows } from '../record/evidence.ts';
import { writeMarket } from '../record/reference-market.ts';
import type { Failure } from './carry-over.ts';
import { FENCE_KEY } from './fence.ts';
import type { Known } from './inputs.ts';

export interface RunConfig {
  readonly accountsTable: string;
  readonly marketTable: string;
  readonly marginTable: string;
  readonly alertsTopicArn: string;
  readonly ordersTopicArn: string;
  readonly checkIntervalSeconds: number;
  /** Checks that changed accounts and moved prices start. */
  readonly hasEvents?: boolean;
  readonly scanSegments: number;
  /** Named in e-mails; absent where nobody reads them. */
  readonly origin?: Origin;
}

export interface CheckResources extends Clients {
  readonly config: RunConfig;
  readonly stopwatch: Stopwatch;
  /** Absent without certificates: every account is read. */
  readonly certified?: CertifiedMemory | undefined;
  /** Absent if the check reads all accounts by itself. */
  readonly workers?: AccountWorkers | undefined;
  /** Until the function is stopped; absent: it is not. */
  readonly timeLeft?: TimeLeft | undefined;
}

export const marginTable = ({ dynamo, config, stopwatch }: CheckResources): MarginTable =>
  new MarginTable({ dynamo, table: config.marginTable, stopwatch });

export interface OutboxOrigin extends MessageOrigin {
  /** Absent if it could not be read: no order plan leaves then. */
  readonly policy?: Policy;
  readonly reservations?: Reservations | undefined;
}

interface OutboxTools {
  readonly margin: MarginTable;
  readonly limit: TimeLimit;
}

export function outboxFor(
  { checkId, asOf, policy, reservations }: OutboxOrigin,
  { margin, limit, sns, config, stopwatch }: CheckResources & OutboxTools,
): Outbox {
  const { halt: isHalted = true, mode, historyDays = 1 } = policy ?? {};
  const arns = { alerts: config.alertsTopicArn, orders: config.ordersTopicArn };
  return new Outbox({
    margin,
    topics: new Topics({
      ...{ sns, arns, stopwatch, hasTime: () => !limit.isOver },
      origin: config.origin && { ...config.origin, mode },
    }),
    checkId,
    fenceKey: FENCE_KEY,
    asOf,
    historyDays,
    isHalted,
    isObserving: mode === 'observe',
    reservations,
  });
}

export interface RunCapacity {
  readonly capacity: MarketCapacity;
  /** Absent where each check has all of it: a minute and more apart. */
  readonly kept?: KeptCapacity | undefined;
}

const MINUTE_SECONDS = 60;

/** Checks a minute apart have all of a market's capacity each. */
const keepsCapacity = ({ checkIntervalSeconds, hasEvents = false }: RunConfig): boolean =>
  hasEvents || checkIntervalSeconds < MINUTE_SECONDS;

export function capacityFor(
  { snapshot, gapSeconds, checkId }: Known,
  { config, margin }: { readonly config: RunConfig; readonly margin: MarginTable },
): RunCapacity {
  const capacity = new MarketCapacity(capacityOf(snapshot, gapSeconds));
  if (!keepsCapacity(config)) return { capacity };
  const limits = limitsOf(snapshot, gapSeconds);
  const { asOf } = snapshot;
  return {
    capacity,
    kept: new KeptCapacity({ margin, capacity, checkId, limits, asOf, gapSeconds }),
  };
}

export interface RunInput
  extends RunCapacity,
    Pick<CheckResources, 'dynamo' | 'config' | 'stopwatch' | 'certified' | 'workers'>,
    OutboxTools {
  readonly outbox: Outbox;
  /** Accounts that the check before had found and not reached. */
  readonly first: ReadonlySet<string>;
  readonly failures: readonly Failure[];
  readonly isEvent?: boolean;
}

/** Sets up what the steps of a run share. */
export async function startRun(known: Known, input: RunInput) {
  const { readings, snapshot, gapSeconds, rows, previousPrices, outage, checkId, totals } = known;
  const { margin, outbox, limit, dynamo, config, stopwatch, certified, workers } = input;
  const { capacity, kept } = input;
  const counters = new CheckCounters();
  for (const { place, failure } of input.failures) counters.fail(place, failure);
  const unreadable = await kept?.load();
  if (unreadable !== undefined) counters.fail(`margin ${keyText(CAPACITY_KEY)}`, unreadable);
  const { accountsTable: table, scanSegments: segments } = config;
  const accounts = new AccountsTable({ dynamo, table, segments });
  const { volatilities } = readings;
  const market = { rows, previousPrices, volatilities, gapSeconds, snapshot };
  const context = {
    checkId,
    snapshot,
    marketRows: new MarketRows(market),
    capacity,
    deleveraging: new AutoDeleveraging({ margin, accounts, snapshot, totals }),
    stopwatch,
  };
  const gauge = new CascadeGauge(snapshot);
  const shocks = new ShockGauge(snapshot, () =>
    takeSnapshot({ ...known, volatilities: readings.volatilitiesBefore }),
  );
  const runner = new CaseRunner({ outbox, counters, open: await margin.openKeys(), limit });
  const { checkIntervalSeconds: intervalSeconds } = config;
  const reference = { ...market, outage };
  const proved = certified?.begin({
    ...{ accounts, margin, checkId, intervalSeconds },
    market: reference,
    hasTime: () => !limit.isOver,
    hasTimeToRead: () => !limit.isScanOver,
    isEvent: input.isEvent,
  });
  const gauges = { gauge, shocks, tally: new FeedTally() };
  const fanOut =
    workers && new FanOut({ workers, checkId, market: () => packed(writeMarket(reference)) });
  const { first } = input;
  return { counters, accounts, context, ...gauges, runner, proved, fanOut, first };
}

/** `startRun` set this up. */
export type Run = Awaited<ReturnType<typeof startRun>>;
