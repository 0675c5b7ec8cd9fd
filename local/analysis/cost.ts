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
  sqsRequest: 0.4e-6,
  snsPublication: 0.5e-6,
  s3Put: 5e-6,
  s3GigabyteMonth: 0.023,
  /** Per month, like the next two. */
  cloudWatchMetric: 0.3,
  cloudWatchAlarm: 0.1,
  /** Looks every ten seconds. */
  cloudWatchFastAlarm: 0.3,
  cloudWatchDashboard: 3,
  logGigabyte: 0.5,
} as const;

const MONTH_SECONDS = 30 * 86_400;
const MINUTE_SECONDS = 60;
const FUNCTION_GIGABYTES = 1769 / 1024;
const ALARMS = 14;
const CERTIFICATES_ALARMS = 3;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CostOptimization_StreamsUsage.html */
const STREAM_READS_FREE = 2_500_000;
/** The bucket removes objects a day after they were put, in a run once a day. */
const CHECKPOINT_DAYS = 1.5;
/** Measured for seven markets and five feeds: summary, metrics, and half a kilobyte of Lambda's own. */
const LOG_GIGABYTES_A_CHECK = 6.3e-6;
/** The same for all but the first check of a minute, if it says nothing. */
const LOG_GIGABYTES_A_QUIET_CHECK = 1.2e-6;

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
  /** The function takes so long to store it. */
  readonly seconds: number;
}

/** A tenth to send, one to receive and one to delete, and the looks into the empty queue. */
const SQS_REQUESTS_A_SLOT = 3;
/** Assumed, not measured: the slots function takes so long at each start. */
const SLOTS_SECONDS = 0.5;
const SLOTS_GIGABYTES = 0.25;
/** A read and a write of what was put. */
const SLOTS_UNITS = PRICES.dynamoReadUnit + PRICES.dynamoWriteUnit;

const NO_CHECKPOINT: CheckpointCost = { bytes: 0, objects: 0, seconds: 0 };

export interface MonthlyCost {
  /** With the bucket of checkpoints. */
  readonly database: number;
  /** With what starts the checks. */
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
  const isBelowMinute = check.intervalSeconds < MINUTE_SECONDS;
  const starting = isBelowMinute ? slotsCost(checks) : checks * PRICES.schedulerInvocation;
  const compute =
    busySeconds * FUNCTION_GIGABYTES * PRICES.lambdaGigabyteSecond +
    checks * PRICES.lambdaRequest +
    starting;
  const messages = checks * publications * PRICES.snsPublication;
  const monitoring =
    metrics.length * PRICES.cloudWatchMetric +
    alarms * PRICES.cloudWatchAlarm +
    (isBelowMinute ? PRICES.cloudWatchFastAlarm - PRICES.cloudWatchAlarm : 0) +
    PRICES.cloudWatchDashboard +
    logGigabytes(checks) * PRICES.logGigabyte;
  const total = database + compute + messages + monitoring;
  return { database, compute, messages, monitoring, total };
}

function logGigabytes(checks: number): number {
  const whole = Math.min(checks, MONTH_SECONDS / MINUTE_SECONDS);
  return whole * LOG_GIGABYTES_A_CHECK + (checks - whole) * LOG_GIGABYTES_A_QUIET_CHECK;
}

/** Of the queue, and of the function that fills it once a minute. */
function slotsCost(checks: number): number {
  const starts = MONTH_SECONDS / MINUTE_SECONDS;
  const start =
    PRICES.schedulerInvocation +
    PRICES.lambdaRequest +
    SLOTS_SECONDS * SLOTS_GIGABYTES * PRICES.lambdaGigabyteSecond +
    SLOTS_UNITS;
  return checks * SQS_REQUESTS_A_SLOT * PRICES.sqsRequest + starts * start;
}
