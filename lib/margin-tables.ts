import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { TABLES, type TableDefinition } from './names.ts';

/** With `exactOptionalPropertyTypes` the CDK's class does not satisfy its own interface. */
export type AnyTable = ITable | Table;

interface MarginTablesProps {
  /** Missing tables are created. */
  readonly given: Partial<Record<keyof typeof TABLES, AnyTable>>;
  readonly encryptionKey: IKey | undefined;
  /** False: deletes the tables with the stack. */
  readonly isKept: boolean;
  /** True: the accounts table has a stream. */
  readonly certificates: boolean | undefined;
  /** True: the accounts table and the market table have streams. */
  readonly events: boolean | undefined;
}

interface TableOptions extends Pick<MarginTablesProps, 'encryptionKey' | 'isKept'> {
  readonly stream?: StreamViewType | undefined;
}

/** ARNs of the streams that start event checks. */
export interface EventStreams {
  readonly accounts: string;
  readonly market: string;
}

/**
 * The tables hold what people own, and evidence of decisions about it. So neither `cdk destroy` nor
 * a console slip deletes them, and any second of the last 35 days can be restored.
 */
export class MarginTables extends Construct {
  readonly accounts: AnyTable;
  readonly market: AnyTable;
  readonly margin: AnyTable;
  /** Only with certificates. */
  readonly accountsStreamArn: string | undefined;
  /** Only with events. */
  readonly eventStreams: EventStreams | undefined;

  /** @throws Error if certificates or events need a stream that a given table does not have */
  constructor(scope: Construct, id: string, props: MarginTablesProps) {
    super(scope, id);
    const { given, certificates, events } = props;
    // A check reads the rows of a changed account anew.
    const ofAccounts = certificates || events ? StreamViewType.KEYS_ONLY : undefined;
    const ofMarket = events ? StreamViewType.NEW_IMAGE : undefined;
    const streamed = { ...props, stream: ofAccounts };
    const quoted = { ...props, stream: ofMarket };
    this.accounts = given.accounts ?? this.#durableTable('Accounts', TABLES.accounts, streamed);
    this.market = given.market ?? this.#durableTable('Market', TABLES.market, quoted);
    this.margin = given.margin ?? this.#durableTable('Margin', TABLES.margin, props);
    this.accountsStreamArn = certificates
      ? streamArnOf(this.accounts, { ...ACCOUNTS_STREAM, of: 'certificates' })
      : undefined;
    this.eventStreams = events ? eventStreamsOf(this) : undefined;
  }

  #durableTable(id: string, definition: TableDefinition, options: TableOptions): Table {
    const { partitionKey, sortKey, timeToLiveAttribute, sparseIndex } = definition;
    const { encryptionKey, isKept, stream } = options;
    const table = new Table(this, id, {
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey: { name: sortKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: isKept,
      removalPolicy: isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
      ...(timeToLiveAttribute && { timeToLiveAttribute }),
      ...(stream && { stream }),
    });
    if (sparseIndex) {
      table.addGlobalSecondaryIndex({
        indexName: sparseIndex.indexName,
        partitionKey: { name: sparseIndex.partitionKey, type: AttributeType.STRING },
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }
    return table;
  }
}

const ACCOUNTS_STREAM = { table: 'accounts', view: 'KEYS_ONLY' } as const;

const eventStreamsOf = ({ accounts, market }: MarginTables): EventStreams => ({
  accounts: streamArnOf(accounts, { ...ACCOUNTS_STREAM, of: 'events' }),
  market: streamArnOf(market, { table: 'market', view: 'NEW_IMAGE', of: 'events' }),
});

interface NeededStream {
  readonly table: 'accounts' | 'market';
  readonly view: 'KEYS_ONLY' | 'NEW_IMAGE';
  readonly of: 'certificates' | 'events';
}

/** An imported table has a stream only if its import says so. */
function streamArnOf({ tableStreamArn }: AnyTable, { table, view, of }: NeededStream): string {
  if (tableStreamArn !== undefined) return tableStreamArn;
  throw new Error(
    `${of} need a stream of the given ${table} table: create the table with ` +
      `\`stream: StreamViewType.${view}\`, or import it with its \`tableStreamArn\`, or set ` +
      `\`${of}: false\``,
  );
}
