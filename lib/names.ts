/** Shared by the stack, the function and the embedded services. Plain data: needs no CDK. */

/** Key attributes are strings; tables are billed per request. */
export interface TableDefinition {
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Row expiry, in seconds since 1970. */
  readonly timeToLiveAttribute?: string;
  /** Holds only keys, of the rows with its partition key. It has no sort key. */
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
  /** In local runs; the stack names deployed topics. */
  readonly localName: string;
  readonly fifo: boolean;
}

export const TOPICS = {
  alerts: { localName: 'margin-alerts', fifo: false },
  orders: { localName: 'liquidation-orders.fifo', fifo: true },
} as const satisfies Record<string, TopicDefinition>;

/** Also for the benchmark: a scan creates many short-lived objects. */
export const NODE_OPTIONS = ['--max-semi-space-size=32'] as const;

/** The command finds its tables and topics by these. */
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

/** Beside the others with certificates. */
export const CHECKPOINT_OUTPUT = 'CheckpointBucketName';

export const METRIC_NAMESPACE = 'MarginChecker';

/** Statistics for a period of several checks. */
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
  UnreachedAccounts: 'Sum',
  LargeAccounts: 'Maximum',
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
  DoubtfulNotional: 'Maximum',
  CascadeRatio: 'Maximum',
  BadDebtAtShock: 'Maximum',
  BadDebtBeyondFund: 'Maximum',
  LiquidatedByBuffer: 'Sum',
  UncoveredShock: 'Maximum',
  OldestPriceAge: 'Maximum',
  RejectedFeeds: 'Maximum',
  MarketRowFaults: 'Maximum',
  FundBalance: 'Minimum',
  FundDrawn: 'Sum',
  UncoveredLoss: 'Sum',
} as const;

/** Only checks with certificates report these, and pay for them. */
export const CERTIFICATES_METRICS = {
  /** Accounts that were proved healthy, and therefore not read. */
  CertifiedAccounts: 'Maximum',
  ReadAccounts: 'Maximum',
  /** Accounts of which the stream showed a change. */
  ChangedAccounts: 'Sum',
  /** Checks that read every account. */
  FullReads: 'Sum',
  /** Seconds from writing the canary rows to seeing all of them in the stream. */
  StreamLag: 'Maximum',
  MissedChanges: 'Sum',
  UnsoundCertificates: 'Sum',
} as const;

/** Only event checks report these. */
export const EVENTS_METRICS = {
  EventChecks: 'Sum',
  /** Changed accounts that they took. */
  EventAccounts: 'Sum',
  /** Event checks of all accounts, because a price has moved. */
  EventMoves: 'Sum',
  /** Seconds from the writing of the newest row that asked for it to the end of the check. */
  EventLatency: 'Maximum',
} as const;

/** Only checks that have asked workers report these. */
export const WORKERS_METRICS = {
  /** Parts that the check had to read by itself: a worker failed, could not be asked, or was refused. */
  WorkerTakeovers: 'Sum',
} as const;

/** Absent from the CascadeRatio of all markets. */
export const MARKET_DIMENSION = 'Market';

/** Absent from the UncoveredShock of all feeds. */
export const FEED_DIMENSION = 'Feed';

export type MetricName =
  | keyof typeof METRICS
  | keyof typeof CERTIFICATES_METRICS
  | keyof typeof EVENTS_METRICS
  | keyof typeof WORKERS_METRICS;

export const ENVIRONMENT_NAMES = [
  'ACCOUNTS_TABLE',
  'MARKET_TABLE',
  'MARGIN_TABLE',
  'ALERTS_TOPIC_ARN',
  'ORDERS_TOPIC_ARN',
  'CHECK_INTERVAL_SECONDS',
] as const;

/** Set if checks work with certificates: the first switches them on. */
export const CERTIFICATES_ENVIRONMENT = ['ACCOUNTS_STREAM_ARN', 'CHECKPOINT_BUCKET'] as const;

/** Set if workers read accounts for checks. */
export const WORKERS_ENVIRONMENT = ['WORKER_FUNCTION', 'WORKERS_AT_ONCE'] as const;

/** The environment of the function that reads accounts. */
export type WorkerEnvironment = Readonly<Record<'ACCOUNTS_TABLE', string>>;

/** Begins the `accountId` of the rows that a check writes, to see whether it has read all changes. */
export const CANARY_PREFIX = '~canary-';

/** Begins their `item`, the time of a check, until the year 3000. No row of an account begins so. */
export const CANARY_ITEM_PREFIX = '2';

/** The partition of the margin table in which the slots function remembers what it has put. */
export const SLOTS_PARTITION = 'slots';

/** Of the function that puts slots, for intervals below a minute. */
export type SlotsEnvironment = Readonly<
  Record<'MARGIN_TABLE' | 'SLOT_QUEUE_URL' | 'CHECK_INTERVAL_SECONDS', string>
>;

/** Set to `on` if events start checks. */
export const EVENTS_ENVIRONMENT = 'EVENTS';

/** The partition of the margin table in which event checks and what asks for them meet. */
export const EVENTS_PARTITION = 'events';

/** The environment of the function that asks for event checks. */
export type EventsEnvironment = Readonly<Record<'MARGIN_TABLE' | 'EVENT_QUEUE_URL', string>>;

/** For people who read e-mails. A check does not need them. */
type OriginNames = 'STACK_NAME' | 'RUNBOOK_URL';

/** SERVICE_NAME labels metrics and log lines; a check does not need it. */
export type CheckEnvironment = Readonly<
  Record<(typeof ENVIRONMENT_NAMES)[number] | 'SERVICE_NAME' | OriginNames, string> &
    Partial<
      Record<
        | (typeof CERTIFICATES_ENVIRONMENT)[number]
        | (typeof WORKERS_ENVIRONMENT)[number]
        | typeof EVENTS_ENVIRONMENT,
        string
      >
    >
>;

/** Of a function that forwards alerts: `chatbot` has a topic, the other formats have a secret. */
export type ForwardEnvironment = Readonly<
  Record<'FORMAT' | OriginNames, string> & Partial<Record<'SECRET_ID' | 'CHAT_TOPIC_ARN', string>>
>;

/** Where texts for people find a paragraph of the runbook, unless a setting says otherwise. */
export const RUNBOOK_DEFAULT = 'docs/runbook.md';
