import type { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { certificateWatches, type Watch, workerWatches } from './certificate-watches.ts';
import type { CheckFunction } from './check-function.ts';
import { isBelowMinute } from './check-interval.ts';
import type { CheckMetrics } from './check-metrics.ts';
import { ImpactAlarm } from './impact-alarm.ts';
import type { MarginTopics } from './margin-topics.ts';

interface CheckAlarmsProps {
  readonly check: CheckFunction;
  readonly metrics: CheckMetrics;
  readonly serviceName: string;
  readonly topics: MarginTopics;
  readonly indeterminatePercentMax: number;
  readonly runbook: string;
}

/** Lambda dates its metrics at the function's start but reports them a period later. */
const AFTER_THE_FACT = { periods: 3, periodsAbove: 1 };
const NEARLY = 0.8;
const INTERVALS_UNPUBLISHED = 2;
/** At 1, liquidations equal all orders that rest within 1 % of the mark. */
const CASCADE_RATIO = 1;

const MISSED_CHECK = {
  impact: 'A check did not start or failed. Breaches that it should have found were found later.',
  read: 'it names the check and the cause',
};

/** SQS adds no cause to a dead letter. */
const MISSED_SLOT = {
  impact: `${MISSED_CHECK.impact} Or the times of the next checks could not be put into their queue.`,
  read: 'it names the check, and the function’s log the cause',
};

export class CheckAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  readonly #props: CheckAlarmsProps;

  constructor(scope: Construct, id: string, props: CheckAlarmsProps) {
    super(scope, id);
    this.#props = props;
    this.alarms = [
      this.#noCompleteCheck(),
      ...Object.entries({
        ...accountWatches(props),
        ...messageWatches(props),
        ...marketWatches(props),
        ...functionWatches(props),
        ...fundWatches(props),
        ...(props.check.hasCertificates && certificateWatches(props.metrics)),
        ...(props.check.workers && workerWatches(props.metrics)),
      }).map(([name, watch]) => this.#watch(name, watch)),
    ];
  }

  /** Heartbeat: missing data triggers it. */
  #noCompleteCheck(): Alarm {
    const { metrics, serviceName, topics, runbook } = this.#props;
    const { metric, periods, lasting } = metrics.heartbeat();
    return new ImpactAlarm(this, 'NoCompleteCheck', {
      runbook,
      alarmName: `${serviceName}-NoCompleteCheck`,
      impact:
        `No check has been complete for ${lasting}. Some or all accounts are ` +
        'neither called nor liquidated, whatever prices do. Possible losses grow by the minute.',
      action:
        'Read the newest line of the function’s log: a PolicyError or ConfigError names what to ' +
        'fix. If there is no new line, check the schedule. Watch large accounts by hand until ' +
        'checks complete again.',
      topic: topics.alarms,
      metric,
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  #watch(name: string, watch: Watch): Alarm {
    const { impact, action, metric, above, periods = 1, periodsAbove = periods } = watch;
    const { serviceName, topics, runbook } = this.#props;
    return new ImpactAlarm(this, name, {
      runbook,
      alarmName: `${serviceName}-${name}`,
      impact,
      action,
      topic: topics.alarms,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: periodsAbove,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

function accountWatches({ metrics, indeterminatePercentMax }: CheckAlarmsProps) {
  return {
    FailedAccounts: {
      impact:
        'The check failed for some accounts, and made no decision about them. It handled all other ' +
        'accounts as usual.',
      action:
        'Run `margin status` or read the function’s log to see the accounts and the reason. The ' +
        'next check retries them by itself. If they fail again, fix what the error names.',
      metric: metrics.metric('FailedAccounts'),
      above: 0,
    },
    UnaccountedAccounts: {
      impact:
        'A check broke off. It read some accounts but did not assess them, so it may have missed a ' +
        'breach among them.',
      action:
        'Read the errors in `margin status`. If one is an OvertakenError, checks take longer than the ' +
        'interval: lengthen it. Otherwise fix what the error names: most often DynamoDB throttled it.',
      metric: metrics.metric('UnaccountedAccounts'),
      above: 0,
    },
    UnreachedAccounts: {
      impact:
        'A check ran out of time and made no decision about some accounts that are not safe. The next ' +
        'check begins with them.',
      action:
        'Run `margin status` to see how many, and whether accounts of many rows took the time. If it ' +
        'happens again, lengthen the interval or give the function more memory, and with it more CPU.',
      metric: metrics.metric('UnreachedAccounts'),
      above: 0,
    },
    IndeterminateAccounts: {
      impact:
        `More than ${indeterminatePercentMax} % of the accounts cannot be assessed. They are ` +
        'neither called nor liquidated.',
      action:
        'Run `margin status` to see which feeds and rows are at fault. Most often a feed has ' +
        'stopped: restore it, or add a second source for it.',
      metric: metrics.metric('IndeterminateShare'),
      above: indeterminatePercentMax,
      periods: 2,
    },
  } satisfies Record<string, Watch>;
}

function messageWatches({ metrics, topics }: CheckAlarmsProps) {
  const undelivered = (topic: ITopic) =>
    topic.metricNumberOfNotificationsFailed({ period: metrics.period, statistic: 'Sum' });
  // SNS may need some seconds, which are more than two intervals where these are short.
  const unpublished = isBelowMinute(metrics.interval.toSeconds())
    ? { since: 'a minute', seconds: metrics.period.toSeconds() }
    : { since: 'two intervals', seconds: INTERVALS_UNPUBLISHED * metrics.interval.toSeconds() };
  return {
    UndeliveredAlerts: {
      impact: 'SNS could not deliver an alert to one of its subscribers, which has missed it.',
      action:
        'Find the failing subscriber: a queue whose policy or key refuses the topic, or an endpoint ' +
        'that no longer exists. Fix it. Run `margin status` to see what the subscriber has missed.',
      metric: undelivered(topics.alerts),
      above: 0,
    },
    UndeliveredOrders: {
      impact:
        'SNS could not deliver an order plan to the execution system. The plan is not being ' +
        'executed, and the liquidation is on hold.',
      action:
        'Check the policy and the key of the queue that is subscribed to the orders topic, and fix ' +
        'it. The next generation of each plan then arrives by itself.',
      metric: undelivered(topics.orders),
      above: 0,
    },
    UnpublishedMessages: {
      impact:
        `Margin calls or order plans were decided ${unpublished.since} ago, and SNS has not accepted ` +
        'them. Nobody has received them.',
      action:
        'Read SNS’s answer in the function’s log: throttling, a missing permission or a key. Fix ' +
        'it. The messages are kept, and every check retries them. Meanwhile, run `margin status` ' +
        'to see who is to be called.',
      metric: metrics.metric('UnpublishedAge'),
      above: unpublished.seconds,
    },
  } satisfies Record<string, Watch>;
}

function fundWatches({ metrics }: CheckAlarmsProps) {
  return {
    UncoveredLoss: {
      impact:
        'Accounts owe more than they had, and neither the insurance fund nor other accounts pay the ' +
        'rest. The venue bears this loss.',
      action:
        'Run `margin fund` to see the claims and the balance of the fund. Credit the accounts from ' +
        'the venue’s own money, and pay into the fund before the next deficit.',
      metric: metrics.metric('UncoveredLoss'),
      above: 0,
    },
    BadDebtAtShock: {
      impact:
        'If every price made the move that is forecast until a close-out, accounts would owe more ' +
        'than they have and than the insurance fund holds. The margin does not charge for all of ' +
        'that move.',
      action:
        'Run `margin status` to see the amount and the feeds, and `margin accounts` for the accounts ' +
        'nearest to their lines. Ask them to reduce or to pay in, pay into the fund, or raise ' +
        '`shockMax`. Liquidations go on meanwhile.',
      metric: metrics.metric('BadDebtBeyondFund'),
      above: 0,
    },
  } satisfies Record<string, Watch>;
}

function marketWatches({ metrics }: CheckAlarmsProps) {
  return {
    CascadePossible: {
      impact:
        'A move of 1 % would liquidate more in a market than the orders near its price can absorb. ' +
        'The liquidations themselves would then move the price further.',
      action:
        'Run `margin status` to see the market and the side. Ask the largest accounts there to ' +
        'reduce, find more liquidity, or raise the margin. Do not throttle liquidations further: what ' +
        'is not closed now is closed at a worse price.',
      metric: metrics.metric('CascadeRatio'),
      above: CASCADE_RATIO,
    },
  } satisfies Record<string, Watch>;
}

function functionWatches({ check, metrics }: CheckAlarmsProps) {
  const { interval, period } = metrics;
  const isShort = isBelowMinute(interval.toSeconds());
  const missed = isShort ? MISSED_SLOT : MISSED_CHECK;
  return {
    MissedChecks: {
      impact: missed.impact,
      action:
        `Read a message in the dead-letter queue: ${missed.read}. Fix the cause, then purge the queue. ` +
        'Do not run the missed checks again: the next check has done their work.',
      metric: check.missedChecks.metricApproximateNumberOfMessagesVisible({
        period,
        statistic: 'Maximum',
      }),
      above: 0,
    },
    FunctionErrors: {
      impact: 'A check failed, in part or as a whole. It completed whatever else it could.',
      action:
        'Read the first failure in the function’s log, or all of them in `margin status`. Fix what ' +
        'they name.',
      metric: check.handler.metricErrors({ period, statistic: 'Sum' }),
      above: 0,
      ...AFTER_THE_FACT,
    },
    NearTimeout: {
      ...(isShort ? nearInterval(metrics) : nearTimeLimit(check, period)),
      action:
        'Lengthen the interval, or find out what has grown: run `margin status` to see the counts.',
    },
  } satisfies Record<string, Watch>;
}

function nearTimeLimit(check: CheckFunction, period: Duration) {
  return {
    impact:
      `A check takes more than ${NEARLY * 100} % of its time limit. A check that reaches the limit ` +
      'breaks off and misses accounts.',
    metric: check.handler.metricDuration({ period, statistic: 'Maximum' }),
    above: NEARLY * check.timeoutSeconds * 1000,
    ...AFTER_THE_FACT,
  };
}

/** The mean of some minutes: a new environment of the function takes longer, once. */
function nearInterval(metrics: CheckMetrics) {
  return {
    impact:
      `Checks take more than ${NEARLY * 100} % of the interval. Where one takes longer than the ` +
      'interval, the next is skipped, and breaches are found later.',
    metric: metrics.metric('CheckDuration', { statistic: 'Average' }),
    above: NEARLY * metrics.interval.toSeconds(),
    periods: 3,
  };
}
