import { CHECKPOINT_SECONDS } from '../../lambda/certified/checkpoints.ts';
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
  s3Put: 5e-6,
  s3GigabyteMonth: 0.023,
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
/** The bucket removes objects a day after they were put, in a run once a day. */
const CHECKPOINT_DAYS = 1.5;
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
  /** Absent: none are stored. */
  readonly checkpoint?: CheckpointCost;
}

export interface CheckpointCost {
  readonly bytes: number;
  /** Objects that it consists of. */
  readonly objects: number;
  /** Of the function, to store it. */
  readonly seconds: number;
}

const NO_CHECKPOINT: CheckpointCost = { bytes: 0, objects: 0, seconds: 0 };

export interface MonthlyCost {
  /** With the bucket of checkpoints. */
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
  const { hasCertificates = false, streamReads = 0, checkpoint = NO_CHECKPOINT } = check;
  const streamed = Math.max(0, checks * streamReads - STREAM_READS_FREE) * PRICES.streamRead;
  const checkpoints = MONTH_SECONDS / CHECKPOINT_SECONDS;
  const kept = (checkpoint.bytes / 1e9) * ((CHECKPOINT_DAYS * 86_400) / CHECKPOINT_SECONDS);
  const bucket = checkpoints * checkpoint.objects * PRICES.s3Put + kept * PRICES.s3GigabyteMonth;
  const database =
    checks * (readUnits * PRICES.dynamoReadUnit + writeUnits * PRICES.dynamoWriteUnit) +
    streamed +
    bucket;
  const metrics = Object.keys(hasCertificates ? { ...METRICS, ...CERTIFICATES_METRICS } : METRICS);
  const alarms = ALARMS + (hasCertificates ? CERTIFICATES_ALARMS : 0);
  const busySeconds = checks * durationSeconds + checkpoints * checkpoint.seconds;
  const compute =
    busySeconds * FUNCTION_GIGABYTES * PRICES.lambdaGigabyteSecond +
    checks * (PRICES.lambdaRequest + PRICES.schedulerInvocation);
  const messages = checks * publications * PRICES.snsPublication;
  const monitoring =
    metrics.length * PRICES.cloudWatchMetric +
    alarms * PRICES.cloudWatchAlarm +
    PRICES.cloudWatchDashboard +
    checks * LOG_GIGABYTES_A_CHECK * PRICES.logGigabyte;
  const total = database + compute + messages + monitoring;
  return { database, compute, messages, monitoring, total };
}
