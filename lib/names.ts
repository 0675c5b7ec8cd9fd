/**
 * The names that the stack, the function and the services embedded for local runs must agree on.
 * Plain data, to be read without loading the CDK.
 */

/** Every key attribute is a string, and every table is billed per request. */
export interface TableDefinition {
  readonly partitionKey: string;
  readonly sortKey: string;
  /** DynamoDB deletes rows once this time (seconds since 1970) has passed. */
  readonly timeToLiveAttribute?: string;
  /** Holds keys only, of the rows that have its partition key. It has no sort key. */
  readonly sparseIndex?: { readonly indexName: string; readonly partitionKey: string };
}

export const TABLES = {
  accounts: { partitionKey: 'accountId', sortKey: 'item' },
  market: { partitionKey: 'kind', sortKey: 'id' },
  margin: {
    partitionKey: 'pk',
    sortKey: 'sk',
    timeToLiveAttribute: 'expiresAtSeconds',
    sparseIndex: { indexName: 'open-cases', partitionKey: 'openSubject' },
  },
} as const satisfies Record<string, TableDefinition>;

export interface TopicDefinition {
  /** Name in local runs; a deployed topic is named by its stack. */
  readonly localName: string;
  readonly fifo: boolean;
}

export const TOPICS = {
  alerts: { localName: 'margin-alerts', fifo: false },
  orders: { localName: 'liquidation-orders.fifo', fifo: true },
} as const satisfies Record<string, TopicDefinition>;

/** For the check function and the benchmark: a scan creates many short-lived objects. */
export const NODE_OPTIONS = ['--max-semi-space-size=32'] as const;

/** Stack outputs by which the command finds its tables and topics. */
export const OUTPUTS = [
  'AccountsTableName',
  'MarketTableName',
  'MarginTableName',
  'AlertsTopicArn',
  'OrdersTopicArn',
  'AlarmsTopicArn',
  'CheckFunctionName',
  'CheckIntervalSeconds',
] as const;

export const METRIC_NAMESPACE = 'MarginChecker';

/** The metrics of a check, with the statistic for a period of several checks. */
export const METRICS = {
  CompleteChecks: 'Sum',
  SkippedChecks: 'Sum',
  CheckDuration: 'Maximum',
  CheckLateness: 'Maximum',
  CheckGap: 'Maximum',
  Accounts: 'Maximum',
  AssessedAccounts: 'Maximum',
  IndeterminateAccounts: 'Maximum',
  IndeterminateShare: 'Maximum',
  FailedAccounts: 'Sum',
  UnaccountedAccounts: 'Sum',
  HealthyBooks: 'Maximum',
  CalledBooks: 'Maximum',
  LiquidatedBooks: 'Maximum',
  DeficitBooks: 'Maximum',
  PublishedMessages: 'Sum',
  PublishFailures: 'Sum',
  UnpublishedAge: 'Maximum',
  SupersededCases: 'Sum',
  WithdrawnPlans: 'Sum',
  CarriedOverAccounts: 'Maximum',
  CarriedOverNotional: 'Maximum',
  CascadeRatio: 'Maximum',
  OldestPriceAge: 'Maximum',
  RejectedFeeds: 'Maximum',
  MarketRowFaults: 'Maximum',
  FundBalance: 'Minimum',
  FundDrawn: 'Sum',
  UncoveredLoss: 'Sum',
} as const;

/** Dimension of the CascadeRatio of one market; the largest of all has none. */
export const MARKET_DIMENSION = 'Market';

export type MetricName = keyof typeof METRICS;

export const ENVIRONMENT_NAMES = [
  'ACCOUNTS_TABLE',
  'MARKET_TABLE',
  'MARGIN_TABLE',
  'ALERTS_TOPIC_ARN',
  'ORDERS_TOPIC_ARN',
  'CHECK_INTERVAL_SECONDS',
] as const;

/** Powertools reads POWERTOOLS_SERVICE_NAME itself, for every metric and log line. */
export type CheckEnvironment = Readonly<
  Record<(typeof ENVIRONMENT_NAMES)[number] | 'POWERTOOLS_SERVICE_NAME', string>
>;
