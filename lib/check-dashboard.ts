import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  PeriodOverride,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { CheckFunction } from './check-function.ts';
import type { CheckMetrics } from './check-metrics.ts';
import type { CheckWorkers } from './check-workers.ts';
import { FEED_DIMENSION, MARKET_DIMENSION, type MetricName } from './names.ts';

interface CheckDashboardProps {
  readonly check: CheckFunction;
  readonly metrics: CheckMetrics;
  readonly alarms: readonly Alarm[];
  readonly serviceName: string;
  readonly hasEvents: boolean;
}

const WIDTH = 24;
const HOURS_3 = 3 * 3600;
const CHECKS_SHOWN = 50;

/** Rows: does it run, who is in trouble, is data good, do markets cope, is it sent, who pays, what events start, what workers do. */
export class CheckDashboard extends Construct {
  readonly #props: CheckDashboardProps;

  constructor(scope: Construct, id: string, props: CheckDashboardProps) {
    super(scope, id);
    this.#props = props;
    const { alarms, check, serviceName, metrics } = props;
    const { interval } = metrics;
    new Dashboard(this, 'Board', {
      // Dashboard names are unique across an account's regions.
      dashboardName: `${serviceName}-${Stack.of(this).region}`,
      defaultInterval: Duration.seconds(Math.max(HOURS_3, CHECKS_SHOWN * interval.toSeconds())),
      periodOverride: PeriodOverride.INHERIT,
      widgets: [
        [new TextWidget({ width: WIDTH, height: 2, markdown: heading(serviceName) })],
        [new AlarmStatusWidget({ title: 'Alarms', width: WIDTH, height: 3, alarms: [...alarms] })],
        [this.#now()],
        [this.#gaps(), this.#trouble()],
        [this.#unknown(), this.#prices()],
        [this.#cascades(), this.#carriedOver()],
        [this.#messages(), this.#duration()],
        [this.#fund(), this.#shocks()],
        ...(check.hasCertificates ? [[this.#reads()]] : []),
        ...(props.hasEvents ? [[this.#events(), this.#eventLatency()]] : []),
        ...(check.workers ? [workerGraphs(check.workers, metrics)] : []),
      ],
    });
  }

  #of(name: MetricName, label: string, color?: string): IMetric {
    return this.#props.metrics.metric(name, { label, ...(color && { color }) });
  }

  #now(): IWidget {
    return new SingleValueWidget({
      title: 'Last check',
      width: WIDTH,
      height: 3,
      metrics: [
        this.#of('Accounts', 'accounts'),
        this.#of('CalledBooks', 'called'),
        this.#of('LiquidatedBooks', 'in liquidation'),
        this.#of('DeficitBooks', 'in deficit'),
        this.#of('IndeterminateAccounts', 'indeterminate'),
        this.#of('OldestPriceAge', 'oldest price, s'),
      ],
    });
  }

  #gaps(): IWidget {
    const interval = this.#props.metrics.interval.toSeconds();
    return graph('Seconds between checks, and seconds late', {
      left: [this.#of('CheckGap', 'gap'), this.#of('CheckLateness', 'late')],
      leftAnnotations: [{ value: interval, label: 'interval', color: Color.GREY }],
    });
  }

  #trouble(): IWidget {
    return graph('Margin calls, liquidations, deficits', {
      left: [
        this.#of('CalledBooks', 'called', Color.ORANGE),
        this.#of('LiquidatedBooks', 'in liquidation', Color.RED),
        this.#of('DeficitBooks', 'in deficit', Color.PURPLE),
      ],
    });
  }

  #unknown(): IWidget {
    return graph('Accounts without a decision, and faulty rows', {
      left: [
        this.#of('IndeterminateAccounts', 'indeterminate'),
        this.#of('FailedAccounts', 'failed', Color.RED),
        this.#of('UnaccountedAccounts', 'unaccounted', Color.PURPLE),
        this.#of('UnreachedAccounts', 'unreached', Color.BROWN),
        this.#of('MarketRowFaults', 'faulty market rows'),
      ],
    });
  }

  #prices(): IWidget {
    return graph('Price age, and rejected feeds', {
      left: [this.#of('OldestPriceAge', 'oldest price, s')],
      right: [this.#of('RejectedFeeds', 'feeds without a usable price', Color.RED)],
    });
  }

  #cascades(): IWidget {
    return graph('Notional that a 1 % move would liquidate, divided by market depth', {
      left: [
        this.#of('CascadeRatio', 'largest', Color.RED),
        this.#props.metrics.by(MARKET_DIMENSION, 'CascadeRatio'),
      ],
      leftAnnotations: [{ value: 1, label: 'depth', color: Color.GREY }],
    });
  }

  #carriedOver(): IWidget {
    return graph('Liquidations carried over', {
      left: [this.#of('CarriedOverNotional', 'notional')],
      right: [this.#of('CarriedOverAccounts', 'accounts', Color.RED)],
    });
  }

  #messages(): IWidget {
    return graph('Messages', {
      left: [
        this.#of('PublishedMessages', 'published'),
        this.#of('PublishFailures', 'refused', Color.RED),
        this.#of('WithdrawnPlans', 'plans withdrawn'),
      ],
      right: [this.#of('UnpublishedAge', 'oldest unpublished, s', Color.ORANGE)],
    });
  }

  #fund(): IWidget {
    return graph('Insurance fund', {
      left: [this.#of('FundBalance', 'balance')],
      right: [
        this.#of('FundDrawn', 'drawn', Color.ORANGE),
        this.#of('UncoveredLoss', 'uncovered', Color.RED),
      ],
    });
  }

  /** Money at risk in the next interval, beside what could pay for it. */
  #shocks(): IWidget {
    return graph('Bad debt if every price made its forecast move, and the fund', {
      left: [
        this.#of('BadDebtAtShock', 'bad debt at the forecast shock', Color.RED),
        this.#of('FundBalance', 'insurance fund', Color.GREEN),
      ],
      right: [
        this.#of('UncoveredShock', 'largest uncovered shock', Color.ORANGE),
        this.#props.metrics.by(FEED_DIMENSION, 'UncoveredShock'),
      ],
    });
  }

  #reads(): IWidget {
    return graph('Accounts read, and accounts certified', {
      left: [
        this.#of('CertifiedAccounts', 'certified', Color.GREEN),
        this.#of('ReadAccounts', 'read', Color.ORANGE),
        this.#of('ChangedAccounts', 'changed'),
      ],
      right: [this.#of('StreamLag', 'stream lag, s', Color.RED)],
    });
  }

  #events(): IWidget {
    return graph('Event checks, and changed accounts that they took', {
      left: [
        this.#of('EventChecks', 'event checks'),
        this.#of('EventMoves', 'of all accounts, after a price move', Color.ORANGE),
      ],
      right: [this.#of('EventAccounts', 'changed accounts', Color.GREEN)],
    });
  }

  #eventLatency(): IWidget {
    const { metrics } = this.#props;
    return graph('Seconds from the writing of a row to the end of its event check', {
      left: [
        this.#of('EventLatency', 'longest', Color.RED),
        metrics.metric('EventLatency', { label: 'median', statistic: 'p50' }),
      ],
    });
  }

  #duration(): IWidget {
    const { check, metrics } = this.#props;
    const { period } = metrics;
    return graph('Check duration, and errors', {
      left: [this.#of('CheckDuration', 'seconds')],
      leftAnnotations: [{ value: check.timeoutSeconds, label: 'timeout', color: Color.GREY }],
      right: [
        check.handler.metricErrors({ period, label: 'errors', color: Color.RED }),
        check.handler.metricThrottles({ period, label: 'throttles', color: Color.ORANGE }),
      ],
    });
  }
}

/** Lambda's own metrics of the worker function, which cost nothing, and the one that the alarm reads. */
function workerGraphs({ handler, patience }: CheckWorkers, metrics: CheckMetrics): IWidget[] {
  const { period } = metrics;
  const timeout = patience.toMilliseconds();
  return [
    graph('Workers invoked, and parts that the check took over', {
      left: [handler.metricInvocations({ period, label: 'invoked', color: Color.GREEN })],
      right: [
        metrics.metric('WorkerTakeovers', { label: 'taken over', color: Color.RED }),
        handler.metricErrors({ period, label: 'errors', color: Color.PURPLE }),
        handler.metricThrottles({ period, label: 'throttles', color: Color.ORANGE }),
      ],
    }),
    graph('Milliseconds that the slowest worker took', {
      left: [
        handler.metricDuration({
          period,
          label: 'longest',
          statistic: 'Maximum',
          color: Color.RED,
        }),
      ],
      leftAnnotations: [{ value: timeout, label: 'the check waits so long', color: Color.GREY }],
    }),
  ];
}

function graph(title: string, props: Omit<GraphWidgetProps, 'title'>): GraphWidget {
  return new GraphWidget({ title, width: WIDTH / 2, height: 6, liveData: true, ...props });
}

type GraphWidgetProps = ConstructorParameters<typeof GraphWidget>[0];

const heading = (serviceName: string): string =>
  `## ${serviceName}: margin checks\ndocs/runbook.md explains each alarm and what to do. ` +
  'Run `npx margin status` to see who is affected.';
