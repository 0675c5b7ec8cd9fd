import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import {
  CERTIFICATES_METRICS,
  type FEED_DIMENSION,
  type MARKET_DIMENSION,
  METRIC_NAMESPACE,
  METRICS,
  type MetricName,
} from './names.ts';

const STATISTICS = { ...METRICS, ...CERTIFICATES_METRICS };

export class CheckMetrics {
  readonly #serviceName: string;
  readonly interval: Duration;

  constructor(checker: { readonly serviceName: string; readonly checkIntervalSeconds: number }) {
    this.#serviceName = checker.serviceName;
    this.interval = Duration.seconds(checker.checkIntervalSeconds);
  }

  metric(name: MetricName, options: MetricOptions = {}): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName: name,
      dimensionsMap: { service: this.#serviceName },
      statistic: STATISTICS[name],
      period: this.interval,
      ...options,
    });
  }

  /** One line per market, or per feed. */
  by(dimension: typeof MARKET_DIMENSION | typeof FEED_DIMENSION, name: MetricName): MathExpression {
    // CloudWatch wants the dimensions in the order of their names.
    const schema = `{${METRIC_NAMESPACE},${dimension},service}`;
    const search = `${schema} MetricName="${name}" service="${this.#serviceName}"`;
    const period = this.interval;
    const expression = `SEARCH('${search}', '${STATISTICS[name]}', ${period.toSeconds()})`;
    return new MathExpression({ expression, label: '', usingMetrics: {}, period });
  }
}
