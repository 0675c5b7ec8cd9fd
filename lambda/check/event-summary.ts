/** The record of an event check, its log line and the source of its metrics. */
import type { WorkersSummary } from '../accounts/account-workers.ts';
import type { CarriedOverSummary } from '../accounts/market-capacity.ts';
import type { CertificatesSummary } from '../certified/certified-check.ts';
import { NAMED_MAX } from '../margin/number/limits.ts';
import type { CheckCounts } from '../outbox/check-counters.ts';
import type { Key } from '../outbox/stored-case.ts';
import { type CheckMetric, workerMetrics } from './metrics.ts';

/** The reasons for an event check. */
export interface EventReasons {
  /** How many accounts have changed, and the first NAMED_MAX of them. */
  readonly changed: { readonly count: number; readonly accounts: readonly string[] };
  /** Their prices have moved: then all accounts are checked. */
  readonly feeds: readonly string[];
}

export interface EventSummary extends CheckCounts, EventReasons {
  readonly checkId: string;
  readonly asOf: string;
  /** From the writing of the newest row that asked for it to the end. */
  readonly latencySeconds: number;
  /** A scheduled check began meanwhile, and decides about what is left. */
  readonly isOvertaken: boolean;
  readonly carriedOver: CarriedOverSummary;
  /** Absent unless it read with certificates. */
  readonly certificates?: CertificatesSummary;
  /** Absent without workers. */
  readonly workers?: WorkersSummary;
  readonly errors: readonly string[];
}

export interface SkippedEvent {
  readonly skipped: string;
}

/** In a partition of its own: nothing takes it for the record of a scheduled check. */
export const eventRecordKey = (checkId: string): Key => ({ pk: 'event', sk: checkId });

export const reasonsOf = (waiting: {
  readonly accountIds: readonly string[];
  readonly feeds: readonly string[];
}): EventReasons => ({
  changed: { count: waiting.accountIds.length, accounts: waiting.accountIds.slice(0, NAMED_MAX) },
  feeds: waiting.feeds.slice(0, NAMED_MAX),
});

/** None of them is a metric of scheduled checks, except for what is summed. */
export function eventMetricsOf(summary: EventSummary | SkippedEvent): CheckMetric[] {
  if ('skipped' in summary) return [];
  const { latencySeconds, changed, feeds, published, publishFailures, failed } = summary;
  return [
    { name: 'EventChecks', unit: 'Count', value: 1 },
    { name: 'EventAccounts', unit: 'Count', value: changed.count },
    { name: 'EventMoves', unit: 'Count', value: feeds.length > 0 ? 1 : 0 },
    { name: 'EventLatency', unit: 'Seconds', value: latencySeconds },
    { name: 'PublishedMessages', unit: 'Count', value: published },
    { name: 'PublishFailures', unit: 'Count', value: publishFailures },
    { name: 'FailedAccounts', unit: 'Count', value: failed },
    ...workerMetrics(summary),
  ];
}
