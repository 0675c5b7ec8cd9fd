/**
 * The names that the stack, the function and the services embedded for local runs must agree on.
 * Plain data, so that each of them can read it without loading the CDK.
 */

/** Every key attribute is a string, and every table is paid by request. */
export interface TableDefinition {
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Rows whose time here (seconds since 1970) has passed are deleted by DynamoDB. */
  readonly timeToLiveAttribute?: string;
  /** Holds the keys of only those rows that have its partition key; it has no sort key. */
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
  /** The name where the topic is embedded; a deployed one gets its name from its stack. */
  readonly localName: string;
  readonly fifo: boolean;
}

export const TOPICS = {
  alerts: { localName: 'margin-alerts', fifo: false },
  orders: { localName: 'liquidation-orders.fifo', fifo: true },
} as const satisfies Record<string, TopicDefinition>;

/** Of the check function, and of the benchmark. A scan makes much that dies young: give it room. */
export const NODE_OPTIONS = ['--max-semi-space-size=32'] as const;

/** The stack's outputs, by which the command finds its tables and topics. */
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

/** What a check measures about itself, and how a period of several checks is summed up. */
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

/** CascadeRatio of one market, besides the largest of all. */
export const MARKET_DIMENSION = 'Market';

export type MetricName = keyof typeof METRICS;

/** The environment variables of the check function. */
export const ENVIRONMENT_NAMES = [
  'ACCOUNTS_TABLE',
  'MARKET_TABLE',
  'MARGIN_TABLE',
  'ALERTS_TOPIC_ARN',
  'ORDERS_TOPIC_ARN',
  'CHECK_INTERVAL_SECONDS',
] as const;

/** Powertools reads the last one by itself: it is in every metric and line of the log. */
export type CheckEnvironment = Readonly<
  Record<(typeof ENVIRONMENT_NAMES)[number] | 'POWERTOOLS_SERVICE_NAME', string>
>;
