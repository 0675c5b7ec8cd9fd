import { approximately, recordedAmount } from '../margin/number/decimal.ts';
import type { CheckSummary } from './summary.ts';

export const METRIC_NAMESPACE = 'MarginChecker';

/** Beside the service. */
export const MARKET_DIMENSION = 'Market';
export const FEED_DIMENSION = 'Feed';

export interface CheckMetric {
  readonly name: string;
  /** NoUnit: an amount in the numeraire, or a ratio. */
  readonly unit: 'Count' | 'NoUnit' | 'Percent' | 'Seconds';
  readonly value: number;
  /** CloudWatch keeps a value for each second, where an alarm looks more often than once a minute. */
  readonly isHighResolution?: true;
  /** Absent for a metric of all markets. */
  readonly market?: string;
  /** Absent for a metric of all feeds. */
  readonly feed?: string;
}

const MINUTE_SECONDS = 60;

export interface CheckTimes {
  readonly durationSeconds: number;
  readonly intervalSeconds: number;
}

export function metricsOf(
  summary: CheckSummary,
  { durationSeconds, intervalSeconds }: CheckTimes,
): CheckMetric[] {
  if (summary.skipped !== undefined) return [count('SkippedChecks', 1)];
  return [
    {
      ...count('CompleteChecks', summary.isComplete ? 1 : 0),
      ...(intervalSeconds < MINUTE_SECONDS && { isHighResolution: true }),
    },
    seconds('CheckDuration', durationSeconds),
    seconds('CheckLateness', summary.lateSeconds),
    ...(summary.gapSeconds === undefined ? [] : [seconds('CheckGap', summary.gapSeconds)]),
    ...accountMetrics(summary),
    ...messageMetrics(summary),
    ...marketMetrics(summary),
    ...fundMetrics(summary),
    ...cascadeMetrics(summary),
    ...shockMetrics(summary),
    ...certificateMetrics(summary),
    ...workerMetrics(summary),
  ];
}

export const workerMetrics = ({ workers }: Pick<CheckSummary, 'workers'>): CheckMetric[] =>
  workers === undefined ? [] : [count('WorkerTakeovers', workers.takenOver)];

/** CloudWatch charges per metric and month. */
const MARKETS_MAX = 20;

/** One per market, and the largest for the alarm. */
function cascadeMetrics({ carriedOver, cascade, doubtfulNotional }: CheckSummary): CheckMetric[] {
  const ratios = Object.entries(cascade)
    .flatMap(([market, { ratio }]) =>
      ratio === undefined ? [] : [{ market, value: Number(ratio) }],
    )
    .toSorted((left, right) => right.value - left.value);
  const metric = { name: 'CascadeRatio', unit: 'NoUnit' } as const;
  return [
    count('CarriedOverAccounts', carriedOver.accounts),
    { name: 'CarriedOverNotional', unit: 'NoUnit', value: Number(carriedOver.notional) },
    { name: 'DoubtfulNotional', unit: 'NoUnit', value: Number(doubtfulNotional) },
    { ...metric, value: ratios[0]?.value ?? 0 },
    ...ratios.slice(0, MARKETS_MAX).map((each) => ({ ...metric, ...each })),
  ];
}

/** One per feed, and the largest. */
function shockMetrics({ shock }: CheckSummary): CheckMetric[] {
  const uncovered = Object.entries(shock.uncovered).map(([feed, each]) => ({
    feed,
    value: Number(each),
  }));
  const metric = { name: 'UncoveredShock', unit: 'NoUnit' } as const;
  return [
    amount('BadDebtAtShock', shock.badDebtAtShock),
    amount('BadDebtBeyondFund', shock.beyondFund),
    count('LiquidatedByBuffer', shock.liquidatedByBuffer),
    { ...metric, value: uncovered[0]?.value ?? 0 },
    ...uncovered.slice(0, MARKETS_MAX).map((each) => ({ ...metric, ...each })),
  ];
}

function accountMetrics(summary: CheckSummary): CheckMetric[] {
  const { accounts, assessed, indeterminate, failed, unaccounted, unreached, levels } = summary;
  const share = accounts === 0 ? 0 : (100 * indeterminate) / accounts;
  return [
    count('Accounts', accounts),
    count('AssessedAccounts', assessed),
    count('IndeterminateAccounts', indeterminate),
    { name: 'IndeterminateShare', unit: 'Percent', value: share },
    count('FailedAccounts', failed),
    count('UnaccountedAccounts', unaccounted),
    count('UnreachedAccounts', unreached),
    count('LargeAccounts', summary.largeAccounts.length),
    count('HealthyBooks', levels.healthy ?? 0),
    count('CalledBooks', levels.call ?? 0),
    count('LiquidatedBooks', levels.liquidation ?? 0),
    count('DeficitBooks', levels.deficit ?? 0),
  ];
}

function certificateMetrics({ accounts, certificates }: CheckSummary): CheckMetric[] {
  if (certificates === undefined) return [];
  const { certified, remembered, changed, allRead, lagSeconds, missed, unsound } = certificates;
  return [
    count('CertifiedAccounts', certified),
    count('ReadAccounts', accounts - certified - remembered),
    count('ChangedAccounts', changed),
    count('FullReads', allRead === undefined ? 0 : 1),
    ...(lagSeconds === undefined ? [] : [seconds('StreamLag', lagSeconds)]),
    count('MissedChanges', missed.count),
    count('UnsoundCertificates', unsound.count),
  ];
}

function messageMetrics(summary: CheckSummary): CheckMetric[] {
  return [
    count('PublishedMessages', summary.published),
    count('PublishFailures', summary.publishFailures),
    seconds('UnpublishedAge', summary.unpublishedSeconds),
    count('SupersededCases', summary.superseded),
    count('WithdrawnPlans', summary.withdrawn),
  ];
}

function marketMetrics({ prices, marketFaults }: CheckSummary): CheckMetric[] {
  const { rejected, oldest } = prices;
  return [
    ...(oldest === undefined ? [] : [seconds('OldestPriceAge', oldest.ageSeconds)]),
    count('RejectedFeeds', rejected),
    count('MarketRowFaults', marketFaults.length),
  ];
}

/** Nearest float64; the check's record is exact. */
function fundMetrics({ fund }: CheckSummary): CheckMetric[] {
  if (fund === undefined) return [];
  return [
    amount('FundBalance', fund.balance),
    amount('FundDrawn', fund.drawn),
    amount('UncoveredLoss', fund.uncovered),
  ];
}

const amount = (name: string, text: string): CheckMetric => ({
  name,
  unit: 'NoUnit',
  value: approximately(recordedAmount(text)),
});

const count = (name: string, value: number): CheckMetric => ({ name, unit: 'Count', value });

const seconds = (name: string, value: number): CheckMetric => ({ name, unit: 'Seconds', value });
