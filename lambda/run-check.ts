/**
 * One check, in the order of its steps:
 *
 *     read      the market and what the check before left
 *     measure   each feed's volatility, with the quotes of now
 *     claim     the fence, so that an old or repeated event changes nothing
 *     keep      what was measured, for the next check to go on from
 *     feeds     say which prices cannot be used, or can be again
 *     accounts  a page at a time: assess, decide, record, publish
 *     hand over what of the deficits the fund will not pay: whose positions go to which counterparties
 *     orders    the accounts that a plan may be due for: worst first, while the markets have room
 *     markets   say where a move of 1 % would set off a cascade, or would not any more
 *     leftovers open cases that none of these met: only published
 *     fund      what was paid into the insurance fund, and what is claimed of it
 *     account   for all of it in the check's own record
 *
 * A failure in one account, segment or topic does not stop the others; at the end the check throws.
 */
import { randomUUID } from 'node:crypto';
import { Sweep } from './accounts/account-scan.ts';
import { CascadeGauge, cascadeSummary } from './accounts/cascade-gauge.ts';
import { MarketCapacity } from './accounts/market-capacity.ts';
import { AccountsTable } from './aws/accounts-table.ts';
import type { Clients } from './aws/clients.ts';
import { MarginTable } from './aws/margin-table.ts';
import { readMarketRows } from './aws/market-table.ts';
import { Topics } from './aws/topics.ts';
import { settleFeeds } from './check/feed-case.ts';
import { keepVolatilities, readVolatilities, volatilityPlace } from './check/feed-volatilities.ts';
import {
  bufferGapSeconds,
  completedFence,
  FENCE_KEY,
  fenceStateOf,
  lateDeliveries,
  readFence,
  type Timing,
  timingOf,
} from './check/latest-check.ts';
import { settleMarkets } from './check/market-case.ts';
import type { ScheduledCheck } from './check/scheduled-check.ts';
import { type CheckSummary, checkSummary, priceSummary } from './check/summary.ts';
import type { Config } from './config.ts';
import { AutoDeleveraging } from './fund/deleveraging.ts';
import { settleFund } from './fund/fund-step.ts';
import { capacityOf, UNLIMITED } from './margin/liquidation/capacity.ts';
import { takeSnapshot } from './margin/snapshot/snapshot.ts';
import { isoTime } from './messages/compose.ts';
import { Settling } from './outbox/case-runner.ts';
import { leftoverMatter } from './outbox/case-subject.ts';
import { Tally } from './outbox/check-counters.ts';
import { Outbox } from './outbox/outbox.ts';
import type { StoredCase } from './outbox/stored-case.ts';
import { MarketRows } from './record/evidence.ts';
import { readMarket } from './rows/read-market.ts';

export interface CheckResources extends Clients {
  readonly config: Config;
}

/** Thrown at the end of a check in which anything failed, after all that could be done was done. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';
  readonly summary: CheckSummary;

  constructor(summary: CheckSummary) {
    const { checkId, failed, publishFailures, errors } = summary;
    super(
      `check ${checkId}: ${failed} accounts failed, ${publishFailures} messages not published; ` +
        `first: ${errors[0]}. What was decided is kept, and the next check publishes it.`,
    );
    this.summary = summary;
  }
}

/** @throws PolicyError before anything is changed; CheckFailedError when a part of it failed. */
export async function runCheck(
  check: ScheduledCheck,
  asOf: number,
  { dynamo, sns, config }: CheckResources,
): Promise<CheckSummary> {
  const { checkId } = check;
  const margin = new MarginTable({ dynamo, table: config.marginTable });
  const rows = await readMarketRows({ dynamo, table: config.marketTable });
  const { market, funds: totals, faults } = readMarket(rows);

  const fence = await margin.read(FENCE_KEY);
  const last = readFence(fence);
  const timing = timingOf({ check, asOf, last, intervalSeconds: config.checkIntervalSeconds });
  const header = headerOf(checkId, timing);
  if (fence !== undefined && fence.checkId >= checkId) return skipped(header);
  const gapSeconds = bufferGapSeconds(timing);
  const previousPrices = last?.prices ?? new Map();
  const readings = await readVolatilities(margin, {
    ...{ market, asOf, gapSeconds, previousPrices, checkId },
  });
  const volatilities = readings.measured;
  const snapshot = takeSnapshot({ market, asOf, gapSeconds, previousPrices, volatilities });

  const topics = new Topics({
    sns,
    arns: { alerts: config.alertsTopicArn, orders: config.ordersTopicArn },
  });
  const { halt: isHalted, mode, historyDays, amountPlaces } = market.policy;
  const isObserving = mode === 'observe';
  const fenceKey = FENCE_KEY;
  const policy = { historyDays, isHalted, isObserving };
  const outbox = new Outbox({ margin, topics, checkId, fenceKey, asOf, ...policy });
  const runId = randomUUID();
  const moved = await outbox.claim({
    key: FENCE_KEY,
    stored: fence,
    proposal: {
      state: fenceStateOf(snapshot, { runId, last }),
      isActive: false,
      keepsPlans: false,
      deliveries: lateDeliveries(timing, checkId),
    },
  });
  const claimed = moved ?? (await claimOf(margin, runId));
  if (claimed === undefined) return runCheck(check, asOf, { dynamo, sns, config });

  const { expiresAtSeconds } = outbox;
  const unkept = await keepVolatilities(margin, readings, { checkId, expiresAtSeconds });
  const tally = new Tally();
  for (const { feed, failure } of [...readings.feeds, ...unkept]) {
    if (failure !== undefined) tally.fail(volatilityPlace(feed), failure);
  }

  const known = { rows, previousPrices, volatilities, gapSeconds, snapshot };
  const capacity = new MarketCapacity(capacityOf(snapshot, gapSeconds));
  const { accountsTable: table, scanSegments: segments } = config;
  const accounts = new AccountsTable({ dynamo, table, segments });
  const deleveragings = new AutoDeleveraging({ margin, accounts, snapshot, totals });
  const context = { checkId, snapshot, marketRows: new MarketRows(known), capacity, deleveragings };
  const gauge = new CascadeGauge(snapshot);
  const settling = new Settling({ outbox, tally, open: await margin.openKeys() });
  tally.countSettled(await outbox.finish([{ matter: leftoverMatter(FENCE_KEY), stored: claimed }]));
  await settleFeeds(settling, context);
  const sweep = new Sweep({ settling, context, accounts, gauge });
  const isEveryAccountMet = await sweep.settleAccounts();
  await sweep.settleLiquidations();
  const cascades = gauge.readings();
  await settleMarkets(settling, { readings: cascades, context, isWhole: isEveryAccountMet });
  await settling.settleLeftovers();
  if (isEveryAccountMet) await complete(margin, { checkId, asOf });
  const fund = await settleFund({ margin, outbox, tally, accounts, snapshot, checkId, totals });

  const summary = checkSummary(header, tally, {
    isComplete: isEveryAccountMet,
    carriedOver: capacity.summary(amountPlaces),
    cascade: cascadeSummary(cascades, amountPlaces),
    prices: priceSummary(snapshot.feeds.values()),
    fund: fund.summary,
    marketFaults: [
      ...faults,
      ...readings.feeds.flatMap(({ fault }) => fault ?? []),
      ...fund.refused,
    ],
  });
  await margin.putHistory({ pk: 'check', sk: checkId }, { ...summary }, expiresAtSeconds);
  if (tally.hasFailures) throw new CheckFailedError(summary);
  return summary;
}

/** Whether the fence stands as this run wrote it, although the answer to the write was lost. */
async function claimOf(margin: MarginTable, runId: string): Promise<StoredCase | undefined> {
  const stored = await margin.read(FENCE_KEY);
  return readFence(stored)?.runId === runId ? stored : undefined;
}

/** A later check that has begun meanwhile keeps its fence. */
async function complete(margin: MarginTable, done: { checkId: string; asOf: number }) {
  const stored = await margin.read(FENCE_KEY);
  if (stored?.checkId === done.checkId) await margin.settle(completedFence(stored, done.asOf));
}

function headerOf(checkId: string, { asOf, lateSeconds, gapSeconds }: Timing) {
  const gap = gapSeconds === undefined ? {} : { gapSeconds };
  return { checkId, asOf: isoTime(asOf), lateSeconds, ...gap };
}

const skipped = (header: ReturnType<typeof headerOf>): CheckSummary => ({
  ...checkSummary(header, new Tally(), {
    isComplete: false,
    carriedOver: new MarketCapacity(UNLIMITED).summary(0),
    cascade: {},
    prices: priceSummary([]),
    marketFaults: [],
  }),
  skipped: 'this check, or a later one, has been run before',
});
