/** Settings from the environment that the stack sets. */
import { type Origin, RUNBOOK_DEFAULT, UNNAMED_ORIGIN } from './messages/origin.ts';

export interface Config {
  readonly accountsTable: string;
  readonly marketTable: string;
  readonly marginTable: string;
  readonly alertsTopicArn: string;
  readonly ordersTopicArn: string;
  readonly checkIntervalSeconds: number;
  /** Absent without certificates. */
  readonly certificates?: CertificatesConfig;
  /** Checks that changed accounts and moved prices start. */
  readonly hasEvents?: boolean;
  /** Absent if the check reads all accounts by itself. */
  readonly workers?: WorkersConfig;
  /** Segments of the accounts table scanned in parallel. */
  readonly scanSegments: number;
  /** Named in e-mails; absent where nobody reads them. */
  readonly origin?: Origin;
}

export interface CertificatesConfig {
  /** The stream of the accounts table. */
  readonly streamArn: string;
  /** Keeps checkpoints; absent: none are kept. */
  readonly bucket?: string | undefined;
}

export interface WorkersConfig {
  readonly functionName: string;
  /** Invocations. */
  readonly atOnce: number;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** As many as a check without workers scans at once. */
export const SCAN_SEGMENTS = 4;

/** @throws ConfigError naming the first variable that is missing or malformed. */
export function readConfig(environment: Environment = process.env): Config {
  const workers = workersOf(environment);
  return {
    accountsTable: text(environment, 'ACCOUNTS_TABLE'),
    marketTable: text(environment, 'MARKET_TABLE'),
    marginTable: text(environment, 'MARGIN_TABLE'),
    alertsTopicArn: text(environment, 'ALERTS_TOPIC_ARN'),
    ordersTopicArn: text(environment, 'ORDERS_TOPIC_ARN'),
    checkIntervalSeconds: count(environment, 'CHECK_INTERVAL_SECONDS'),
    ...certificatesOf(environment),
    ...(environment.EVENTS === 'on' && { hasEvents: true }),
    ...workers,
    // A segment is one worker's.
    scanSegments: Math.max(SCAN_SEGMENTS, workers.workers?.atOnce ?? 0),
    origin: readOrigin(environment),
  };
}

function certificatesOf({ ACCOUNTS_STREAM_ARN: streamArn, CHECKPOINT_BUCKET }: Environment) {
  if (!streamArn) return {};
  return { certificates: { streamArn, bucket: CHECKPOINT_BUCKET || undefined } };
}

function workersOf(environment: Environment): Pick<Config, 'workers'> {
  const { WORKER_FUNCTION: functionName } = environment;
  if (!functionName) return {};
  return { workers: { functionName, atOnce: count(environment, 'WORKERS_AT_ONCE') } };
}

/** Settings of the function that reads accounts for checks. */
export const readWorkerConfig = (
  environment: Environment = process.env,
): Pick<Config, 'accountsTable'> => ({ accountsTable: text(environment, 'ACCOUNTS_TABLE') });

/** Each part has a default: a check must not fail for the sake of an e-mail. */
export function readOrigin(environment: Environment = process.env): Origin {
  const { STACK_NAME, AWS_REGION, RUNBOOK_URL } = environment;
  return {
    stack: STACK_NAME || UNNAMED_ORIGIN.stack,
    region: AWS_REGION || undefined,
    runbook: RUNBOOK_URL || RUNBOOK_DEFAULT,
  };
}

const FORMATS = ['slack', 'pagerduty', 'teams', 'chatbot'] as const;

/** The function that forwards alerts to one receiver reads these settings. */
export interface ForwardConfig {
  readonly format: (typeof FORMATS)[number];
  readonly secretId?: string | undefined;
  readonly chatTopicArn?: string | undefined;
  readonly origin: Origin;
}

/** @throws ConfigError naming the first variable that is missing or unknown */
export function readForwardConfig(environment: Environment = process.env): ForwardConfig {
  const name = text(environment, 'FORMAT');
  const format = FORMATS.find((each) => each === name);
  if (format === undefined) {
    throw new ConfigError(`the environment variable FORMAT must be one of ${FORMATS.join(', ')}`);
  }
  const origin = readOrigin(environment);
  return format === 'chatbot'
    ? { format, origin, chatTopicArn: text(environment, 'CHAT_TOPIC_ARN') }
    : { format, origin, secretId: text(environment, 'SECRET_ID') };
}

/** Settings of the function that puts slots. */
export type SlotsConfig = Pick<Config, 'marginTable' | 'checkIntervalSeconds'> & {
  readonly slotQueueUrl: string;
};

/** @throws ConfigError naming the first variable that is missing or malformed */
export const readSlotsConfig = (environment: Environment = process.env): SlotsConfig => ({
  marginTable: text(environment, 'MARGIN_TABLE'),
  slotQueueUrl: text(environment, 'SLOT_QUEUE_URL'),
  checkIntervalSeconds: count(environment, 'CHECK_INTERVAL_SECONDS'),
});

/** Settings of the function that asks for event checks. */
export type EventsConfig = Pick<Config, 'marginTable'> & { readonly eventQueueUrl: string };

/** @throws ConfigError naming the first variable that is missing */
export const readEventsConfig = (environment: Environment = process.env): EventsConfig => ({
  marginTable: text(environment, 'MARGIN_TABLE'),
  eventQueueUrl: text(environment, 'EVENT_QUEUE_URL'),
});

/** Never throws, because a faulty configuration is logged, too. */
export function readLogOrigin(environment: Environment = process.env) {
  const { SERVICE_NAME: service = 'unnamed', _X_AMZN_TRACE_ID: trace = '' } = environment;
  return { service, traceId: /Root=([^;]+)/.exec(trace)?.[1] };
}

function text(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') {
    throw new ConfigError(`the environment variable ${name} is missing`);
  }
  return value;
}

function count(environment: Environment, name: string): number {
  const value = text(environment, name);
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new ConfigError(`the environment variable ${name} must be a whole number above 0`);
}
