import {
  type Alarm,
  ComparisonOperator,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { CheckFunction } from './check-function.ts';
import type { CheckMetrics } from './check-metrics.ts';
import { ImpactAlarm } from './impact-alarm.ts';
import type { MarginTopics } from './margin-topics.ts';

interface CheckAlarmsProps {
  readonly check: CheckFunction;
  readonly metrics: CheckMetrics;
  readonly serviceName: string;
  readonly topics: MarginTopics;
  readonly indeterminatePercentMax: number;
}

/** The metric and the text of an alarm. Missing data does not trigger it. */
interface Watch {
  readonly impact: string;
  readonly action: string;
  readonly metric: Metric;
  /** Threshold: the alarm rings above it. */
  readonly above: number;
  readonly periods?: number;
  /** How many of the `periods` must be above it; all by default. */
  readonly periodsAbove?: number;
}

const NEARLY = 0.8;
const INTERVALS_WITHOUT_CHECK = 3;
const INTERVALS_UNPUBLISHED = 2;
/** At 1, liquidations equal all orders that rest within 1 % of the mark. */
const CASCADE_RATIO = 1;

/** Lambda dates these metrics at the start of the function but reports them a period later. */
const AFTER_THE_FACT = { periods: 3, periodsAbove: 1 };

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
      }).map(([name, watch]) => this.#watch(name, watch)),
    ];
  }

  /** The heartbeat: missing data is what triggers it. */
  #noCompleteCheck(): Alarm {
    const { metrics, serviceName, topics } = this.#props;
    return new ImpactAlarm(this, 'NoCompleteCheck', {
      alarmName: `${serviceName}-NoCompleteCheck`,
      impact:
        'margin is not being checked: nobody is called or liquidated, whatever prices do, and ' +
        'what accounts may lose grows by the minute.',
      action:
        'look at the newest line of the function’s log; a PolicyError or ConfigError names what to ' +
        'mend. If there is no new line, look at the schedule. Have large accounts watched by hand.',
      topic: topics.alarms,
      metric: metrics.metric('CompleteChecks'),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: INTERVALS_WITHOUT_CHECK,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  #watch(name: string, watch: Watch): Alarm {
    const { impact, action, metric, above, periods = 1, periodsAbove = periods } = watch;
    const { serviceName, topics } = this.#props;
    return new ImpactAlarm(this, name, {
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
      impact: 'the accounts named in the error were not decided about; the others were.',
      action:
        '`margin status` and the function’s log name them and why. The next check takes them up by ' +
        'itself; if they fail again, mend what the error names.',
      metric: metrics.metric('FailedAccounts'),
      above: 0,
    },
    UnaccountedAccounts: {
      impact: 'accounts were read and then neither assessed nor refused: the check broke off.',
      action:
        'look at the errors in `margin status`; with an OvertakenError lengthen the interval, ' +
        'because checks take longer than it.',
      metric: metrics.metric('UnaccountedAccounts'),
      above: 0,
    },
    IndeterminateAccounts: {
      impact:
        `over ${indeterminatePercentMax} % of the accounts cannot be assessed: they are neither ` +
        'called nor liquidated.',
      action:
        '`margin status` shows which feeds and rows are at fault; most often a feed has stopped. ' +
        'Restore it, or a second source of it.',
      metric: metrics.metric('IndeterminateShare'),
      above: indeterminatePercentMax,
      periods: 2,
    },
  } satisfies Record<string, Watch>;
}

function messageWatches({ metrics, topics }: CheckAlarmsProps) {
  const undelivered = (topic: ITopic) =>
    topic.metricNumberOfNotificationsFailed({ period: metrics.interval, statistic: 'Sum' });
  return {
    UndeliveredAlerts: {
      impact: 'SNS could not hand an alert to one of its subscribers, which has not heard of it.',
      action:
        'look which subscriber is at fault: a queue whose policy or key does not let the topic in, ' +
        'an endpoint that is gone. `margin status` has what it should have heard.',
      metric: undelivered(topics.alerts),
      above: 0,
    },
    UndeliveredOrders: {
      impact: 'SNS could not hand an order plan to the execution system: it is not being worked.',
      action:
        'look at the policy and the key of the queue that is subscribed to the orders. Once it is ' +
        'mended the next generation of each plan arrives by itself.',
      metric: undelivered(topics.orders),
      above: 0,
    },
    UnpublishedMessages: {
      impact: 'margin calls or order plans were decided and have reached nobody for two intervals.',
      action:
        'the function’s log has what SNS answered: a throttle, a right or a key. They are kept, and ' +
        'every check tries again. Meanwhile `margin status` says who is to be called.',
      metric: metrics.metric('UnpublishedAge'),
      above: INTERVALS_UNPUBLISHED * metrics.interval.toSeconds(),
    },
  } satisfies Record<string, Watch>;
}

function fundWatches({ metrics }: CheckAlarmsProps) {
  return {
    UncoveredLoss: {
      impact:
        'accounts owe more than they had, and neither the insurance fund nor other accounts pay it: ' +
        'the venue bears the loss.',
      action:
        '`margin fund` shows the claims and what was left of the fund. Credit the accounts out of ' +
        'own means, and pay into the fund before the next one comes.',
      metric: metrics.metric('UncoveredLoss'),
      above: 0,
    },
  } satisfies Record<string, Watch>;
}

function marketWatches({ metrics }: CheckAlarmsProps) {
  return {
    CascadePossible: {
      impact:
        'a move of 1 % would liquidate more in a market than the orders near its price can take: ' +
        'the liquidations themselves would move it on.',
      action:
        '`margin status` says in which market, and on which side. Have the largest accounts there ' +
        'reduce, find depth, or raise the margin; liquidations keep within the room of the market.',
      metric: metrics.metric('CascadeRatio'),
      above: CASCADE_RATIO,
    },
  } satisfies Record<string, Watch>;
}

function functionWatches({ check, metrics: { interval: period } }: CheckAlarmsProps) {
  return {
    MissedChecks: {
      impact: 'a check did not begin or did not end well; what it would have found, came later.',
      action:
        'read a message of the dead-letter queue: it says which check and why. Purge the queue ' +
        'when it is understood; nothing in it needs to be run again.',
      metric: check.missedChecks.metricApproximateNumberOfMessagesVisible({
        period,
        statistic: 'Maximum',
      }),
      above: 0,
    },
    FunctionErrors: {
      impact: 'a check failed in part or in whole; the rest of it was done.',
      action: 'the function’s log names the first failure, `margin status` all of them.',
      metric: check.handler.metricErrors({ period, statistic: 'Sum' }),
      above: 0,
      ...AFTER_THE_FACT,
    },
    NearTimeout: {
      impact:
        `a check takes over ${NEARLY * 100} % of the time that it has; beyond all of it checks ` +
        'break off, and accounts are missed.',
      action: 'lengthen the interval, or look for what has grown: `margin status` has the counts.',
      metric: check.handler.metricDuration({ period, statistic: 'Maximum' }),
      above: NEARLY * check.timeoutSeconds * 1000,
      ...AFTER_THE_FACT,
    },
  } satisfies Record<string, Watch>;
}
