/**
 * One check, in the order of its steps:
 *
 *     read        the market rows, and what the check before left
 *     measure     each feed's volatility, with the quotes of now
 *     acquire     the fence, so that an old or repeated event changes nothing
 *     keep        what is remembered of feeds, for the next check. With events: the prices seen, too
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
import { type CascadeGauge, cascadeSummary, notionalText } from './accounts/cascade-gauge.ts';
import { MarketCapacity } from './accounts/market-capacity.ts';
import { NO_SHOCK_SUMMARY } from './accounts/shock-gauge.ts';
import { processFailure, reportFailure, undecided } from './check/failure-case.ts';
import { processFeeds } from './check/feed-case.ts';
import { keepFeeds } from './check/feed-memory.ts';
import {
  acquireFence,
  completeCheck,
  isOldOrRepeated,
  isPreviousRunning,
  recordKey,
} from './check/fence.ts';
import { headerOf, type Inputs, type Known, measure, readInputs } from './check/inputs.ts';
import { lateMessages } from './check/lateness.ts';
import { processMarkets } from './check/market-case.ts';
import { processPolicy } from './check/policy-case.ts';
import {
  type CheckResources,
  capacityFor,
  marginTable,
  outboxFor,
  type Run,
  startRun,
} from './check/run.ts';
import type { ScheduledCheck } from './check/scheduled-check.ts';
import { type CheckSummary, checkSummary, NO_PRICES, priceSummary } from './check/summary.ts';
import { recordExpiresAt } from './check/thinned.ts';
import { keepUnreached, readUnreached } from './check/unreached.ts';
import { keepSeen } from './events/seen-prices.ts';
import { runFundStep } from './fund/fund-step.ts';
import { UNLIMITED } from './margin/liquidation/capacity.ts';
import { NO_AMOUNT, recordedAmount } from './margin/number/decimal.ts';
import { isoTime } from './messages/header.ts';
import { CheckCounters } from './outbox/check-counters.ts';
import { TimeLimit } from './outbox/time-limit.ts';

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
  const limit = new TimeLimit(resources.timeLeft);
  const outbox = outboxFor({ checkId, asOf }, { margin, limit, ...resources });
  await reportFailure(outbox, error, { checkId, asOf }).catch(() => undefined);
}

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
  const capacity = capacityFor(known, { margin, ...resources });
  const limit = new TimeLimit(resources.timeLeft);
  const shared = { margin, limit, ...resources };
  const origin = { checkId: check.checkId, asOf, policy, reservations: capacity.kept };
  const outbox = outboxFor(origin, shared);
  const messages = lateMessages(inputs.timing, check.checkId, inputs.fence?.checkId);
  const fence = await acquireFence({ ...known, messages, margin, outbox });
  // Another run has moved the fence since: start again from what it left.
  if (fence === undefined) return runSteps(check, asOf, resources);

  const { checkId } = check;
  const unkept = await keepFeeds(margin, known.readings, known);
  const failures = [...known.readings.failures, ...unkept];
  const first = await readUnreached(margin);
  const run = await startRun(known, { outbox, ...capacity, first, failures, ...shared });
  const { runner, counters, context, gauge, tally } = run;
  const scan = new AccountScan(run);
  const isCarriedOver = failures.length === 0;
  counters.countProcessed(await outbox.finish([fence]));
  if (resources.config.hasEvents) {
    await runner.attempt('the prices seen', () => keepSeen(margin, known));
  }
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

interface Outcome {
  readonly isComplete: boolean;
  readonly readings: ReturnType<CascadeGauge['readings']>;
  readonly fund: Awaited<ReturnType<typeof runFundStep>>;
}

function summarise(
  known: Known,
  { counters, context, gauge, shocks, proved, fanOut }: Run,
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
    workers: fanOut?.summary(),
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
