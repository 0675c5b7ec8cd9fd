import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
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
}

/**
 * The tables hold what people own, and evidence of decisions about it. So neither `cdk destroy` nor
 * a console slip deletes them, and any second of the last 35 days can be restored.
 */
export class MarginTables extends Construct {
  readonly accounts: AnyTable;
  readonly market: AnyTable;
  readonly margin: AnyTable;

  constructor(scope: Construct, id: string, props: MarginTablesProps) {
    super(scope, id);
    const { given } = props;
    this.accounts = given.accounts ?? this.#durableTable('Accounts', TABLES.accounts, props);
    this.market = given.market ?? this.#durableTable('Market', TABLES.market, props);
    this.margin = given.margin ?? this.#durableTable('Margin', TABLES.margin, props);
  }

  #durableTable(id: string, definition: TableDefinition, props: MarginTablesProps): Table {
    const { partitionKey, sortKey, timeToLiveAttribute, sparseIndex } = definition;
    const { encryptionKey, isKept } = props;
    const table = new Table(this, id, {
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey: { name: sortKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: isKept,
      removalPolicy: isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
      ...(timeToLiveAttribute && { timeToLiveAttribute }),
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
