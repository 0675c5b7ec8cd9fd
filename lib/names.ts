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
export const NODE_OPTIONS = ['--enable-source-maps', '--max-semi-space-size=32'] as const;

/** The environment variables of the check function. */
export const ENVIRONMENT_NAMES = [
  'ACCOUNTS_TABLE',
  'MARKET_TABLE',
  'MARGIN_TABLE',
  'ALERTS_TOPIC_ARN',
  'ORDERS_TOPIC_ARN',
  'CHECK_INTERVAL_SECONDS',
] as const;

export type CheckEnvironment = Readonly<Record<(typeof ENVIRONMENT_NAMES)[number], string>>;
