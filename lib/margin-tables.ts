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
  readonly certificates: boolean;
}

interface TableOptions extends Pick<MarginTablesProps, 'encryptionKey' | 'isKept'> {
  readonly hasStream?: boolean;
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

  /** @throws Error if certificates need a stream that the given accounts table does not have */
  constructor(scope: Construct, id: string, props: MarginTablesProps) {
    super(scope, id);
    const { given, certificates } = props;
    const streamed = { ...props, hasStream: certificates };
    this.accounts = given.accounts ?? this.#durableTable('Accounts', TABLES.accounts, streamed);
    this.market = given.market ?? this.#durableTable('Market', TABLES.market, props);
    this.margin = given.margin ?? this.#durableTable('Margin', TABLES.margin, props);
    this.accountsStreamArn = certificates ? streamArnOf(this.accounts) : undefined;
  }

  #durableTable(id: string, definition: TableDefinition, options: TableOptions): Table {
    const { partitionKey, sortKey, timeToLiveAttribute, sparseIndex } = definition;
    const { encryptionKey, isKept, hasStream } = options;
    const table = new Table(this, id, {
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey: { name: sortKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: isKept,
      removalPolicy: isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
      ...(timeToLiveAttribute && { timeToLiveAttribute }),
      // A check reads the rows of a changed account anew.
      ...(hasStream && { stream: StreamViewType.KEYS_ONLY }),
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

/** An imported table has a stream only if its import says so. */
function streamArnOf({ tableStreamArn }: AnyTable): string {
  if (tableStreamArn !== undefined) return tableStreamArn;
  throw new Error(
    'certificates need a stream of the given accounts table: create the table with ' +
      '`stream: StreamViewType.KEYS_ONLY`, or import it with its `tableStreamArn`, or set ' +
      '`certificates: false`',
  );
}
