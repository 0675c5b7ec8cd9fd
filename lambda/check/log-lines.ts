/**
 * The function's log, one JSON object per line. CloudWatch takes metrics from lines in its
 * [embedded metric format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 */
import { type CheckMetric, FEED_DIMENSION, MARKET_DIMENSION, METRIC_NAMESPACE } from './metrics.ts';

/** The function and the invocation that logs. */
export interface LogOrigin {
  readonly service: string;
  /** Absent unless X-Ray traces the invocation. */
  readonly traceId?: string | undefined;
}

interface LogEvent {
  readonly level: 'INFO' | 'ERROR';
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** @param details more attributes of the line; errors are written with their stack and cause. */
export function eventLine(
  { level, message, at }: LogEvent,
  { service, traceId }: LogOrigin,
  details: Readonly<Record<string, unknown>>,
): string {
  const timestamp = new Date(at).toISOString();
  const line = { level, message, timestamp, service, xray_trace_id: traceId, ...details };
  return JSON.stringify(line, (_, value) => (value instanceof Error ? writable(value) : value));
}

const writable = ({ name, message, stack, cause }: Error) => ({ name, message, stack, cause });

/** One line for the metrics of the whole check, and one for each of a single market or feed. */
export function metricLines(
  metrics: readonly CheckMetric[],
  { service }: LogOrigin,
  at: number,
): string[] {
  const ofAll = metrics.filter(({ market, feed }) => market === undefined && feed === undefined);
  const ofOne = metrics.filter((metric) => !ofAll.includes(metric));
  return [
    metricLine(ofAll, { service }, at),
    ...ofOne.map((metric) => metricLine([metric], { service, ...dimensionsOf(metric) }, at)),
  ];
}

const dimensionsOf = ({ market, feed }: CheckMetric): Record<string, string> => ({
  ...(market === undefined ? {} : { [MARKET_DIMENSION]: dimensionOf(market) }),
  ...(feed === undefined ? {} : { [FEED_DIMENSION]: dimensionOf(feed) }),
});

const DIMENSION_LENGTH_MAX = 1024;

/** CloudWatch drops a metric whose dimension is not ASCII, or longer. */
const dimensionOf = (name: string): string =>
  /^[\x21-\x7e]*$/.test(name)
    ? name
    : encodeURI(name.toWellFormed()).slice(0, DIMENSION_LENGTH_MAX);

/** CloudWatch takes at most 100 metrics from a line; a check has fewer than 40. */
function metricLine(
  metrics: readonly CheckMetric[],
  dimensions: Readonly<Record<string, string>>,
  at: number,
): string {
  const directive = {
    Namespace: METRIC_NAMESPACE,
    Dimensions: [Object.keys(dimensions)],
    Metrics: metrics.map(({ name, unit, isHighResolution }) => ({
      Name: name,
      Unit: UNITS[unit],
      ...(isHighResolution && { StorageResolution: 1 }),
    })),
  };
  return JSON.stringify({
    _aws: { Timestamp: at, CloudWatchMetrics: [directive] },
    ...dimensions,
    ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
  });
}

const UNITS = {
  Count: 'Count',
  NoUnit: 'None',
  Percent: 'Percent',
  Seconds: 'Seconds',
} as const satisfies Record<CheckMetric['unit'], string>;
