/**
 * One check, in the order of its steps:
 *
 *     read        the market rows, and what the check before left
 *     measure     each feed's volatility, with the quotes of now
 *     acquire     the fence, so that an old or repeated event changes nothing
 *     keep        what is remembered of feeds, for the next check
 *     scan        screen all accounts; read those that may be liquidated again, and assess them.
 *                 With certificates: read only accounts that they do not prove healthy
 *     liquidate   deleverage, read the accounts whose plan is due once more, and plan, worst first
 *     calls       decide about accounts below a call line
 *     others      decide about all other accounts that are not safe
 *     policy      tell people that an operator has changed mode or halt
 *     feeds       alert people to prices in doubt, and to the accounts that they leave undecided
 *     markets     alert people to markets in which a cascade is possible
 *     failure     alert people if accounts have no decision, once per outage
 *     resend      publish what earlier runs left pending
 *     fund        book payments into the insurance fund, and pay claims
 *     summarise   put the check's own record
 *
 * A failure in one account, segment or topic does not stop the others; at the end the check throws.
 * Before the function is stopped nothing more is begun; the next check begins with what is left.
 */
import { AccountScan } from './accounts/account-scan.ts';
import { CascadeGauge, cascadeSummary, notionalText } from './accounts/cascade-gauge.ts';
import { FeedTally } from './accounts/feed-tally.ts';
import { MarketCapacity } from './accounts/market-capacity.ts';
import { NO_SHOCK_SUMMARY, ShockGauge } from './accounts/shock-gauge.ts';
import { AccountsTable } from './aws/accounts-table.ts';
import type { Clients } from './aws/clients.ts';
import { MarginTable } from './aws/margin-table.ts';
import type { Stopwatch } from './aws/stopwatch.ts';
import { Topics } from './aws/topics.ts';
import type { CertifiedMemory } from './certified/certified-memory.ts';
import { processFailure, reportFailure, undecided } from './check/failure-case.ts';
import { processFeeds } from './check/feed-case.ts';
import { keepFeeds } from './check/feed-memory.ts';
import {
  acquireFence,
  completeCheck,
  FENCE_KEY,
  isOldOrRepeated,
  isPreviousRunning,
  recordKey,
} from './check/fence.ts';
import { headerOf, type Inputs, type Known, measure, readInputs } from './check/inputs.ts';
import { lateMessages } from './check/lateness.ts';
import { processMarkets } from './check/market-case.ts';
import { processPolicy } from './check/policy-case.ts';
import type { ScheduledCheck } from './check/scheduled-check.ts';
import { type CheckSummary, checkSummary, NO_PRICES, priceSummary } from './check/summary.ts';
import { recordExpiresAt } from './check/thinned.ts';
import { keepUnreached, readUnreached } from './check/unreached.ts';
import type { Config } from './config.ts';
import { AutoDeleveraging } from './fund/deleveraging.ts';
import { runFundStep } from './fund/fund-step.ts';
import { capacityOf, UNLIMITED } from './margin/liquidation/capacity.ts';
import type { Policy } from './margin/market/policy.ts';
import { NO_AMOUNT, recordedAmount } from './margin/number/decimal.ts';
import { takeSnapshot } from './margin/snapshot/snapshot.ts';
import { isoTime, type MessageOrigin } from './messages/header.ts';
import { CaseRunner } from './outbox/case-runner.ts';
import { CheckCounters } from './outbox/check-counters.ts';
import { Outbox } from './outbox/outbox.ts';
import { type TimeLeft, TimeLimit } from './outbox/time-limit.ts';
import { MarketRows } from './record/evidence.ts';

export interface CheckResources extends Clients {
  readonly config: Config;
  readonly stopwatch: Stopwatch;
  /** Absent without certificates: every account is read. */
  readonly certified?: CertifiedMemory | undefined;
  /** Until the function is stopped; absent: it is not. */
  readonly timeLeft?: TimeLeft | undefined;
}

/** Thrown at the end of a check in which anything failed, after everything else was done. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';
  readonly summary: CheckSummary;

  constructor(summary: CheckSummary) {
    const { checkId, failed, unreached, publishFailures, errors } = summary;
    const first = errors[0] ?? 'the function was about to be stopped';
    super(
      `check ${checkId}: ${failed} accounts failed, ${unreached} not reached, ` +
        `${publishFailures} messages not published. ` +
        `First error: ${first}. Decisions are kept, and the next check publishes them.`,
    );
    this.summary = summary;
  }
}

/**
 * @throws PolicyError before anything is decided; CheckFailedError when a part of it failed. People
 *   are alerted to both.
 */
export async function runCheck(
  check: ScheduledCheck,
  asOf: number,
  resources: CheckResources,
): Promise<CheckSummary> {
  try {
    return await runSteps(check, asOf, resources);
  } catch (error) {
    if (!(error instanceof CheckFailedError)) await alertTo(error, { check, asOf, resources });
    throw error;
  }
}

/** Where the tables cannot be reached either, the error itself is all that there is. */
async function alertTo(
  error: unknown,
  input: {
    readonly check: ScheduledCheck;
    readonly asOf: number;
    readonly resources: CheckResources;
  },
): Promise<void> {
  const { check, asOf, resources } = input;
  const { checkId } = check;
  const margin = marginTable(resources);
  const outbox = outboxFor({ checkId, asOf }, { margin, ...resources });
  await reportFailure(outbox, error, { checkId, asOf }).catch(() => undefined);
}

const marginTable = ({ dynamo, config, stopwatch }: CheckResources): MarginTable =>
  new MarginTable({ dynamo, table: config.marginTable, stopwatch });

async function runSteps(
  check: ScheduledCheck,
  asOf: number,
  resources: CheckResources,
): Promise<CheckSummary> {
  const margin = marginTable(resources);
  const inputs = await readInputs(check, asOf, { margin, ...resources });
  if (isOldOrRepeated(inputs.fence, check.checkId)) return skipped(inputs, REPEATED);
  const isTooSoon = await isPreviousRunning(inputs.fence, inputs.timing, margin);
  if (isTooSoon) return skipped(inputs, STILL_RUNNING);
  const known = await measure(inputs, margin);
  const { policy } = inputs.market;
  const outbox = outboxFor({ checkId: check.checkId, asOf, policy }, { margin, ...resources });
  const messages = lateMessages(inputs.timing, check.checkId, inputs.fence?.checkId);
  const fence = await acquireFence({ ...known, messages, margin, outbox });
  // Another run has moved the fence since: start again from what it left.
  if (fence === undefined) return runSteps(check, asOf, resources);

  const run = await startRun(known, { margin, outbox, ...resources });
  const { runner, counters, context, scan, gauge, tally, first, isCarriedOver } = run;
  const { checkId } = check;
  counters.countProcessed(await outbox.finish([fence]));
  await scan.processAccounts();
  await scan.processLiquidations();
  await scan.processCalls();
  const isComplete = await scan.processOthers();
  await processPolicy(runner, context);
  await processFeeds(runner, { context, inDoubt: tally.feeds, isWhole: isComplete });
  const readings = gauge.readings();
  await processMarkets(runner, { readings, context, isWhole: isComplete });
  const failure = undecided(counters.counts(isoTime(asOf)), isComplete, counters.errors);
  await processFailure(runner, failure, { checkId, asOf });
  await runner.resendRemaining();
  if (isComplete) await completeCheck(margin, { checkId, asOf, isCarriedOver });
  const left = { before: first, accountIds: counters.unreached, checkId };
  await runner.attempt('accounts not reached', () => keepUnreached(margin, left));
  const fund = await fundStep({ ...run, ...known, margin, outbox });

  const summary = summarise(known, run, { isComplete, readings, fund });
  const { intervalSeconds } = known.timing;
  const { expiresAtSeconds } = outbox;
  const keptUntil = recordExpiresAt(summary, { intervalSeconds, expiresAtSeconds });
  await margin.putHistory(recordKey(checkId), { ...summary }, keptUntil);
  await run.proved?.store();
  if (counters.hasFailures) throw new CheckFailedError(summary);
  return summary;
}

async function fundStep(
  input: Parameters<typeof runFundStep>[0] & Pick<Run, 'runner'>,
): ReturnType<typeof runFundStep> {
  let done: Awaited<ReturnType<typeof runFundStep>> = { summary: undefined, refused: [] };
  await input.runner.attemptInTime('the fund', async () => {
    done = await runFundStep(input);
  });
  return done;
}

interface OutboxOrigin extends MessageOrigin {
  /** Absent if it could not be read: no order plan leaves then. */
  readonly policy?: Policy;
}

function outboxFor(
  { checkId, asOf, policy }: OutboxOrigin,
  { margin, sns, config }: CheckResources & { readonly margin: MarginTable },
): Outbox {
  const { halt: isHalted = true, mode, historyDays = 1 } = policy ?? {};
  const arns = { alerts: config.alertsTopicArn, orders: config.ordersTopicArn };
  return new Outbox({
    margin,
    topics: new Topics({ sns, arns, origin: config.origin && { ...config.origin, mode } }),
    checkId,
    fenceKey: FENCE_KEY,
    asOf,
    historyDays,
    isHalted,
    isObserving: mode === 'observe',
  });
}

/** Keeps what is remembered of feeds, and sets up what the steps of the run share. */
async function startRun(
  known: Known,
  {
    margin,
    outbox,
    dynamo,
    config,
    stopwatch,
    timeLeft,
    certified,
  }: Pick<CheckResources, 'dynamo' | 'config' | 'stopwatch' | 'timeLeft' | 'certified'> & {
    readonly margin: MarginTable;
    readonly outbox: Outbox;
  },
) {
  const { readings, snapshot, gapSeconds, rows, previousPrices, outage, checkId, totals } = known;
  const unkept = await keepFeeds(margin, readings, { snapshot, checkId });
  const counters = new CheckCounters();
  const failures = [...readings.failures, ...unkept];
  for (const { place, failure } of failures) counters.fail(place, failure);
  const { accountsTable: table, scanSegments: segments } = config;
  const accounts = new AccountsTable({ dynamo, table, segments });
  const { volatilities } = readings;
  const market = { rows, previousPrices, volatilities, gapSeconds, snapshot };
  const context = {
    checkId,
    snapshot,
    marketRows: new MarketRows(market),
    capacity: new MarketCapacity(capacityOf(snapshot, gapSeconds)),
    deleveraging: new AutoDeleveraging({ margin, accounts, snapshot, totals }),
    stopwatch,
  };
  const gauge = new CascadeGauge(snapshot);
  const shocks = new ShockGauge(snapshot, () =>
    takeSnapshot({ ...known, volatilities: readings.volatilitiesBefore }),
  );
  const limit = new TimeLimit(timeLeft);
  const runner = new CaseRunner({ outbox, counters, open: await margin.openKeys(), limit });
  const first = await readUnreached(margin);
  const tally = new FeedTally();
  const { checkIntervalSeconds: intervalSeconds } = config;
  const proved = certified?.begin({
    ...{ accounts, margin, checkId, intervalSeconds },
    market: { rows, previousPrices, volatilities, gapSeconds, outage, snapshot },
    hasTime: () => !limit.isOver,
    hasTimeToRead: () => !limit.isScanOver,
  });
  const scan = new AccountScan({ runner, context, accounts, gauge, shocks, tally, proved, first });
  const isCarriedOver = failures.length === 0;
  const gauges = { gauge, shocks, tally };
  return { counters, accounts, context, ...gauges, runner, scan, proved, first, isCarriedOver };
}

/** The run of a check: what `startRun` set up. */
type Run = Awaited<ReturnType<typeof startRun>>;

interface Outcome {
  readonly isComplete: boolean;
  readonly readings: ReturnType<CascadeGauge['readings']>;
  readonly fund: Awaited<ReturnType<typeof runFundStep>>;
}

function summarise(
  known: Known,
  { counters, context, gauge, shocks, proved }: Run,
  { isComplete, readings, fund }: Outcome,
): CheckSummary {
  const { amountPlaces } = known.market.policy;
  return checkSummary(headerOf(known), counters, {
    isComplete,
    carriedOver: context.capacity.summary(amountPlaces),
    cascade: cascadeSummary(readings, amountPlaces),
    doubtfulNotional: notionalText(gauge.doubtfulNotional, amountPlaces),
    shock: shocks.summary(fund.summary ? recordedAmount(fund.summary.balance) : NO_AMOUNT),
    prices: priceSummary(known.snapshot),
    fund: fund.summary,
    certificates: proved?.summary(),
    marketFaults: [...known.faults, ...known.readings.faults, ...fund.refused],
  });
}

const REPEATED = 'this check, or a later one, has been run before';
const STILL_RUNNING = 'the check before may still be running: checks take longer than the interval';

const skipped = (inputs: Inputs, why: string): CheckSummary => ({
  ...checkSummary(headerOf(inputs), new CheckCounters(), {
    isComplete: false,
    carriedOver: new MarketCapacity(UNLIMITED).summary(0),
    cascade: {},
    doubtfulNotional: '0',
    shock: NO_SHOCK_SUMMARY,
    prices: NO_PRICES,
    marketFaults: [],
  }),
  skipped: why,
});
