import { CERTIFICATES_METRICS, METRICS } from '../../lib/names.ts';

/** USD, list prices of us-east-1 on 2026-11-21, without free tiers. */
export const PRICES = {
  dynamoReadUnit: 0.125e-6,
  dynamoWriteUnit: 0.625e-6,
  /** GetRecords; STREAM_READS_FREE a month cost nothing. */
  streamRead: 0.2e-6,
  lambdaGigabyteSecond: 13.3334e-6,
  lambdaRequest: 0.2e-6,
  schedulerInvocation: 1e-6,
  snsPublication: 0.5e-6,
  /** Per month, like the next two. */
  cloudWatchMetric: 0.3,
  cloudWatchAlarm: 0.1,
  cloudWatchDashboard: 3,
  logGigabyte: 0.5,
} as const;

const MONTH_SECONDS = 30 * 86_400;
const FUNCTION_GIGABYTES = 1769 / 1024;
const ALARMS = 14;
const CERTIFICATES_ALARMS = 3;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CostOptimization_StreamsUsage.html */
const STREAM_READS_FREE = 2_500_000;
/** Summary, metrics and Lambda's own lines. */
const LOG_GIGABYTES_A_CHECK = 3e-6;

export interface CheckCostInput {
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly durationSeconds: number;
  /** Average per check. */
  readonly publications: number;
  readonly intervalSeconds: number;
  readonly hasCertificates?: boolean;
  /** Pages of the accounts table's stream. */
  readonly streamReads?: number;
}

export interface MonthlyCost {
  readonly database: number;
  readonly compute: number;
  readonly messages: number;
  readonly monitoring: number;
  readonly total: number;
}

/** USD for 30 days; excludes storage, e-mail, SMS and the user's own writes. */
export function monthlyCost(check: CheckCostInput): MonthlyCost {
  const checks = MONTH_SECONDS / check.intervalSeconds;
  const { readUnits, writeUnits, durationSeconds, publications } = check;
  const { hasCertificates = false, streamReads = 0 } = check;
  const streamed = Math.max(0, checks * streamReads - STREAM_READS_FREE) * PRICES.streamRead;
  const database =
    checks * (readUnits * PRICES.dynamoReadUnit + writeUnits * PRICES.dynamoWriteUnit) + streamed;
  const metrics = Object.keys(hasCertificates ? { ...METRICS, ...CERTIFICATES_METRICS } : METRICS);
  const alarms = ALARMS + (hasCertificates ? CERTIFICATES_ALARMS : 0);
  const gigabyteSeconds = durationSeconds * FUNCTION_GIGABYTES;
  const compute =
    checks *
    (gigabyteSeconds * PRICES.lambdaGigabyteSecond +
      PRICES.lambdaRequest +
      PRICES.schedulerInvocation);
  const messages = checks * publications * PRICES.snsPublication;
  const monitoring =
    metrics.length * PRICES.cloudWatchMetric +
    alarms * PRICES.cloudWatchAlarm +
    PRICES.cloudWatchDashboard +
    checks * LOG_GIGABYTES_A_CHECK * PRICES.logGigabyte;
  const total = database + compute + messages + monitoring;
  return { database, compute, messages, monitoring, total };
}
