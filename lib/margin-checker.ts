import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Notify } from './alert-forwarder.ts';
import { AlertReceivers } from './alert-receivers.ts';
import { CheckAlarms } from './check-alarms.ts';
import { CheckDashboard } from './check-dashboard.ts';
import { startByEvents } from './check-events.ts';
import { CheckFunction } from './check-function.ts';
import {
  CHECK_INTERVAL_SECONDS_DEFAULT,
  CHECK_INTERVALS_ALLOWED,
  isCheckInterval,
} from './check-interval.ts';
import { CheckMetrics } from './check-metrics.ts';
import { CheckSchedule } from './check-schedule.ts';
import { isWorkers, WORKERS_ALLOWED } from './check-workers.ts';
import type { AlertBus } from './event-bus-delivery.ts';
import { type AnyTable, MarginTables } from './margin-tables.ts';
import { MarginTopics } from './margin-topics.ts';
import { grantWriteKinds, MARKET_KINDS } from './market-rights.ts';
import { type MetricName, type OUTPUTS, RUNBOOK_DEFAULT } from './names.ts';

export type { AlertForwarder, Notify } from './alert-forwarder.ts';
export type { AlertSeverity } from './alert-queue.ts';
export type { AlertReceivers } from './alert-receivers.ts';
export { EVENT_SOURCE } from './event-bus-delivery.ts';

export interface MarginCheckerProps {
  /**
   * Seconds between two checks: whole minutes up to a day, or a divisor of a minute, which makes a
   * queue and a second function. @default 60
   */
  readonly checkIntervalSeconds?: number | undefined;
  /**
   * Your own tables, with the keys of TABLES in names.ts; the margin table also with its index.
   * @default - missing tables are created
   */
  readonly tables?: {
    readonly accounts?: AnyTable;
    readonly market?: AnyTable;
    readonly margin?: AnyTable;
  };
  /**
   * Your own topics: `alerts` standard, `orders` FIFO without content-based deduplication, `alarms`
   * standard and open to CloudWatch. @default - missing topics are created
   */
  readonly topics?: {
    readonly alerts?: ITopic;
    readonly orders?: ITopic;
    readonly alarms?: ITopic;
  };
  /**
   * Encrypts the tables, topics, logs and dead letters created here. An imported key's policy must
   * already let CloudWatch and CloudWatch Logs use it. @default - keys owned by AWS
   */
  readonly encryptionKey?: IKey | undefined;
  /** False: deletes tables and logs created here with the stack. @default true */
  readonly keepTables?: boolean | undefined;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /**
   * X-Ray traces of every check: the function's only permission that cannot be limited to a
   * resource. @default false
   */
  readonly tracing?: boolean | undefined;
  /**
   * Checks read only accounts that no certificate proves healthy, or whose rows have changed. They
   * read the changes from the stream of the accounts table, and write canary rows (`~canary-…`) into
   * that table to see that they have read them all. Your own accounts table needs a stream, of any
   * view type, with no other reader if possible and one at most. @default false
   */
  readonly certificates?: boolean | undefined;
  /**
   * Changed accounts and prices that have moved by more than half of the latency shock start checks
   * at once, beside the scheduled ones, at most one a second. Your own tables need streams: of the
   * accounts table with any view, of the market table with new images. @default false
   */
  readonly events?: boolean | undefined;
  /**
   * So many invocations of a second function read or scan accounts at once when a check has more than
   * 2,000 to read. Each uses one of the executions that the AWS account may have at once.
   * @default 0: the check reads all accounts by itself
   */
  readonly workers?: number | undefined;
  /** An alarm rings above this percentage of indeterminate accounts. @default 5 */
  readonly indeterminatePercentMax?: number;
  /**
   * Gets every alert as an event: source EVENT_SOURCE, detail type the message's type, detail the
   * message. In the same account and region. @default - none
   */
  readonly eventBus?: AlertBus | undefined;
  /** Channels of Slack and Teams, services of PagerDuty, by a function each. @default - none */
  readonly notify?: readonly Notify[] | undefined;
  /**
   * A topic with custom notifications for Amazon Q Developer in chat applications, `chatTopic`.
   * @default false
   */
  readonly chatbot?: boolean | undefined;
  /** Address of your copy of the runbook, up to 200 characters. @default 'docs/runbook.md' */
  readonly runbookUrl?: string | undefined;
}

/**
 * A schedule, the function that it starts, its tables and topics, alarms and a dashboard.
 * @throws Error unless the interval is in whole minutes or divides one, and, with certificates, the given
 * accounts table has a stream; with events, both given tables
 */
export class MarginChecker extends Construct {
  readonly accounts: AnyTable;
  readonly market: AnyTable;
  readonly margin: AnyTable;
  /** Margin calls and other alerts, to people and systems. */
  readonly alerts: ITopic;
  /** Order plans, to the execution system. FIFO. */
  readonly orders: ITopic;
  /** About the checker itself. */
  readonly alarmTopic: ITopic;
  readonly alarms: readonly Alarm[];
  readonly function: IFunction;
  readonly missedChecks: IQueue;
  readonly checkIntervalSeconds: number;
  /** The queues, functions and chat topic behind `eventBus`, `notify` and `chatbot`. */
  readonly receivers: AlertReceivers;

  readonly #tables: MarginTables;
  readonly #metrics: CheckMetrics;

  constructor(scope: Construct, id: string, props: MarginCheckerProps = {}) {
    super(scope, id);
    const { checkIntervalSeconds = CHECK_INTERVAL_SECONDS_DEFAULT, encryptionKey } = props;
    if (!isCheckInterval(checkIntervalSeconds)) {
      throw new Error(`checkIntervalSeconds ${checkIntervalSeconds}: ${CHECK_INTERVALS_ALLOWED}`);
    }
    const serviceName = serviceNameOf(this);
    const { keepTables: isKept = true, tables: given = {}, certificates, events } = props;
    const streams = { certificates, events };
    const tables = new MarginTables(this, 'Tables', { given, encryptionKey, isKept, ...streams });
    const topics = new MarginTopics(this, 'Topics', { given: props.topics ?? {}, encryptionKey });
    const { runbookUrl: runbook = RUNBOOK_DEFAULT, logRetention = RetentionDays.ONE_MONTH } = props;
    const common = { serviceName, runbook, encryptionKey, logRetention, topics };
    const check = new CheckFunction(this, 'Check', {
      ...common,
      tables,
      checkIntervalSeconds,
      workers: workersOf(props),
      isTraced: props.tracing ?? false,
      isKept,
    });
    new CheckSchedule(this, 'Schedule', { ...common, tables, check, checkIntervalSeconds });
    const metrics = new CheckMetrics({ serviceName, checkIntervalSeconds });
    const watched = { check, metrics, serviceName, runbook };
    const { indeterminatePercentMax = 5 } = props;
    const own = new CheckAlarms(this, 'Alarms', { ...watched, topics, indeterminatePercentMax });
    this.receivers = new AlertReceivers(this, 'Receivers', { ...common, to: props });
    const byEvents = startByEvents(this, 'Events', { ...common, ...watched, tables });
    this.alarms = [...own.alarms, ...this.receivers.alarms, ...(byEvents?.alarms ?? [])];
    const hasEvents = byEvents !== undefined;
    new CheckDashboard(this, 'Dashboard', { ...watched, alarms: this.alarms, hasEvents });

    ({ accounts: this.accounts, market: this.market, margin: this.margin } = tables);
    ({ alerts: this.alerts, orders: this.orders, alarms: this.alarmTopic } = topics);
    this.function = check.handler;
    this.missedChecks = check.missedChecks;
    this.checkIntervalSeconds = checkIntervalSeconds;
    this.#tables = tables;
    this.#metrics = metrics;
    putOutputs(this);
  }

  /** For the writer of positions and balances. */
  grantWriteAccounts(grantee: IGrantable): Grant {
    return this.#tables.accounts.grantWriteData(grantee);
  }

  /** For a price feed: quotes alone. */
  grantWriteQuotes(grantee: IGrantable): Grant {
    return this.#grantWriteKinds(grantee, MARKET_KINDS.quotes);
  }

  /** For who lists markets and sets their margins: assets, locations, instruments, risk classes. */
  grantWriteRules(grantee: IGrantable): Grant {
    return this.#grantWriteKinds(grantee, MARKET_KINDS.rules);
  }

  /** For operators: the policy, with its mode and its halt, as `margin halt` reads and writes it. */
  grantWritePolicy(grantee: IGrantable): Grant {
    return this.#grantWriteKinds(grantee, MARKET_KINDS.policy, { isRead: true });
  }

  /** For who pays into the insurance fund: its meters. */
  grantWriteFund(grantee: IGrantable): Grant {
    return this.#grantWriteKinds(grantee, MARKET_KINDS.fund);
  }

  /**
   * For `margin load`: all four, so also the right to lift a halt and to set `enforce`. Give a price
   * feed `grantWriteQuotes`.
   */
  grantWriteMarket(grantee: IGrantable): Grant {
    return this.#tables.market.grantWriteData(grantee);
  }

  #grantWriteKinds(grantee: IGrantable, kinds: readonly string[], { isRead = false } = {}): Grant {
    return grantWriteKinds(grantee, { market: this.#tables.market, kinds, scope: this, isRead });
  }

  /** For readers of cases, checks and decision records. */
  grantReadMargin(grantee: IGrantable): Grant {
    return this.#tables.margin.grantReadData(grantee);
  }

  metric(name: MetricName, options?: MetricOptions): Metric {
    return this.#metrics.metric(name, options);
  }

  /** Heartbeat: checks that covered every account. */
  metricCompleteChecks(options?: MetricOptions): Metric {
    return this.metric('CompleteChecks', options);
  }

  metricAccounts(options?: MetricOptions): Metric {
    return this.metric('Accounts', options);
  }

  metricIndeterminateAccounts(options?: MetricOptions): Metric {
    return this.metric('IndeterminateAccounts', options);
  }

  metricFailedAccounts(options?: MetricOptions): Metric {
    return this.metric('FailedAccounts', options);
  }

  metricCalledBooks(options?: MetricOptions): Metric {
    return this.metric('CalledBooks', options);
  }

  metricLiquidatedBooks(options?: MetricOptions): Metric {
    return this.metric('LiquidatedBooks', options);
  }

  /** Books with negative equity. */
  metricDeficitBooks(options?: MetricOptions): Metric {
    return this.metric('DeficitBooks', options);
  }

  /** In the numeraire. */
  metricFundBalance(options?: MetricOptions): Metric {
    return this.metric('FundBalance', options);
  }

  /** In the numeraire: losses that neither the fund nor other accounts pay. */
  metricUncoveredLoss(options?: MetricOptions): Metric {
    return this.metric('UncoveredLoss', options);
  }

  metricPublishFailures(options?: MetricOptions): Metric {
    return this.metric('PublishFailures', options);
  }

  /** Seconds since the oldest decision that SNS has not accepted. */
  metricUnpublishedAge(options?: MetricOptions): Metric {
    return this.metric('UnpublishedAge', options);
  }

  /** Seconds since the last complete check. */
  metricCheckGap(options?: MetricOptions): Metric {
    return this.metric('CheckGap', options);
  }

  /** Seconds. */
  metricCheckDuration(options?: MetricOptions): Metric {
    return this.metric('CheckDuration', options);
  }

  /** Largest of all markets: notional that a 1 % move would liquidate ÷ depth. */
  metricCascadeRatio(options?: MetricOptions): Metric {
    return this.metric('CascadeRatio', options);
  }

  /** In the numeraire: bad debt if every price made its forecast move before a close-out. */
  metricBadDebtAtShock(options?: MetricOptions): Metric {
    return this.metric('BadDebtAtShock', options);
  }

  /** Notional that plans still need beyond their markets' capacity. */
  metricCarriedOverNotional(options?: MetricOptions): Metric {
    return this.metric('CarriedOverNotional', options);
  }

  /** Seconds. */
  metricOldestPriceAge(options?: MetricOptions): Metric {
    return this.metric('OldestPriceAge', options);
  }
}

/** `margin` needs these outputs in your own stack, too. */
function putOutputs(checker: MarginChecker): void {
  const outputs: Record<(typeof OUTPUTS)[number], string> = {
    AccountsTableName: checker.accounts.tableName,
    MarketTableName: checker.market.tableName,
    MarginTableName: checker.margin.tableName,
    AlertsTopicArn: checker.alerts.topicArn,
    OrdersTopicArn: checker.orders.topicArn,
    AlarmsTopicArn: checker.alarmTopic.topicArn,
    CheckFunctionName: checker.function.functionName,
    CheckIntervalSeconds: String(checker.checkIntervalSeconds),
  };
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(checker, name, { value });
}

/** Unique in an account and region. */
function serviceNameOf(checker: Construct): string {
  const { stackName, node } = Stack.of(checker);
  const within = checker.node.path.slice(node.path.length + 1).split('/');
  const ids = within.filter((id) => id !== 'Default').map((id) => id.replace(/\W/g, '-'));
  return [stackName, ...ids].join('-');
}

function workersOf({ workers = 0 }: MarginCheckerProps): number {
  if (isWorkers(workers)) return workers;
  throw new Error(`workers ${workers}: ${WORKERS_ALLOWED}`);
}
