/**
 * A check below a minute leaves out what says nothing new. Most find what the one before found, and
 * there are thousands a day. A check needs no memory for this: it knows when the last complete one was.
 */
import type { CheckMetric } from './metrics.ts';
import type { CheckSummary } from './summary.ts';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** Nothing was said, failed, left over or late. */
export function isQuiet(summary: CheckSummary): boolean {
  const { skipped, isComplete, errors, lateSeconds, gapSeconds = 0, fund, carriedOver } = summary;
  const counts = [
    summary.published,
    summary.publishFailures,
    summary.unpublishedSeconds,
    summary.superseded,
    summary.withdrawn,
    summary.failed,
    summary.unaccounted,
    summary.unreached,
    summary.shock.liquidatedByBuffer,
    summary.workers?.takenOver ?? 0,
    carriedOver.accounts,
    Number(fund?.drawn ?? 0),
    Number(fund?.uncovered ?? 0),
    errors.length,
  ];
  return (
    skipped === undefined &&
    isComplete &&
    isAsProved(summary) &&
    counts.every((count) => count === 0) &&
    Math.max(lateSeconds, gapSeconds) <= MINUTE_SECONDS
  );
}

function isAsProved({ certificates }: CheckSummary): boolean {
  if (certificates === undefined) return true;
  const { allRead, restoredFrom, checkpointFailure, missed, unsound } = certificates;
  const told = allRead ?? restoredFrom ?? checkpointFailure;
  return told === undefined && missed.count + unsound.count === 0;
}

/** Whether no complete check came before it in its minute, hour or other period since 1970. */
function isFirstOf(periodSeconds: number, { asOf, gapSeconds }: CheckSummary): boolean {
  if (gapSeconds === undefined) return true;
  const now = Date.parse(asOf) / 1000;
  return Math.floor(now / periodSeconds) !== Math.floor((now - gapSeconds) / periodSeconds);
}

/** A quiet record is kept so long: the next check and `margin status` read the last one. */
const QUIET_KEPT_SECONDS = DAY_SECONDS;

/**
 * From a minute on every record is kept as long as decisions are. Below, a quiet one is kept for a
 * day, but for the first of each hour.
 */
export function recordExpiresAt(
  summary: CheckSummary,
  {
    intervalSeconds,
    expiresAtSeconds,
  }: Readonly<Record<'intervalSeconds' | 'expiresAtSeconds', number>>,
): number {
  const isKept =
    intervalSeconds >= MINUTE_SECONDS || !isQuiet(summary) || isFirstOf(HOUR_SECONDS, summary);
  if (isKept) return expiresAtSeconds;
  const quietUntil = Math.ceil(Date.parse(summary.asOf) / 1000) + QUIET_KEPT_SECONDS;
  return Math.min(expiresAtSeconds, quietUntil);
}

/** Below a minute the log has the summary of the first quiet check of each minute, and of no other. */
export const isLogged = (summary: CheckSummary, intervalSeconds: number): boolean =>
  intervalSeconds >= MINUTE_SECONDS || !isQuiet(summary) || isFirstOf(MINUTE_SECONDS, summary);

/** Alarms read these, or they are few and differ from check to check. */
export const OF_EACH_CHECK: ReadonlySet<string> = new Set([
  'CompleteChecks',
  'CheckDuration',
  'CheckLateness',
  'CheckGap',
  'IndeterminateShare',
  'UnpublishedAge',
  'BadDebtBeyondFund',
  'CascadeRatio',
  'StreamLag',
]);

/** CloudWatch adds these up, so that a zero says nothing. */
export const SUMMED: ReadonlySet<string> = new Set([
  'SkippedChecks',
  'FailedAccounts',
  'UnaccountedAccounts',
  'UnreachedAccounts',
  'PublishedMessages',
  'PublishFailures',
  'SupersededCases',
  'WithdrawnPlans',
  'LiquidatedByBuffer',
  'FundDrawn',
  'UncoveredLoss',
  'ChangedAccounts',
  'FullReads',
  'MissedChanges',
  'UnsoundCertificates',
  'WorkerTakeovers',
]);

/** Below a minute the first check of each minute reports all; the others what an alarm may need. */
export function thinnedMetrics(
  metrics: readonly CheckMetric[],
  summary: CheckSummary,
  intervalSeconds: number,
): readonly CheckMetric[] {
  if (intervalSeconds >= MINUTE_SECONDS || isFirstOf(MINUTE_SECONDS, summary)) return metrics;
  return metrics.filter(
    ({ name, value, market, feed }) =>
      market === undefined &&
      feed === undefined &&
      (OF_EACH_CHECK.has(name) || (SUMMED.has(name) && value !== 0)),
  );
}
