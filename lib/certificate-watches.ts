/** The alarms of checks with certificates, and with workers. */
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { CheckMetrics } from './check-metrics.ts';

/** Missing data does not trigger the alarm. */
export interface Watch {
  readonly impact: string;
  readonly action: string;
  readonly metric: Metric;
  /** The alarm rings above it. */
  readonly above: number;
  readonly periods?: number;
  /** How many of the `periods` must be above it; all by default. */
  readonly periodsAbove?: number;
}

/** A check that has not seen its canary rows in the stream by then reads every account. */
const STREAM_LAG_SECONDS = 2;

export function certificateWatches(metrics: CheckMetrics) {
  return {
    MissedChanges: {
      impact:
        'An account was read late, by an hour at most, so its margin call or liquidation may be late. ' +
        'Its rows differed from what the stream of the accounts table had shown: the stream lost a ' +
        'change, or the check missed it. All certificates are void, and the check reads every account.',
      action:
        'Run `margin status` to see the accounts, and look whether one has since been called or ' +
        'liquidated. If this alarm rings again, deploy with `-c certificates=false` and report it.',
      metric: metrics.metric('MissedChanges'),
      above: 0,
    },
    UnsoundCertificates: {
      impact:
        'A margin call or liquidation may have been late by an hour at most: a certificate promised ' +
        'more for an account than its exact figure. This is a bug. Certificates are off until another ' +
        'version is deployed, and every check reads every account.',
      action:
        'Report it with the export of the account (`margin status` names it, `margin export` writes ' +
        'it). Deploy with `-c certificates=false`, so that no deployment switches certificates on ' +
        'again. There is nothing else to do now.',
      metric: metrics.metric('UnsoundCertificates'),
      above: 0,
    },
    StreamLag: {
      impact:
        'No account is missed, but checks are slower and cost more. The stream of the accounts table ' +
        `shows changes later than ${STREAM_LAG_SECONDS} s, so a check cannot prove that it has seen ` +
        'every one, and reads every account.',
      action:
        'Look for throttled reads of the stream: no more than two readers may share a shard, and the ' +
        'check is one of them. If there are none, look at the AWS Health Dashboard for DynamoDB.',
      metric: metrics.metric('StreamLag'),
      above: STREAM_LAG_SECONDS,
      periods: 3,
    },
  } satisfies Record<string, Watch>;
}

export function workerWatches(metrics: CheckMetrics) {
  return {
    WorkerErrors: {
      impact:
        'Workers failed, or could not be asked, to read accounts for a check. The check has read these ' +
        'accounts by itself, which takes longer; UnreachedAccounts rings if there was no time.',
      action:
        'The log line of the check says why (`workers.failure`). Read the log of the worker function, ' +
        'too. If it says nothing, look for throttled reads of the accounts table, and for throttled ' +
        'executions of the AWS account. During a deployment there is nothing to do.',
      metric: metrics.metric('WorkerTakeovers'),
      above: 0,
    },
  } satisfies Record<string, Watch>;
}
