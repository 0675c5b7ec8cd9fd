import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { isBelowMinute, wholeMinuteSeconds } from './check-interval.ts';
import {
  CERTIFICATES_METRICS,
  EVENTS_METRICS,
  type FEED_DIMENSION,
  type MARKET_DIMENSION,
  METRIC_NAMESPACE,
  METRICS,
  type MetricName,
  WORKERS_METRICS,
} from './names.ts';

const INTERVALS_WITHOUT_CHECK = 3;
/** Of metrics with a value for each second; the shortest that alarms on them take. */
const SHORT_PERIOD_SECONDS = 10;

/** When so many periods in a row have no complete check, nothing is being checked. */
export interface Heartbeat {
  readonly metric: Metric;
  readonly periods: number;
  /** For people. */
  readonly lasting: string;
}

const STATISTICS = {
  ...METRICS,
  ...CERTIFICATES_METRICS,
  ...EVENTS_METRICS,
  ...WORKERS_METRICS,
};

export class CheckMetrics {
  readonly #serviceName: string;
  readonly interval: Duration;
  /** Of graphs and alarms: an interval, but at least a minute, which metrics cost no more for. */
  readonly period: Duration;

  constructor(checker: { readonly serviceName: string; readonly checkIntervalSeconds: number }) {
    this.#serviceName = checker.serviceName;
    this.interval = Duration.seconds(checker.checkIntervalSeconds);
    this.period = Duration.seconds(wholeMinuteSeconds(checker.checkIntervalSeconds));
  }

  metric(name: MetricName, options: MetricOptions = {}): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName: name,
      dimensionsMap: { service: this.#serviceName },
      statistic: STATISTICS[name],
      period: this.period,
      ...options,
    });
  }

  /** Three intervals; below a minute at least three periods of ten seconds. */
  heartbeat(): Heartbeat {
    const seconds = this.interval.toSeconds();
    if (!isBelowMinute(seconds)) {
      const periods = INTERVALS_WITHOUT_CHECK;
      return { metric: this.metric('CompleteChecks'), periods, lasting: `${periods} intervals` };
    }
    const period = Duration.seconds(SHORT_PERIOD_SECONDS);
    const lasting = INTERVALS_WITHOUT_CHECK * Math.max(seconds, SHORT_PERIOD_SECONDS);
    const periods = Math.ceil(lasting / SHORT_PERIOD_SECONDS);
    const metric = this.metric('CompleteChecks', { period });
    return { metric, periods, lasting: `${periods * SHORT_PERIOD_SECONDS} seconds` };
  }

  /** One line per market, or per feed. */
  by(dimension: typeof MARKET_DIMENSION | typeof FEED_DIMENSION, name: MetricName): MathExpression {
    // CloudWatch wants the dimensions in the order of their names.
    const schema = `{${METRIC_NAMESPACE},${dimension},service}`;
    const search = `${schema} MetricName="${name}" service="${this.#serviceName}"`;
    const { period } = this;
    const expression = `SEARCH('${search}', '${STATISTICS[name]}', ${period.toSeconds()})`;
    return new MathExpression({ expression, label: '', usingMetrics: {}, period });
  }
}
