import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE, METRICS, type MetricName } from './names.ts';

/** What one checker measures about itself, by default over one interval. */
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
}
