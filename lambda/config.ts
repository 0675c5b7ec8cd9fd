/** Settings from the environment that the stack sets. */
export interface Config {
  readonly accountsTable: string;
  readonly marketTable: string;
  readonly marginTable: string;
  readonly alertsTopicArn: string;
  readonly ordersTopicArn: string;
  readonly checkIntervalSeconds: number;
  /** Segments of the accounts table scanned in parallel. */
  readonly scanSegments: number;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Enough to read one page while another is assessed; each holds a page in memory. */
export const SCAN_SEGMENTS = 4;

/** @throws ConfigError naming the first variable that is missing or malformed. */
export function readConfig(environment: Environment = process.env): Config {
  return {
    accountsTable: text(environment, 'ACCOUNTS_TABLE'),
    marketTable: text(environment, 'MARKET_TABLE'),
    marginTable: text(environment, 'MARGIN_TABLE'),
    alertsTopicArn: text(environment, 'ALERTS_TOPIC_ARN'),
    ordersTopicArn: text(environment, 'ORDERS_TOPIC_ARN'),
    checkIntervalSeconds: count(environment, 'CHECK_INTERVAL_SECONDS'),
    scanSegments: SCAN_SEGMENTS,
  };
}

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
