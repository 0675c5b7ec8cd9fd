import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { MARKET_DIMENSION, METRIC_NAMESPACE, METRICS, type MetricName } from './names.ts';

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
      statistic: METRICS[name],
      period: this.interval,
      ...options,
    });
  }

  /** One line per market. */
  byMarket(name: MetricName): MathExpression {
    const schema = `{${METRIC_NAMESPACE},${MARKET_DIMENSION},service}`;
    const search = `${schema} MetricName="${name}" service="${this.#serviceName}"`;
    const period = this.interval;
    const expression = `SEARCH('${search}', '${METRICS[name]}', ${period.toSeconds()})`;
    return new MathExpression({ expression, label: '', usingMetrics: {}, period });
  }
}
